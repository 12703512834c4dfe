"""Check what is rejected before anything is created from a management cluster, and in which words."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.clusters import management
from components.clusters.clouds.registry import CLOUDS
from components.clusters.topology import blueprint
from components.inspection.client import InspectionError
from components.preflight import LookUp, PreflightError
from components.settings import ClusterApiCluster
from tests.support.cluster_api import cluster, cluster_object, secret
from tests.unit.components.preflight.test_preflight import config

CLUSTERS = "/apis/cluster.x-k8s.io/v1beta2/namespaces/default/clusters"
CLASSES = "/apis/cluster.x-k8s.io/v1beta2/namespaces/default/clusterclasses"
MISSING, HIDDEN = object(), object()


class Management:
    """A management cluster that has everything, except what a test changes by path."""

    def __init__(self, wanted: ClusterApiCluster, said: dict[str, Any], against: str | None) -> None:
        self.against, self.tried = against, False
        templates = blueprint(wanted).templates.values()
        self.answers: dict[str, Any] = {
            f"/apis/{version}": {
                "resources": [{"kind": each.kind} for each in templates if each.api_version == version]
            }
            for version in {each.api_version for each in templates}
        }
        self.answers |= {"/apis/cluster.x-k8s.io/v1beta2": {}, f"{CLUSTERS}/shop": MISSING, **said}

    def get_if_permitted(self, path: str) -> Any:
        found = self.answers.get(path, {})
        if isinstance(found, Exception):
            raise found
        return None if found in (MISSING, HIDDEN) else found

    def exists(self, path: str) -> bool | None:
        found = self.answers.get(path, {})
        return None if found is HIDDEN else found is not MISSING

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


def rejected(looked: Any, *args: Any, **options: Any) -> list[str]:
    with pytest.raises(PreflightError) as caught:
        looked(*args, **options)
    return str(caught.value).splitlines()


def test_a_cluster_that_does_not_exist_is_not_known(looked: Any) -> None:
    for cloud in CLOUDS:
        assert looked(cloud).known is None


def test_a_management_cluster_without_kubeconfig() -> None:
    with pytest.raises(PreflightError, match=r"ha-backend:cluster.management.kubeconfig: .* cannot be read"):
        management.look_up(cluster(), LookUp())


def test_a_management_cluster_without_cluster_api(looked: Any) -> None:
    (line,) = rejected(looked, "google", {"/apis/cluster.x-k8s.io/v1beta2": MISSING})
    assert line.startswith("ha-backend:cluster.management: context 'prod' does not serve cluster.x-k8s.io/v1beta2")
    assert "CLUSTER_TOPOLOGY=true clusterctl init --infrastructure gcp" in line


def test_everything_missing_is_reported_together(looked: Any) -> None:
    lines = rejected(
        looked,
        "azure",
        {"/api/v1/namespaces/default": MISSING, "/api/v1/namespaces/default/secrets/azure-account": MISSING},
    )
    assert [line.partition(": ")[0].strip() for line in lines[1:]] == [
        "ha-backend:cluster.namespace",
        "ha-backend:cluster.azure.credentials",
    ]
    (_, line) = rejected(
        looked,
        "aws",
        {"/apis/infrastructure.cluster.x-k8s.io/v1beta2/awsclustercontrolleridentities/default": MISSING},
    )
    assert "cluster.aws.identityName: there is no AWSClusterControllerIdentity 'default'" in line


def test_a_provider_that_is_not_installed(looked: Any) -> None:
    (_, line) = rejected(looked, "aws", {"/apis/infrastructure.cluster.x-k8s.io/v1beta2": {"resources": []}})
    assert "cluster.aws: the management cluster does not serve AWSMachineTemplate (infrastructure" in line
    assert "AWSManagedClusterTemplate" in line and "clusterctl init --infrastructure aws" in line


def test_what_the_account_cannot_see_is_left_to_the_api_server(looked: Any) -> None:
    assert looked(
        "azure", {"/api/v1/namespaces/default/secrets/azure-account": HIDDEN, "/api/v1/namespaces/default": HIDDEN}
    )


def test_a_class_that_lacks_something(looked: Any) -> None:
    there = {
        "items": [
            {
                "metadata": {"name": "ours"},
                "spec": {"workers": {"machineDeployments": [{"class": "small"}]}, "variables": [{"name": "region"}]},
            }
        ]
    }
    (_, line) = rejected(looked, "aws", {CLASSES: there}, clusterClass={"name": "our"})
    assert (
        "cluster.clusterClass.name: there is no ClusterClass 'our' in namespace 'default': use one of ours "
        "[cluster-class-unusable]" in line
    )
    lines = rejected(looked, "aws", {CLASSES: there}, clusterClass={"name": "ours", "variables": {"regio": "x"}})
    assert "no class 'default-worker' among its machineDeployments: use one of small" in lines[1]
    assert "variables.regio: 'ours' declares no such variable: use one of region" in lines[2]
    looked("aws", {CLASSES: there}, clusterClass={"name": "ours", "workers": "small", "variables": {"region": "x"}})


@pytest.mark.parametrize(
    ("running", "wanted", "text"),
    [
        (
            "v1.36.3",
            "1.36.2",
            "is older than the running version, 1.36.3, and Kubernetes cannot be downgraded: leave it at '1.36.3'",
        ),
        ("v1.37.0", "1.36.3", "is older than the running version, 1.37.0"),
        (
            "v1.34.0",
            "1.36.3",
            "is more than one minor version above the running version, 1.34.0: upgrade to 1.35 first",
        ),
    ],
)
def test_an_upgrade_that_kubernetes_forbids(looked: Any, running: str, wanted: str, text: str) -> None:
    (_, line) = rejected(looked, said={f"{CLUSTERS}/shop": cluster_object(version=running)}, version=wanted)
    assert line.strip().startswith("ha-backend:cluster.version:") and text in line


def test_a_zone_that_the_infrastructure_lacks(looked: Any) -> None:
    there = cluster_object()
    there["status"]["failureDomains"] = [
        {"name": name, "controlPlane": True} for name in ("eu-central-1a", "eu-central-1b")
    ]
    (_, line) = rejected(looked, "aws", {f"{CLUSTERS}/shop": there})
    assert line.strip() == (
        "ha-backend:cluster.zones[2]: 'eu-central-1c' is not a failure domain that the cluster reports: use "
        "eu-central-1a, eu-central-1b [unknown-zone]"
    )


def test_a_cluster_of_another_owner(looked: Any) -> None:
    other = cluster_object()
    del other["spec"]["topology"]
    (_, line) = rejected(looked, said={f"{CLUSTERS}/shop": other})
    assert "cluster.name: there is a Cluster 'shop' in namespace 'default' that has no topology" in line


def test_a_feature_gate_that_is_off_and_any_other_rejection(looked: Any) -> None:
    (_, line) = rejected(looked, against="answers 403 (can be set only if the ClusterTopology feature flag is enabled)")
    assert "its feature gate ClusterTopology is off" in line
    (_, line) = rejected(looked, against="the API server answers 422 (no)")
    assert (
        "ha-backend:cluster: the management cluster rejects it: the API server answers 422 (no) [cluster-rejected]"
        in line
    )


def test_an_existing_cluster_is_reached_by_its_own_kubeconfig(looked: Any) -> None:
    own = {**config("https://own.example"), "current-context": "prod"}
    found = looked(
        said={
            f"{CLUSTERS}/shop": cluster_object(version="v1.35.1"),
            "/api/v1/namespaces/default/secrets/shop-kubeconfig": secret(yaml.safe_dump(own)),
        }
    )
    assert found.known is not None
    assert (found.known.access.identifier, found.known.access.context) == ("the-uid", "prod")
    assert "https://own.example" in found.known.access.kubeconfig
    assert "token" not in repr(found)


def test_an_api_server_that_fails(looked: Any) -> None:
    (line,) = rejected(
        looked, said={"/apis/cluster.x-k8s.io/v1beta2": InspectionError("the API server answers 500 (x)")}
    )
    assert line == (
        "ha-backend:cluster.management: context 'prod': the API server answers 500 (x). Nothing was changed "
        "[api-server-error]"
    )
