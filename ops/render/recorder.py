"""Stands in for the engine while a program runs in this process, and records the Kubernetes objects that it is told of."""

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

_SIGNATURE = "4dabf18193072939515e22adb298388d"  # marks special values on Pulumi's wire; here those are secrets
GENERATED = "generated:"
_MANAGEMENT, _PROVIDER = "-management", "-provider"  # how the names of providers end, after their cluster's


class StandIn(MockMonitor):
    """Runs programs as the engine would. Nothing of them is left in this process when they have ended."""

    def __init__(self, answers: Mocks, stack: str) -> None:
        super().__init__(answers)
        self._stack = stack
        self._loops: set[asyncio.AbstractEventLoop] = set()
        self._context = contextvars.copy_context()  # where the SDK keeps what it is configured with

    def run(self, program: Callable[[], object]) -> None:
        """Runs a program to its end, everything it registered and what it gives back included."""
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
        """Answers the program, as the SDK asks."""
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        with suppress(RuntimeError):  # this thread has none
            self._loops.add(asyncio.get_event_loop())  # the SDK makes one a thread and leaves it open
        return answer


class _Results(Mocks):
    """Answers as the providers would: names for what the engine names, a placeholder for what is generated."""

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
        raise NotImplementedError(f"{args.token}: a rendering calls no provider")


class Recorder(StandIn):
    """Keeps the manifests of what a program registers, by cluster."""

    def __init__(self, stack: str) -> None:
        super().__init__(_Results(), stack)
        # By the logical name of the cluster, in the order in which these are made.
        self.clusters: list[str] = []
        self.manifests: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.management: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        """Answers the program, and keeps the manifest where there is one."""
        if request.custom and request.type.startswith("kubernetes:"):
            manifest = _plain(json_format.MessageToDict(request.object))
            manifest["metadata"]["name"] = manifest["metadata"].get("name") or _name(request.name, manifest)
            self._without_engine_words(manifest["metadata"])
            provider = request.provider.split("::")[-2] if "::" in request.provider else ""
            managing = provider.endswith(_MANAGEMENT)
            # Several clusters may share a provider of their management cluster; what makes one is below its component.
            cluster = request.parent.rpartition("::")[2] if managing else provider.removesuffix(_PROVIDER)
            self.clusters += [cluster] if cluster not in self.clusters else []
            if managing:
                self.management[cluster].append(manifest)
            else:
                self._keep(self.manifests[cluster], manifest, patch=request.type.endswith("Patch"))
        return super().RegisterResource(request)

    @staticmethod
    def _keep(there: list[dict[str, Any]], manifest: dict[str, Any], *, patch: bool) -> None:
        """A patch is no object of its own: it adds labels to one that is there by then."""
        if not patch:
            there.append(manifest)
            return
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        patched = next(each for each in there if each["kind"] == kind and each["metadata"]["name"] == name)
        patched["metadata"]["labels"] |= manifest["metadata"]["labels"]

    @staticmethod
    def _without_engine_words(metadata: dict[str, Any]) -> None:
        """Annotations that speak to the engine's provider say nothing to anybody else."""
        kept = {
            key: value for key, value in metadata.pop("annotations", {}).items() if not key.startswith("pulumi.com/")
        }
        if kept:
            metadata["annotations"] = kept


def _name(logical: str, content: dict[str, Any]) -> str:
    """What the engine would name at random is named by its content here: the same content has the same name."""
    body = {key: content.get(key) for key in ("data", "stringData", *(["spec"] if "spec" in content else []))}
    return f"{logical}-{hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:8]}"


def _plain(value: Any) -> Any:
    """Without the wire's wrapping of secrets, and with whole numbers as such (the wire knows only floating point)."""
    if isinstance(value, dict):
        if _SIGNATURE in value:
            return _plain(value["value"])
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
