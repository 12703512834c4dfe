"""Pods on real nodes run, serve and report metrics."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator

import pytest

from components.devcluster.catalog import kubernetes_version
from tests.nodes.conftest import ZONES, RealCluster, answers, eventually


@pytest.fixture(scope="module")
def address(cluster: RealCluster) -> Iterator[str]:
    yield cluster.deploy("web")
    cluster.kubectl("delete", "deployment/web", "service/web")


def test_nodes_have_the_required_version_and_zones(cluster: RealCluster) -> None:
    nodes = cluster.kubectl("get", "nodes", "-o", "json")["items"]
    assert [node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes] == ZONES
    info = [node["status"]["nodeInfo"] for node in nodes]
    assert {one["kubeletVersion"] for one in info} == {kubernetes_version(cluster.embedded.kubernetes)}
    assert all(one["containerRuntimeVersion"].startswith("containerd://") for one in info)


def test_pods_in_all_zones_respond_through_the_load_balancer(cluster: RealCluster, address: str) -> None:
    places = cluster.places("web")
    assert sorted(places.values()) == [f"{zone}-1" for zone in ZONES]
    pods = Counter[str]()

    def all_respond() -> bool:  # a node learns of the last ready pod after the API server does
        pods.update(answers(address))
        return set(pods) >= set(places)

    eventually(all_respond, 10, "every pod has responded")
    assert not pods[""] and set(pods) - {""} == set(places)


def test_a_pod_reaches_a_service_by_its_cluster_address(cluster: RealCluster, address: str) -> None:
    cluster_ip = cluster.kubectl("get", "service", "web", "-o", "json")["spec"]["clusterIP"]
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "client"},
            "spec": {
                "restartPolicy": "Never",
                "containers": [
                    {
                        "name": "naive",
                        "image": "ha-backend.local/naive:1",
                        "readinessProbe": {
                            "httpGet": {"host": cluster_ip, "path": "/", "port": 80},
                            "periodSeconds": 1,
                        },
                    }
                ],
            },
        }
    )
    cluster.kubectl("wait", "pod/client", "--for=condition=Ready", "--timeout=120s")
    cluster.kubectl("delete", "pod", "client", "--grace-period=1")


def test_logs_and_exec(cluster: RealCluster, address: str) -> None:
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "failing"},
            "spec": {
                "restartPolicy": "Never",
                "containers": [
                    {
                        "name": "naive",
                        "image": "ha-backend.local/naive:1",
                        "env": [{"name": "FAIL_AT_START", "value": "1"}],
                    }
                ],
            },
        }
    )
    cluster.kubectl("wait", "pod/failing", "--for=jsonpath={.status.phase}=Failed", "--timeout=120s")
    assert cluster.kubectl("logs", "failing") == "naive: FAIL_AT_START is set\n"
    cluster.kubectl("delete", "pod", "failing")
    with pytest.raises(AssertionError, match=r"naive: listen tcp :8080: bind: address already in use"):
        cluster.kubectl("exec", next(iter(cluster.places("web"))), "--", "/naive")


def test_configuration_secrets_and_memory_reach_a_pod(cluster: RealCluster) -> None:
    """The kubelet's directory is behind a symbolic link, and mounts must work there."""
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "variables"},
            "stringData": {"START_SECONDS": "0", "PORT": "80"},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "reader"},
            "spec": {
                "volumes": [
                    {"name": "secret", "secret": {"secretName": "variables"}},
                    {"name": "disk", "emptyDir": {}},
                    {"name": "memory", "emptyDir": {"medium": "Memory"}},
                ],
                "containers": [
                    {
                        "name": "naive",
                        "image": "ha-backend.local/naive:1",
                        "envFrom": [{"secretRef": {"name": "variables"}}],
                        "volumeMounts": [
                            {"name": "secret", "mountPath": "/secret"},
                            {"name": "secret", "mountPath": "/port", "subPath": "PORT"},
                            {"name": "memory", "mountPath": "/memory"},
                            {"name": "disk", "mountPath": "/disk"},
                        ],
                        "readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1},
                    }
                ],
            },
        },
    )
    cluster.kubectl("wait", "pod/reader", "--for=condition=Ready", "--timeout=120s")
    cluster.kubectl("delete", "pod", "reader", "--grace-period=1")
    eventually(lambda: "reader" not in cluster.kubectl("get", "pods"), 60, "the pod is gone")


def test_the_autoscaler_reads_the_cpu_usage_of_real_pods(cluster: RealCluster, address: str) -> None:
    cluster.kubectl("autoscale", "deployment", "web", "--min=3", "--max=4", "--cpu=80%")
    cluster.kubectl("wait", "hpa/web", "--for=condition=ScalingActive", "--timeout=2m")

    def used() -> int:
        answers(address)  # each costs 5 ms of processor time
        pods = json.loads(cluster.kubectl("get", "--raw", "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods"))[
            "items"
        ]
        return sum(
            int(c["usage"]["cpu"].rstrip("n"))
            for pod in pods
            if pod["metadata"]["labels"].get("app") == "web"
            for c in pod["containers"]
        )

    eventually(lambda: used() > 5_000_000, 60, "5 milli-CPU of the three pods together")
    assert "web-" in cluster.kubectl("top", "pods")
    cluster.kubectl("delete", "hpa", "web")


def test_nodes_reach_no_registry(cluster: RealCluster) -> None:
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "pulling"},
            "spec": {"containers": [{"name": "one", "image": "ghcr.io/stefanprodan/podinfo:6.9.1"}]},
        }
    )

    def reasons() -> str:
        statuses = cluster.kubectl("get", "pod", "pulling", "-o", "json")["status"].get("containerStatuses") or [{}]
        return str(statuses[0].get("state"))

    eventually(lambda: "ErrImagePull" in reasons() or "ImagePullBackOff" in reasons(), 60, "the image cannot be pulled")
    cluster.kubectl("delete", "pod", "pulling", "--grace-period=1")


def test_a_service_with_local_policy_uses_only_nodes_with_a_healthy_pod(cluster: RealCluster) -> None:
    address = cluster.deploy("near", 1, externalTrafficPolicy="Local")
    [[pod, node]] = cluster.places("near").items()
    eventually(lambda: set(answers(address, 6)) == {pod}, 60, "the other nodes leave the load balancer")
    other = next(f"{zone}-1" for zone in ZONES if f"{zone}-1" != node)
    patch = {"spec": {"replicas": 1, "template": {"spec": {"nodeName": other}}}}
    cluster.kubectl("patch", "deployment", "near", "--type=strategic", "-p", json.dumps(patch))
    cluster.kubectl("rollout", "status", "deployment/near", "--timeout=1m")
    eventually(lambda: list(cluster.places("near").values()) == [other], 60, "the old pod is gone")
    [moved] = cluster.places("near")
    eventually(lambda: set(answers(address, 6)) == {moved}, 60, "health moves with the pod")
    cluster.kubectl("delete", "deployment/near", "service/near")


def test_a_deleted_service_releases_its_address(cluster: RealCluster) -> None:
    first = cluster.deploy("short", 1)
    cluster.kubectl("delete", "service/short")
    eventually(lambda: answers(first, 1)[""], 60, "nothing responds there")
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "again"},
            "spec": {
                "type": "LoadBalancer",
                "selector": {"app": "short"},
                "ports": [{"port": 8000, "targetPort": 8080}],
            },
        }
    )
    assert cluster.address("again") == first
    eventually(lambda: _answers(first, 8000), 60, "the other Service responds there")
    cluster.kubectl("delete", "deployment/short", "service/again")


def _answers(address: str, port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}:{port}/", timeout=2):
            return True
    except OSError:
        return False
