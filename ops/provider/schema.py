"""The package's schema, generated from the settings: they are described once, for stack files and all languages."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from components.settings import BackendSettings, ClusterSettings
from ops.provider import outputs, tokens
from ops.provider.types import Types
from ops.provider.version import version

Spec = dict[str, Any]

# Only a program sets these: a stack file has one cluster.
_CLUSTER_INPUTS: dict[str, Spec] = {
    "cluster": {
        "$ref": f"#/resources/{tokens.CLUSTER}",
        "plain": True,
        "description": "The cluster to run on: a Cluster of the same program. Omitted: the cluster of the Kubernetes "
        "provider in the resource's options (`providers`). One of the two is required: the current context of a "
        "kubeconfig is never used.",
    },
    "kubeconfig": {
        "type": "string",
        "secret": True,
        "description": "The content of a kubeconfig whose current context is the cluster of the Kubernetes provider "
        "in the options. It may be an output. With it, the cluster is inspected before anything is created, and an "
        "`up` fails unless the running backend meets its promise. Omitted: neither. A `cluster` brings its own.",
    },
}

# Go's generator omits the dash of the package's name from the directory, but not from the default import path.
GO = "example.com/pulumi-ha-backend/sdk/go/habackend"


def schema() -> Spec:
    """Return the schema for the engine and the SDK generators."""
    types = Types(tokens.type_token)
    backend = BackendSettings.model_json_schema(by_alias=True)
    inputs = {**_CLUSTER_INPUTS, **types.properties(backend, backend, "Backend")}
    name = inputs["name"]  # a program has several backends
    name["description"] += f" Omitted: the name of the resource; in a stack file, `{name.pop('default')}`."
    resources = {
        tokens.CLUSTER: _component(
            "A Kubernetes cluster: an embedded one on this machine, created by `up` and deleted by `destroy`, one that "
            "Cluster API creates, or an existing one. Pass it to each backend on it as `cluster`.",
            _of_every_kind(types),
            ["kind"],
            outputs.CLUSTER,
        ),
        tokens.BACKEND: _component(
            "A web backend that stays up: pods, load balancer, autoscaler, disruption budget, network policies, quota, "
            "configuration and secrets. Settings under which `survive` cannot hold are rejected together, before "
            "anything is created, and an `up` fails if the running backend does not meet its promise.",
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


def _component(description: str, inputs: dict[str, Spec], required: list[str], properties: dict[str, Spec]) -> Spec:
    return {
        "isComponent": True,
        "description": description,
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": properties,
        "required": sorted(name for name in properties if name not in outputs.OPTIONAL),
    }


def _of_every_kind(types: Types) -> dict[str, Spec]:
    """Return one flat set of inputs for all kinds of cluster. Descriptions name the kinds that an input is for.

    It has no defaults: an SDK would send them to kinds that do not have the input.
    """
    whole = TypeAdapter(ClusterSettings).json_schema(by_alias=True)
    kinds: dict[str, str] = {}
    descriptions: dict[str, list[str]] = {}
    inputs: dict[str, Spec] = {}
    for node in whole["oneOf"]:
        member = whole["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        settings = dict(member["properties"])
        kind = settings.pop("kind")["const"]
        kinds[kind] = member["description"]
        required = member["required"]
        for name, spec in types.properties(whole, {"properties": settings}, "Cluster", constants=False).items():
            status = "required" if name in required else "optional"
            descriptions.setdefault(name, []).append(f"For kind `{kind}`, {status}: {spec['description']}")
            inputs.setdefault(name, spec)
    each = " ".join(f"`{kind}`: {text}" for kind, text in kinds.items())
    kind_spec = types.enum("ClusterKind", f"The kind of cluster. {each}", kinds)
    return {
        "kind": kind_spec,
        **{name: {**spec, "description": " ".join(descriptions[name])} for name, spec in inputs.items()},
    }
