"""The package's schema, made from the settings: each is described once, there, for stack files and for every language."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from components.settings import BackendSettings, ClusterSettings
from ops.provider import outputs, tokens
from ops.provider.types import Types
from ops.provider.version import version

Spec = dict[str, Any]

# What only a program can give: a stack file's one cluster needs no name.
_PLACE: dict[str, Spec] = {
    "cluster": {
        "$ref": f"#/resources/{tokens.CLUSTER}",
        "plain": True,
        "description": "The cluster to run on: a Cluster of the same program. Left out: that of the Kubernetes provider in the "
        "resource's options (`providers`); one of the two is needed, so that nothing runs wherever a kubeconfig "
        "happens to point.",
    },
    "kubeconfig": {
        "type": "string",
        "secret": True,
        "description": "The content of a kubeconfig whose current context is the cluster of the Kubernetes provider in the "
        "options; it may be an output. With it the cluster is asked what it is before anything is made, and an "
        "`up` is red where the running backend is not really highly available. Left out: nobody asks. A "
        "`cluster` brings its own.",
    },
}

# Go's generator puts the code into a folder without the dash of the package's name, and unasked imports it with one.
GO = "example.com/pulumi-ha-backend/sdk/go/habackend"


def schema() -> Spec:
    """The schema as the engine and the generators of SDKs take it."""
    types = Types(tokens.type_token)
    backend = BackendSettings.model_json_schema(by_alias=True)
    inputs = {**_PLACE, **types.properties(backend, backend, "Backend")}
    name = inputs["name"]  # a program has several backends, each with a name of its own
    name["description"] += f" Left out: the resource's own; a stack file's is `{name.pop('default')}`."
    resources = {
        tokens.CLUSTER: _component(
            "A Kubernetes cluster: an embedded one on this machine, made by `up` and removed by `destroy`, or one that "
            "somebody else runs. Give it to each backend on it as `cluster`.",
            _of_every_kind(types),
            ["kind"],
            outputs.CLUSTER,
        ),
        tokens.BACKEND: _component(
            "A web backend that stays up: pods, load balancer, autoscaler, disruption budget, network policies, quota, "
            "configuration and secrets. Settings under which `survive` could not hold are refused, all at once and before "
            "anything is made, and an `up` is red when the running backend does not keep its promise.",
            inputs,
            backend["required"],
            outputs.BACKEND,
        ),
    }
    return {
        "name": tokens.PACKAGE,
        "displayName": "Highly available backend",
        "version": version(),
        "description": "A highly available backend on Kubernetes, and the cluster it runs on.",
        "keywords": ["pulumi", "kubernetes", "high-availability", "kind/component", "category/infrastructure"],
        "license": "Apache-2.0",
        "language": {
            **{name: {"respectSchemaVersion": True} for name in ("nodejs", "python", "csharp")},
            "go": {"respectSchemaVersion": True, "importBasePath": GO},
        },
        "types": {**types.found, **outputs.TYPES},
        "resources": resources,
    }


def _component(description: str, inputs: dict[str, Spec], required: list[str], given: dict[str, Spec]) -> Spec:
    return {
        "isComponent": True,
        "description": description,
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": given,
        "required": sorted(name for name in given if name not in outputs.OPTIONAL),
    }


def _of_every_kind(types: Types) -> dict[str, Spec]:
    """One flat set of inputs for every kind of cluster: a description says which kind it is for.

    Without defaults: an SDK would send them, also to a kind that does not know them.
    """
    whole = TypeAdapter(ClusterSettings).json_schema(by_alias=True)
    kinds: dict[str, str] = {}
    told: dict[str, list[str]] = {}
    found: dict[str, Spec] = {}
    for node in whole["oneOf"]:
        member = whole["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        settings = dict(member["properties"])
        kind = settings.pop("kind")["const"]
        kinds[kind] = member["description"]
        required = member["required"]
        for name, spec in types.properties(whole, {"properties": settings}, "Cluster", constants=False).items():
            needed = "required" if name in required else "optional"
            told.setdefault(name, []).append(f"For kind `{kind}`, {needed}: {spec['description']}")
            found.setdefault(name, spec)
    each = " ".join(f"`{kind}`: {text}" for kind, text in kinds.items())
    kind_spec = types.enum("ClusterKind", f"What the cluster is. {each}", kinds)
    return {"kind": kind_spec, **{name: {**spec, "description": " ".join(told[name])} for name, spec in found.items()}}
