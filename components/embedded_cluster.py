"""The embedded cluster as a resource: created by `pulumi up`, deleted by `pulumi destroy`, and stored in the state."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from .devcluster.cluster import EmbeddedCluster as Runtime
from .devcluster.errors import DevClusterError
from .devcluster.kwok_config import UNRECORDED_VERSION

INPUTS = ("folder", "zones", "nodesPerZone", "apiPort", "kubernetes", "nodes", "images")
# Inputs that the state of an older program lacks.
_DEFAULTS = {"kubernetes": UNRECORDED_VERSION, "nodes": "simulated", "images": []}
_UPDATABLE = ("images",)  # a running cluster loads them


class EmbeddedClusterProvider(ResourceProvider):
    """Creates, updates and deletes embedded clusters. It has no attributes: the state stores it in pickled form."""

    serialize_as_secret_always = False  # it contains no secret, and every preview would show a secret as changed

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Create the cluster, or take over one that an interrupted run has created."""
        if _runtime(props).mismatch():  # it has other settings and is in no state: nothing else would delete it
            _runtime(props).delete()
        outputs = _start(props)
        return CreateResult(id_=f"embedded-{outputs['instance']}", outs=outputs)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Replace the cluster if an input other than the images differs. Update it if it is stopped or lacks images."""
        olds, news = {**_DEFAULTS, **_olds}, {**_DEFAULTS, **_news}
        changed = [key for key in INPUTS if olds.get(key) != news.get(key)]
        replaces = [key for key in changed if key not in _UPDATABLE]
        # A cluster that does not run is a difference, too: `up` restarts it.
        changes = bool(changed) or not _runtime(_olds).healthy()
        # Both would use the same directory, so the old cluster is deleted first.
        return DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Restart the cluster with its data, and load missing images."""
        return UpdateResult(outs=_start(_news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Return the cluster if it exists."""
        # An empty id means that the cluster is gone. A stopped cluster still has its data, and stays in the state.
        return ReadResult(id_, props) if _runtime(props).exists() else ReadResult("", {})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Stop the cluster's processes and remove its directory."""
        with _without_traceback():
            _runtime(_props).delete()


class EmbeddedCluster(Resource, module="local", name="EmbeddedCluster"):
    """An embedded cluster in a directory of this machine. A change of any input but ``images`` replaces it.

    ``nodes`` are ``simulated`` or ``real``. ``images`` are paths of image archives for real nodes.
    """

    kubeconfig: pulumi.Output[str]
    """Full access to the cluster, as a secret."""
    instance: pulumi.Output[str]
    """Identifies the cluster: another value whenever it is recreated."""

    def __init__(self, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"])
        merged = pulumi.ResourceOptions.merge(opts, secret)
        super().__init__(EmbeddedClusterProvider(), name, properties(inputs), merged)


def properties(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs (``INPUTS``) as the state stores them, and a placeholder for each output."""
    return {**{key: inputs[key] for key in INPUTS}, "kubeconfig": None, "instance": None}


def _runtime(props: dict[str, Any]) -> Runtime:
    inputs = {**_DEFAULTS, **props}
    return Runtime(
        Path(inputs["folder"]),
        list(inputs["zones"]),
        int(inputs["nodesPerZone"]),
        int(inputs["apiPort"]) or None,
        inputs["kubernetes"],
        log=lambda text: print(text, file=sys.stderr, flush=True),
        real_nodes=inputs["nodes"] == "real",
        images=tuple(Path(path) for path in inputs["images"]),
    )


def _start(props: dict[str, Any]) -> dict[str, Any]:
    runtime = _runtime(props)
    with _without_traceback():
        text = runtime.start()
        return {
            **{key: {**_DEFAULTS, **props}[key] for key in INPUTS},
            "kubeconfig": text,
            "instance": runtime.identity(),
        }


@contextmanager
def _without_traceback() -> Iterator[None]:
    """Let the process print errors of the cluster without a traceback."""
    try:
        yield
    except DevClusterError:
        sys.tracebacklimit = 0
        raise
