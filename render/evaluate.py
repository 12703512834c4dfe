"""Runs the program in this process against a monitor that records, and gives the Kubernetes objects in apply order."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import json
import os
import runpy
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
from google.protobuf import json_format
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks

from program import stackfile
from program.configuration import RENDERING

_SIGNATURE = "4dabf18193072939515e22adb298388d"  # marks special values on Pulumi's wire; here those are secrets
# What others refer to comes before what refers to it; kinds without a place go last.
_ORDER = ["Namespace", "LimitRange", "ResourceQuota", "NetworkPolicy", "ServiceAccount", "ConfigMap", "Secret", "Service",
          "Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler", "ClusterClass", "Cluster"]
GENERATED = "generated:"
MANAGEMENT, _PROVIDER = "-management", "-provider"  # how the names of providers end, after their cluster's


@dataclass(frozen=True)
class Rendered:
    """What a program would apply. Generated values in Secrets are placeholders that start with ``generated:``.

    ``management``: what of it is on the management cluster, where Cluster API is to make the cluster of the rest.
    """

    manifests: list[dict[str, Any]]
    management: list[dict[str, Any]]
    places: Mapping[str, Rendered] = field(default_factory=dict)
    """The same by placement, where there are several clusters."""


def evaluate(project: Path, stack: str, file: Path | None = None) -> Rendered:
    """Evaluates the program of a project for one stack, whose file may be elsewhere.

    Raises StackFileError, or pulumi.RunError as the program does.
    """
    config, secret_keys = stackfile.config(project, stack, file)
    recorder = _Recorder()
    with _environment(PULUMI_CONFIG=json.dumps(config), PULUMI_CONFIG_SECRET_KEYS=json.dumps(secret_keys), **{RENDERING: "1"}):
        # The SDK keeps what it was configured with in the context: so nothing of it is left.
        contextvars.copy_context().run(_run, project, stack, recorder)
    each = {cluster: Rendered(_ranked(recorder.manifests[cluster]), _ranked(recorder.management[cluster]))
            for cluster in recorder.clusters}
    if len(each) == 1:
        return next(iter(each.values()))
    sites = stackfile.settings(project, stack, file).sites if each else ()
    places = {site.name: each[f"{site.distinct}-cluster" if site.distinct else "cluster"] for site in sites}
    return Rendered([one for place in places.values() for one in place.manifests],
                    [one for place in places.values() for one in place.management], places)


def _ranked(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda m: (_rank(m["kind"]), m["metadata"]["name"]))


def _run(project: Path, stack: str, recorder: _Recorder) -> None:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    pulumi.runtime.set_mocks(recorder.mocks, project="ha-backend", stack=stack, preview=False, monitor=recorder)
    try:
        async def program() -> None:
            # There is no stack here that could have outputs, or that would await what the program runs.
            with mock.patch.object(pulumi, "export"), mock.patch.object(pulumi, "run") as begun:
                runpy.run_path(str(project / "__main__.py"), run_name="__main__")
                for call in begun.call_args_list:
                    await call.args[0]()

        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    finally:
        for used in {loop, *recorder.loops}:
            used.close()
        asyncio.set_event_loop(None)


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


class _Recorder(MockMonitor):
    def __init__(self) -> None:
        super().__init__(_Results())
        # By the logical name of the cluster, in the order in which these are made.
        self.clusters: list[str] = []
        self.manifests: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.management: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.loops: set[asyncio.AbstractEventLoop] = set()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the name is gRPC's)
        if request.custom and request.type.startswith("kubernetes:"):
            manifest = _plain(json_format.MessageToDict(request.object))
            manifest["metadata"]["name"] = manifest["metadata"].get("name") or _name(request.name, manifest)
            self._without_engine_words(manifest["metadata"])
            provider = request.provider.split("::")[-2] if "::" in request.provider else ""
            managing = provider.endswith(MANAGEMENT)
            # Several clusters may share a provider of their management cluster; what makes one is below its component.
            cluster = request.parent.rpartition("::")[2] if managing else provider.removesuffix(_PROVIDER)
            self.clusters += [cluster] if cluster not in self.clusters else []
            if managing:
                self.management[cluster].append(manifest)
            else:
                self._keep(self.manifests[cluster], manifest, patch=request.type.endswith("Patch"))
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        with suppress(RuntimeError):  # this thread has none
            self.loops.add(asyncio.get_event_loop())  # the SDK makes one a thread and leaves it open
        return answer

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
        kept = {key: value for key, value in metadata.pop("annotations", {}).items() if not key.startswith("pulumi.com/")}
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


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else -1 if kind.endswith("Template") else len(_ORDER)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value
