"""The provider that a cluster makes, for one of its own and for one of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import Cluster, FoundCluster
from components.inspection.access import ClusterAccess
from components.preflight import KnownCluster
from components.settings import ExistingCluster, LocalCluster
from tests.support.fake_engine import SECRET, SIGNATURE, Monitor

ACCESS = "kubeconfig of one context"
EMBEDDED = "dynamic/local:EmbeddedCluster"


def existing(monitor: Monitor, **more: Any) -> dict[str, Any]:
    args = ExistingCluster.model_validate(
        {"kind": "existing", "kubeconfig": "~/.kube/config", "context": "prod", **more}
    )
    opts = pulumi.ResourceOptions(protect=True)
    monitor.run(lambda: Cluster("cluster", args, found=known(args), opts=opts))
    return monitor.inputs("providers:kubernetes")


def known(args: ExistingCluster, *, force: bool = False) -> FoundCluster:
    access = ClusterAccess(ACCESS, args.context, args.identifier or args.context)
    return FoundCluster(KnownCluster(access), force=force)


def local(monitor: Monitor, folder: Path, **more: Any) -> dict[str, Any]:
    args = LocalCluster.model_validate({"kind": "local", **more})
    monitor.run(lambda: Cluster("cluster", args, found=FoundCluster(folder=str(folder))))
    return monitor.inputs("providers:kubernetes")


def plain(value: Any) -> Any:
    """A provider's inputs are JSON texts on the wire."""
    return value["value"] if isinstance(value, dict) and SIGNATURE in value else value


def test_existing(monitor: Monitor) -> None:
    provider = existing(monitor, zones=["a", "b"])
    assert provider["kubeconfig"] == {SIGNATURE: SECRET, "value": ACCESS}
    assert provider["context"] == "prod"
    assert provider["clusterIdentifier"] == "prod"
    assert not monitor.all(EMBEDDED)
    assert not monitor.one("providers:kubernetes").deletedWith
    request = monitor.one("providers:kubernetes")
    assert request.parent.endswith("ha-backend:index:Cluster::cluster")
    assert request.protect


def test_existing_with_an_identifier_of_its_own(monitor: Monitor) -> None:
    assert existing(monitor, identifier="constant")["clusterIdentifier"] == "constant"


@pytest.mark.parametrize("surroundings", ["", "true"])
def test_existing_objects_of_others_are_neither_taken_over_nor_forgotten(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch, surroundings: str
) -> None:
    for name in ("PULUMI_K8S_UPSERT_EXISTING_OBJECTS", "PULUMI_K8S_DELETE_UNREACHABLE"):
        if surroundings:
            monkeypatch.setenv(name, surroundings)
    provider = existing(monitor)
    for key in ("upsertExistingObjects", "deleteUnreachable"):
        assert provider.get(key) in (None, "false", False), f"{key} is on"


def test_only_for_a_backend_that_was_taken_over_our_fields_win_over_those_of_others(monitor: Monitor) -> None:
    assert "enablePatchForce" not in existing(monitor)
    monitor.requests.clear()
    args = ExistingCluster.model_validate({"kind": "existing", "kubeconfig": "~/.kube/config", "context": "prod"})
    monitor.run(lambda: Cluster("cluster", args, found=known(args, force=True)))
    assert monitor.inputs("providers:kubernetes")["enablePatchForce"] == "true"


def test_local(monitor: Monitor, tmp_path: Path) -> None:
    provider = local(monitor, tmp_path, zones=["a", "b"], nodesPerZone=2)
    assert provider["upsertExistingObjects"] == "true"
    assert provider["deleteUnreachable"] == "true"
    assert plain(provider["clusterIdentifier"]) == "uid-1"
    assert provider["kubeconfig"] == {SIGNATURE: SECRET, "value": "embedded kubeconfig"}
    assert not provider.get("context")
    inputs = monitor.inputs(EMBEDDED)
    assert (inputs["folder"], inputs["zones"], inputs["nodesPerZone"], inputs["apiPort"]) == (
        str(tmp_path),
        ["a", "b"],
        2,
        0,
    )
    assert monitor.one("providers:kubernetes").deletedWith == monitor.urn(monitor.one(EMBEDDED))
    assert list(monitor.one(EMBEDDED).additionalSecretOutputs) == ["kubeconfig"]
    assert monitor.one(EMBEDDED).parent.endswith("ha-backend:index:Cluster::cluster")


def test_a_port_for_the_api_server(monitor: Monitor, tmp_path: Path) -> None:
    local(monitor, tmp_path, apiPort=16443)
    assert monitor.inputs(EMBEDDED)["apiPort"] == 16443


def test_a_version_of_kubernetes(monitor: Monitor, tmp_path: Path) -> None:
    local(monitor, tmp_path, kubernetes="1.37")
    assert monitor.inputs(EMBEDDED)["kubernetes"] == "1.37"


def test_real_nodes_and_their_images(monitor: Monitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    local(monitor, tmp_path, nodes="real", images=["built/web.tar", "/data/db.tar"])
    inputs = monitor.inputs(EMBEDDED)
    assert (inputs["nodes"], inputs["images"]) == ("real", [str(tmp_path / "built" / "web.tar"), "/data/db.tar"])


def test_local_outputs(monitor: Monitor, tmp_path: Path) -> None:
    local(monitor, tmp_path)
    outputs = monitor.outputs[monitor.urn(monitor.one("index:Cluster"))]
    assert plain(outputs["identifier"]) == "uid-1"
    assert outputs["zones"] == ["zone-a", "zone-b", "zone-c"]
    assert outputs["kubeconfig"][SIGNATURE] == SECRET


def test_zones_and_nodes(monitor: Monitor, tmp_path: Path) -> None:
    found: list[tuple[list[str], int | None]] = []

    def keep(cluster: Cluster) -> None:
        found.append((list(cluster.facts.zones), cluster.facts.nodes))

    def program() -> None:
        ours = LocalCluster.model_validate({"kind": "local", "zones": ["a", "b"], "nodesPerZone": 3})
        keep(Cluster("one", ours, found=FoundCluster(folder=str(tmp_path))))
        two = ExistingCluster(kind="existing", kubeconfig="k", context="c", zones=["x", "y"])
        keep(Cluster("two", two, found=FoundCluster()))
        three = ExistingCluster(kind="existing", kubeconfig="k", context="c")
        keep(Cluster("three", three, found=FoundCluster()))

    monitor.run(program)
    assert found == [(["a", "b"], 6), (["x", "y"], None), ([], None)]
