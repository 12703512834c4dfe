"""Stands in for the engine while a program runs in this process, and records its Kubernetes objects."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pulumi
from google.protobuf import json_format
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks

_SIGNATURE = "4dabf18193072939515e22adb298388d"  # marks special values in Pulumi's protocol; here those are secrets
GENERATED = "generated:"
_MANAGEMENT, _PROVIDER = "-management", "-provider"  # suffixes of the names of providers, after the cluster's name


class StandIn(MockMonitor):
    """Runs programs as the engine would. Leaves nothing of them in this process."""

    def __init__(self, answers: Mocks, stack: str) -> None:
        super().__init__(answers)
        self._stack = stack
        self._loops: set[asyncio.AbstractEventLoop] = set()
        self._context = contextvars.copy_context()  # the SDK keeps its configuration there

    def run(self, program: Callable[[], object]) -> None:
        """Run a program until everything that it registered, and its result, is complete."""
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            self._context.run(
                pulumi.runtime.set_mocks,
                self.mocks,
                project="ha-backend",
                stack=self._stack,
                preview=False,
                monitor=self,
            )
            self._context.run(pulumi.runtime.test(program))  # type: ignore[no-untyped-call]
        finally:
            for used in {loop, *self._loops}:
                used.close()
            self._loops.clear()
            asyncio.set_event_loop(None)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the name is gRPC's)
        """Register a resource."""
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        with suppress(RuntimeError):  # this thread has no loop
            self._loops.add(asyncio.get_event_loop())  # the SDK creates one per thread and leaves it open
        return answer


class _Results(Mocks):
    """Answers as the providers would: names for unnamed objects, placeholders for generated values."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        state = _plain(dict(args.inputs))
        if args.typ.startswith("kubernetes:") and "metadata" in state:
            state["metadata"] = {"name": _name(args.name, state), **state["metadata"]}
        elif args.typ == "random:index/randomPassword:RandomPassword":
            state["result"] = f"{GENERATED}{int(state['length'])}:{args.name}:{state['keepers']['rotation']}"
        elif args.typ.endswith(":EmbeddedCluster"):
            state |= {"kubeconfig": "rendered", "instance": "rendered"}
        return f"{args.name}-id", state

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError(f"{args.token}: a rendering calls no functions")


class Recorder(StandIn):
    """Records the manifests of a program, by cluster."""

    def __init__(self, stack: str) -> None:
        super().__init__(_Results(), stack)
        # By the logical name of the cluster, in the order of registration.
        self.clusters: list[str] = []
        self.manifests: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.management: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """Register a resource, and record its manifest if it is a Kubernetes object."""
        if request.custom and request.type.startswith("kubernetes:"):
            manifest = _plain(json_format.MessageToDict(request.object))
            manifest["metadata"]["name"] = manifest["metadata"].get("name") or _name(request.name, manifest)
            self._drop_engine_annotations(manifest["metadata"])
            provider = request.provider.split("::")[-2] if "::" in request.provider else ""
            on_management = provider.endswith(_MANAGEMENT)
            # Clusters may share the provider of their management cluster. Their objects are below their component.
            cluster = request.parent.rpartition("::")[2] if on_management else provider.removesuffix(_PROVIDER)
            self.clusters += [cluster] if cluster not in self.clusters else []
            if on_management:
                self.management[cluster].append(manifest)
            else:
                self._record(self.manifests[cluster], manifest, patch=request.type.endswith("Patch"))
        return super().RegisterResource(request)

    @staticmethod
    def _record(manifests: list[dict[str, Any]], manifest: dict[str, Any], *, patch: bool) -> None:
        """Add a manifest. A patch is not an object: it adds labels to an earlier one."""
        if not patch:
            manifests.append(manifest)
            return
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        patched = next(each for each in manifests if each["kind"] == kind and each["metadata"]["name"] == name)
        patched["metadata"]["labels"] |= manifest["metadata"]["labels"]

    @staticmethod
    def _drop_engine_annotations(metadata: dict[str, Any]) -> None:
        """Remove the annotations that only Pulumi's provider reads."""
        kept = {
            key: value for key, value in metadata.pop("annotations", {}).items() if not key.startswith("pulumi.com/")
        }
        if kept:
            metadata["annotations"] = kept


def _name(logical: str, content: dict[str, Any]) -> str:
    """Name an object by its content, where the engine would add random characters."""
    body = {key: content.get(key) for key in ("data", "stringData", *(["spec"] if "spec" in content else []))}
    return f"{logical}-{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:8]}"


def _plain(value: Any) -> Any:
    """Unwrap secrets, and turn floating point into integers: the protocol has no integers."""
    if isinstance(value, dict):
        if _SIGNATURE in value:
            return _plain(value["value"])
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
