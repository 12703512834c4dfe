"""The embedded cluster as a resource: made by `pulumi up`, removed by `pulumi destroy`, in the state like any other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from .devcluster.cluster import EmbeddedCluster as Runtime
from .devcluster.errors import LocalError
from .devcluster.kwok_config import UNSTATED

INPUTS = ("folder", "zones", "nodesPerZone", "apiPort", "kubernetes", "nodes", "images")
_BEFORE = {
    "kubernetes": UNSTATED,
    "nodes": "simulated",
    "images": [],
}  # what the state of an older program does not hold
_TAKEN_IN = ("images",)  # by a cluster that runs


class EmbeddedClusterProvider(ResourceProvider):
    """Carries the engine's verbs over to the embedded cluster. Holds nothing itself, so that its stored form is constant."""

    serialize_as_secret_always = False  # no secret in it; otherwise every preview would show it as changed

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Makes the cluster, or takes over one that an interrupted run has made."""
        if _runtime(props).other():  # with other settings then: it is in no state, so nothing else would remove it
            _runtime(props).delete()
        outputs = _started(props)
        return CreateResult(id_=f"embedded-{outputs['instance']}", outs=outputs)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Inputs that differ replace it, but for images; one that does not run, or lacks an image, is to be started."""
        olds, news = {**_BEFORE, **_olds}, {**_BEFORE, **_news}
        differ = [key for key in INPUTS if olds.get(key) != news.get(key)]
        replaces = [key for key in differ if key not in _TAKEN_IN]
        # A cluster that does not run is a difference too: `up` starts it again.
        changes = bool(differ) or not _runtime(_olds).healthy()
        # Both would use the same folder, so the old one goes first.
        return DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Starts it again with its data, and gives it the images that it has not."""
        return UpdateResult(outs=_started(_news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Whether it is still there."""
        # An empty id tells the engine that it is gone. One that is merely stopped still has its data, and stays.
        return ReadResult(id_, props) if _runtime(props).exists() else ReadResult("", {})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Ends its processes and removes its folder."""
        with _told():
            _runtime(_props).delete()


class EmbeddedCluster(Resource, module="local", name="EmbeddedCluster"):
    """An embedded cluster in a folder of this machine. Any change of its inputs but ``images`` replaces it.

    ``nodes`` are ``simulated`` or ``real``; ``images`` are paths of archives for real ones.
    """

    kubeconfig: pulumi.Output[str]
    """Full access to it, as a secret."""
    instance: pulumi.Output[str]
    """Its identity: another one whenever the cluster is made anew."""

    def __init__(
        self,
        name: str,
        *,
        folder: str,
        zones: list[str],
        nodes_per_zone: int,
        api_port: int | None,
        kubernetes: str,
        nodes: str,
        images: list[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = properties(
            folder=folder,
            zones=zones,
            nodes_per_zone=nodes_per_zone,
            api_port=api_port,
            kubernetes=kubernetes,
            nodes=nodes,
            images=images,
        )
        secret = pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"])
        super().__init__(EmbeddedClusterProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))


def properties(
    *,
    folder: str,
    zones: list[str],
    nodes_per_zone: int,
    api_port: int | None,
    kubernetes: str,
    nodes: str,
    images: list[str],
) -> dict[str, Any]:
    """The resource's inputs as the engine keeps them, and a place for each output."""
    return {
        "folder": folder,
        "zones": zones,
        "nodesPerZone": nodes_per_zone,
        "apiPort": api_port or 0,
        "kubernetes": kubernetes,
        "nodes": nodes,
        "images": images,
        "kubeconfig": None,
        "instance": None,
    }


def _runtime(props: dict[str, Any]) -> Runtime:
    given = {**_BEFORE, **props}
    return Runtime(
        Path(given["folder"]),
        list(given["zones"]),
        int(given["nodesPerZone"]),
        int(given["apiPort"]) or None,
        given["kubernetes"],
        log=lambda text: print(text, file=sys.stderr, flush=True),
        real=given["nodes"] == "real",
        images=tuple(Path(path) for path in given["images"]),
    )


def _started(props: dict[str, Any]) -> dict[str, Any]:
    runtime = _runtime(props)
    with _told():
        text = runtime.start()
        return {
            **{key: {**_BEFORE, **props}[key] for key in INPUTS},
            "kubeconfig": text,
            "instance": runtime.identity(),
        }


@contextmanager
def _told() -> Iterator[None]:
    """This process prints what it raises: the message, without the frames."""
    try:
        yield
    except LocalError:
        sys.tracebacklimit = 0
        raise
