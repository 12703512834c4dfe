"""Check what the dynamic provider does with an embedded cluster, without a cluster."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components import embedded_cluster
from components.devcluster.errors import DevClusterError
from components.embedded_cluster import EmbeddedClusterProvider

INPUTS: dict[str, Any] = {
    "folder": "/nowhere",
    "zones": ["a", "b"],
    "nodesPerZone": 1,
    "apiPort": 0,
    "kubernetes": "1.36",
    "nodes": "simulated",
    "images": [],
}
OUTPUTS = {**INPUTS, "kubeconfig": "k", "instance": "uid"}


class Runtime:
    """A cluster in a given state. It records the calls."""

    here, runs, error = True, True, ""
    differs: str | None = None
    calls: list[tuple[Any, ...]]

    def __init__(
        self,
        folder: Path,
        zones: list[str],
        nodes_per_zone: int,
        api_port: int | None,
        kubernetes: str,
        log: Callable[[str], None],
        real_nodes: bool,
        images: tuple[Path, ...],
    ) -> None:
        self.calls.append((folder, zones, nodes_per_zone, api_port, kubernetes, real_nodes, images))

    def exists(self) -> bool:
        return self.here

    def mismatch(self) -> str | None:
        return self.differs

    def healthy(self) -> bool:
        return self.here and self.runs

    def start(self) -> str:
        if self.error:
            raise DevClusterError(self.error)
        return "fresh kubeconfig"

    def identity(self) -> str:
        return "uid"

    def delete(self) -> None:
        self.calls.append(("deleted",))


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> type[Runtime]:
    kind = type("Runtime", (Runtime,), {"calls": []})
    monkeypatch.setattr(embedded_cluster, "Runtime", kind)
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    return kind


def test_healthy_and_the_same(runtime: type[Runtime]) -> None:
    found = EmbeddedClusterProvider().diff("id", OUTPUTS, INPUTS)
    assert (found.changes, found.replaces) == (False, [])


def test_numbers_come_back_from_json_as_floats(runtime: type[Runtime]) -> None:
    found = EmbeddedClusterProvider().diff("id", {**OUTPUTS, "nodesPerZone": 1.0, "apiPort": 0.0}, INPUTS)
    assert (found.changes, found.replaces) == (False, [])
    folder, zones, per_zone, *rest = runtime.calls[0]
    assert (folder, zones, per_zone, *rest) == (Path("/nowhere"), ["a", "b"], 1, None, "1.36", False, ())
    assert type(per_zone) is int


def test_a_stopped_cluster_is_started_and_not_replaced(runtime: type[Runtime]) -> None:
    runtime.runs = False
    found = EmbeddedClusterProvider().diff("id", OUTPUTS, INPUTS)
    assert (found.changes, found.replaces) == (True, [])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("zones", ["a"]),
        ("zones", ["b", "a"]),
        ("nodesPerZone", 2),
        ("apiPort", 16443),
        ("folder", "/elsewhere"),
        ("kubernetes", "1.37"),
        ("nodes", "real"),
    ],
)
def test_another_input_replaces_it(runtime: type[Runtime], key: str, value: object) -> None:
    found = EmbeddedClusterProvider().diff("id", OUTPUTS, {**INPUTS, key: value})
    assert (found.changes, found.replaces, found.delete_before_replace) == (True, [key], True)


def test_other_images_update_the_cluster(runtime: type[Runtime]) -> None:
    olds, news = {**OUTPUTS, "nodes": "real"}, {**INPUTS, "nodes": "real", "images": ["/a.tar"]}
    found = EmbeddedClusterProvider().diff("id", olds, news)
    assert (found.changes, found.replaces) == (True, [])
    assert (EmbeddedClusterProvider().update("id", olds, news).outs or {})["images"] == ["/a.tar"]
    assert runtime.calls[-1][-2:] == (True, (Path("/a.tar"),))


@pytest.mark.parametrize("missing", [("kubernetes",), ("nodes", "images"), ("kubernetes", "nodes", "images")])
def test_the_state_of_an_older_program(runtime: type[Runtime], missing: tuple[str, ...]) -> None:
    older = {key: value for key, value in OUTPUTS.items() if key not in missing}
    provider = EmbeddedClusterProvider()
    same, other = provider.diff("id", older, INPUTS), provider.diff("id", older, {**INPUTS, "kubernetes": "1.37"})
    assert (same.changes, same.replaces) == (False, [])
    assert (other.changes, other.replaces) == (True, ["kubernetes"])
    assert (provider.read("id", older).id, provider.read("id", older).outs) == ("id", older)
    provider.delete("id", older)
    assert {calls[4:] for calls in runtime.calls[:-1]} == {("1.36", False, ())}
    assert runtime.calls[-1] == ("deleted",)


def test_a_cluster_that_is_gone_has_an_empty_id(runtime: type[Runtime]) -> None:
    runtime.here = False
    found = EmbeddedClusterProvider().read("id", OUTPUTS)
    assert found.id == ""


def test_stopped_is_not_gone(runtime: type[Runtime]) -> None:
    runtime.runs = False
    found = EmbeddedClusterProvider().read("id", OUTPUTS)
    assert (found.id, found.outs) == ("id", OUTPUTS)


def test_create(runtime: type[Runtime]) -> None:
    found = EmbeddedClusterProvider().create({**INPUTS, "apiPort": 16443.0, "kubeconfig": None, "instance": None})
    assert found.id == "embedded-uid"
    assert found.outs == {**OUTPUTS, "apiPort": 16443, "kubeconfig": "fresh kubeconfig"}
    assert runtime.calls[0][3] == 16443


def test_a_cluster_of_an_interrupted_run_is_taken_over_unless_it_differs(runtime: type[Runtime]) -> None:
    EmbeddedClusterProvider().create(INPUTS)
    assert ("deleted",) not in runtime.calls
    runtime.differs = "runs Kubernetes 1.35, and 1.36 is configured"
    assert (EmbeddedClusterProvider().create(INPUTS).outs or {})["kubernetes"] == "1.36"
    assert ("deleted",) in runtime.calls


def test_update_starts_it(runtime: type[Runtime]) -> None:
    assert EmbeddedClusterProvider().update("id", OUTPUTS, INPUTS).outs == {**OUTPUTS, "kubeconfig": "fresh kubeconfig"}


def test_delete(runtime: type[Runtime]) -> None:
    EmbeddedClusterProvider().delete("id", OUTPUTS)
    assert runtime.calls[-1] == ("deleted",)


def test_a_failure_has_no_traceback(runtime: type[Runtime]) -> None:
    runtime.error = "port 16443 is taken"
    with pytest.raises(DevClusterError, match="port 16443 is taken"):
        EmbeddedClusterProvider().create(INPUTS)
    assert sys.tracebacklimit == 0
