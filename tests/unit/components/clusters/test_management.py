"""What is refused before anything is made from a management cluster, all of it at once, and in which words."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.clusters import management
from components.clusters.topology import blueprint
from components.inspection.client import InspectionError
from components.preflight import LookUp, PreflightError
from components.settings import ClusterApiCluster
from tests.support.cluster_api import cluster, secret, seen
from tests.unit.components.preflight.test_preflight import config

CLUSTERS = "/apis/cluster.x-k8s.io/v1beta2/namespaces/default/clusters"
CLASSES = "/apis/cluster.x-k8s.io/v1beta2/namespaces/default/clusterclasses"
NOT_THERE, HIDDEN = object(), object()


class Management:
    """Has everything, but for what a test says of a path."""

    def __init__(self, wanted: ClusterApiCluster, said: dict[str, Any], against: str | None) -> None:
        self.against, self.tried = against, False
        templates = blueprint(wanted).templates.values()
        self.answers: dict[str, Any] = {
            f"/apis/{version}": {
                "resources": [{"kind": each.kind} for each in templates if each.api_version == version]
            }
            for version in {each.api_version for each in templates}
        }
        self.answers |= {"/apis/cluster.x-k8s.io/v1beta2": {}, f"{CLUSTERS}/shop": NOT_THERE, **said}

    def get_if_permitted(self, path: str) -> Any:
        found = self.answers.get(path, {})
        if isinstance(found, Exception):
            raise found
        return None if found in (NOT_THERE, HIDDEN) else found

    def exists(self, path: str) -> bool | None:
        found = self.answers.get(path, {})
        return None if found is HIDDEN else found is not NOT_THERE

    def dry_run_create(self, path: str, content: dict[str, Any]) -> str | None:
        assert (path, content["kind"]) == (CLUSTERS, "Cluster")
        self.tried = True
        return self.against


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        path = tmp_path / "management"
        path.write_text(yaml.safe_dump(config(f"https://127.0.0.1:{server.getsockname()[1]}")))
        yield path


@pytest.fixture
def looked(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def look(
        cloud: str = "development", said: dict[str, Any] | None = None, against: str | None = None, **different: Any
    ) -> Any:
        wanted = cluster(cloud, management={"kubeconfig": str(kubeconfig), "context": "prod"}, **different)
        client = Management(wanted, said or {}, against)
        monkeypatch.setattr(management, "Client", lambda *_: client)
        found = management.look_up(wanted, LookUp())
        assert client.tried is (found.known is None and f"{CLUSTERS}/shop" not in (said or {}))
        return found

    return look


def refused(looked: Any, *given: Any, **more: Any) -> list[str]:
    with pytest.raises(PreflightError) as caught:
        looked(*given, **more)
    return str(caught.value).splitlines()


def test_one_that_is_to_be_made_has_no_way_yet(looked: Any) -> None:
    for cloud in ("aws", "google", "azure", "development"):
        assert looked(cloud).known is None


def test_a_management_cluster_that_is_not_there() -> None:
    with pytest.raises(PreflightError, match=r"ha-backend:cluster.management.kubeconfig: .* cannot be read"):
        management.look_up(cluster(), LookUp())


def test_one_without_cluster_api(looked: Any) -> None:
    (line,) = refused(looked, "google", {"/apis/cluster.x-k8s.io/v1beta2": NOT_THERE})
    assert line.startswith("ha-backend:cluster.management: there is no cluster.x-k8s.io/v1beta2 on context 'prod'")
    assert "CLUSTER_TOPOLOGY=true clusterctl init --infrastructure gcp" in line


def test_all_that_is_absent_is_told_at_once(looked: Any) -> None:
    lines = refused(
        looked,
        "azure",
        {"/api/v1/namespaces/default": NOT_THERE, "/api/v1/namespaces/default/secrets/account": NOT_THERE},
    )
    assert [line.partition(": ")[0].strip() for line in lines[1:]] == [
        "ha-backend:cluster.namespace",
        "ha-backend:cluster.azure.credentials",
    ]
    (_, line) = refused(
        looked,
        "aws",
        {"/apis/infrastructure.cluster.x-k8s.io/v1beta2/awsclustercontrolleridentities/default": NOT_THERE},
    )
    assert "cluster.aws.identityName: there is no AWSClusterControllerIdentity 'default'" in line


def test_a_provider_that_is_not_installed(looked: Any) -> None:
    (_, line) = refused(looked, "aws", {"/apis/infrastructure.cluster.x-k8s.io/v1beta2": {"resources": []}})
    assert "cluster.aws: the management cluster does not know AWSMachineTemplate (infrastructure" in line
    assert "AWSManagedClusterTemplate" in line and "clusterctl init --infrastructure aws" in line


def test_what_may_not_be_seen_is_left_to_the_api_server(looked: Any) -> None:
    assert looked("azure", {"/api/v1/namespaces/default/secrets/account": HIDDEN, "/api/v1/namespaces/default": HIDDEN})


def test_a_class_that_lacks_something(looked: Any) -> None:
    there = {
        "items": [
            {
                "metadata": {"name": "ours"},
                "spec": {"workers": {"machineDeployments": [{"class": "small"}]}, "variables": [{"name": "region"}]},
            }
        ]
    }
    (_, line) = refused(looked, "aws", {CLASSES: there}, clusterClass={"name": "our"})
    assert "cluster.clusterClass.name: there is no ClusterClass 'our' in namespace 'default'; there: ours" in line
    lines = refused(looked, "aws", {CLASSES: there}, clusterClass={"name": "ours", "variables": {"regio": "x"}})
    assert "no class 'default-worker' among its machineDeployments; there: small" in lines[1]
    assert "variables.regio: 'ours' declares no such variable; there: region" in lines[2]
    looked("aws", {CLASSES: there}, clusterClass={"name": "ours", "workers": "small", "variables": {"region": "x"}})


@pytest.mark.parametrize(
    ("running", "wanted", "text"),
    [
        ("v1.36.3", "1.36.2", "is older than what runs, 1.36.3, and Kubernetes takes no way back"),
        ("v1.37.0", "1.36.3", "is older than what runs"),
        ("v1.34.0", "1.36.3", "is more than one minor version above what runs, 1.34.0: upgrade to 1.35 first"),
    ],
)
def test_an_upgrade_that_kubernetes_forbids(looked: Any, running: str, wanted: str, text: str) -> None:
    (_, line) = refused(looked, said={f"{CLUSTERS}/shop": seen(version=running)}, version=wanted)
    assert line.strip().startswith("ha-backend:cluster.version:") and text in line


def test_a_zone_that_its_infrastructure_does_not_have(looked: Any) -> None:
    there = seen()
    there["status"]["failureDomains"] = [
        {"name": name, "controlPlane": True} for name in ("eu-central-1a", "eu-central-1b")
    ]
    (_, line) = refused(looked, "aws", {f"{CLUSTERS}/shop": there})
    assert line.strip() == (
        "ha-backend:cluster.zones[2]: 'eu-central-1c' is none of the failure domains that the cluster "
        "reports: eu-central-1a, eu-central-1b"
    )


def test_one_that_somebody_else_has_made(looked: Any) -> None:
    other = seen()
    del other["spec"]["topology"]
    (_, line) = refused(looked, said={f"{CLUSTERS}/shop": other})
    assert "cluster.name: there is a Cluster 'shop' in namespace 'default' that was made without a topology" in line


def test_a_feature_gate_that_is_off_and_whatever_else_is_said_against_it(looked: Any) -> None:
    (_, line) = refused(looked, against="answers 403 (can be set only if the ClusterTopology feature flag is enabled)")
    assert "its feature gate ClusterTopology is off" in line
    (_, line) = refused(looked, against="the API server answers 422 (no)")
    assert "ha-backend:cluster: the management cluster does not take it: the API server answers 422 (no)" in line


def test_one_that_is_there_is_reached_by_its_own_kubeconfig(looked: Any) -> None:
    own = {**config("https://own.example"), "current-context": "prod"}
    found = looked(
        said={
            f"{CLUSTERS}/shop": seen(version="v1.35.1"),
            "/api/v1/namespaces/default/secrets/shop-kubeconfig": secret(yaml.safe_dump(own)),
        }
    )
    assert found.known is not None
    assert (found.known.access.identifier, found.known.access.context) == ("the-uid", "prod")
    assert "https://own.example" in found.known.access.kubeconfig
    assert "token" not in repr(found)


def test_an_api_server_that_breaks_off(looked: Any) -> None:
    (line,) = refused(
        looked, said={"/apis/cluster.x-k8s.io/v1beta2": InspectionError("the API server answers 500 (x)")}
    )
    assert line == "ha-backend:cluster.management: context 'prod': the API server answers 500 (x). Nothing was changed."
