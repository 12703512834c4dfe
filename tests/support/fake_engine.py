"""A stand-in for the engine that records every request of a program, as the engine would receive it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pulumi
from google.protobuf import json_format

from components import HighlyAvailableBackend
from components.settings import BackendSettings
from ops.render.recorder import StandIn

SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
IMAGE = "ghcr.io/stefanprodan/podinfo:6.9.2"
ADDRESS = "192.0.2.10"


class Recorder(pulumi.runtime.Mocks):
    """Returns the outputs that the providers would compute."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        state = dict(args.inputs)
        if args.typ.startswith("kubernetes:"):
            given = state.get("metadata") or {}
            state["metadata"] = {**given, "name": given.get("name") or f"{args.name}-abc12345"}
        if args.typ == "kubernetes:core/v1:Service":
            state["status"] = {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}
        if args.typ == "random:index/randomPassword:RandomPassword":
            state["result"] = f"generated for {args.name}"
        if args.typ.endswith(":EmbeddedCluster"):
            state |= {"kubeconfig": "embedded kubeconfig", "instance": "uid-1"}
        return f"{args.name}-id", state

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, None


class Monitor(StandIn):
    """Keeps the requests themselves: options such as parent, protect and ignoreChanges never reach Pulumi's Mocks."""

    def __init__(self) -> None:
        super().__init__(Recorder(), "test")
        self.requests: list[Any] = []
        self.outputs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        response = super().RegisterResource(request)
        if request.type == "pulumi:pulumi:Stack":  # registered by the SDK, not by the program
            return response
        with self._lock:
            self.requests.append(request)
        state = json_format.MessageToDict(response.object)
        for key in request.additionalSecretOutputs:  # the engine marks these as secret; Mocks do not
            if key in state:
                response.object[key] = {SIGNATURE: SECRET, "value": state[key]}
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        with self._lock:
            self.outputs[request.urn] = json_format.MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def all(self, suffix: str) -> list[Any]:
        """Return the requests for a type, such as ``apps/v1:Deployment``."""
        return [request for request in self.requests if request.type.endswith(f":{suffix}")]

    def one(self, suffix: str) -> Any:
        """Return the only request for a type."""
        requests = self.all(suffix)
        assert len(requests) == 1, f"{len(requests)} of {suffix} among {sorted(r.type for r in self.requests)}"
        return requests[0]

    def inputs(self, suffix: str) -> dict[str, Any]:
        """Return the inputs of the only resource of a type. A secret is a mapping with SIGNATURE."""
        return dict(json_format.MessageToDict(self.one(suffix).object))

    def urn(self, request: Any) -> str:
        return self._context.run(self.make_urn, request.parent, request.type, request.name)

    def make(self, *, opts: pulumi.ResourceOptions | None = None, **settings: Any) -> Monitor:
        """Register a backend with an image and these settings, keyed as in a stack file."""
        validated = backend(**settings)
        self.run(lambda: HighlyAvailableBackend(validated.name, validated, opts=opts))
        return self

    def pod(self) -> dict[str, Any]:
        """Return the pod spec of the Deployment."""
        return dict(self.inputs("apps/v1:Deployment")["spec"]["template"]["spec"])

    def container(self) -> dict[str, Any]:
        (only,) = self.pod()["containers"]
        return dict(only)


def backend(**more: Any) -> BackendSettings:
    """Return the settings of a backend with an image and these keys, as in a stack file."""
    return BackendSettings.model_validate({"image": IMAGE, **more})


def selectors(value: Any) -> Iterator[dict[str, str]]:
    """Yield every mapping of labels that selects something, at any depth of an object."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("matchLabels", "selector") and all(isinstance(each, str) for each in inner.values()):
                yield inner
            yield from selectors(inner)
    elif isinstance(value, list):
        for entry in value:
            yield from selectors(entry)
