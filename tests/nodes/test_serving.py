"""Pods on real nodes run, answer and are measured."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator

import pytest

from components.devcluster.catalog import kubernetes_version
from tests.nodes.conftest import ZONES, Given, answers, eventually


@pytest.fixture(scope="module")
def address(given: Given) -> Iterator[str]:
    yield given.deploy("web")
    given.kubectl("delete", "deployment/web", "service/web")


def test_its_nodes_are_real_ones_of_the_version_asked_for_in_three_zones(given: Given) -> None:
    nodes = given.kubectl("get", "nodes", "-o", "json")["items"]
    assert [node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in nodes] == ZONES
    info = [node["status"]["nodeInfo"] for node in nodes]
    assert {one["kubeletVersion"] for one in info} == {kubernetes_version(given.cluster.kubernetes)}
    assert all(one["containerRuntimeVersion"].startswith("containerd://") for one in info)


def test_pods_in_all_zones_answer_through_the_load_balancer(given: Given, address: str) -> None:
    places = given.places("web")
    assert sorted(places.values()) == [f"{zone}-1" for zone in ZONES]
    found = Counter[str]()

    def all_have() -> bool:  # a node hears of the last ready pod a moment after the API server does
        found.update(answers(address))
        return set(found) >= set(places)

    eventually(all_have, 10, "every pod has answered")
    assert not found[""] and set(found) - {""} == set(places)


def test_a_pod_reaches_a_service_by_its_cluster_address(given: Given, address: str) -> None:
    cluster_ip = given.kubectl("get", "service", "web", "-o", "json")["spec"]["clusterIP"]
    given.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "asking"},
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
    given.kubectl("wait", "pod/asking", "--for=condition=Ready", "--timeout=120s")
    given.kubectl("delete", "pod", "asking", "--grace-period=1")


def test_logs_and_exec(given: Given, address: str) -> None:
    given.apply(
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
    given.kubectl("wait", "pod/failing", "--for=jsonpath={.status.phase}=Failed", "--timeout=120s")
    assert given.kubectl("logs", "failing") == "naive: FAIL_AT_START is set\n"
    given.kubectl("delete", "pod", "failing")
    with pytest.raises(AssertionError, match=r"naive: listen tcp :8080: bind: address already in use"):
        given.kubectl("exec", next(iter(given.places("web"))), "--", "/naive")


def test_configuration_secrets_and_memory_reach_a_pod(given: Given) -> None:
    """The kubelet's own folder is reached by a link: what it mounts must be there all the same."""
    given.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "held"},
            "stringData": {"START_SECONDS": "0", "PORT": "80"},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "holding"},
            "spec": {
                "volumes": [
                    {"name": "secret", "secret": {"secretName": "held"}},
                    {"name": "disk", "emptyDir": {}},
                    {"name": "memory", "emptyDir": {"medium": "Memory"}},
                ],
                "containers": [
                    {
                        "name": "naive",
                        "image": "ha-backend.local/naive:1",
                        "envFrom": [{"secretRef": {"name": "held"}}],
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
    given.kubectl("wait", "pod/holding", "--for=condition=Ready", "--timeout=120s")
    given.kubectl("delete", "pod", "holding", "--grace-period=1")
    eventually(lambda: "holding" not in given.kubectl("get", "pods"), 60, "the pod is gone")


def test_the_autoscaler_reads_the_processor_time_of_real_pods(given: Given, address: str) -> None:
    given.kubectl("autoscale", "deployment", "web", "--min=3", "--max=4", "--cpu=80%")
    given.kubectl("wait", "hpa/web", "--for=condition=ScalingActive", "--timeout=2m")

    def used() -> int:
        answers(address)  # each costs 5 ms of processor time
        pods = json.loads(given.kubectl("get", "--raw", "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods"))[
            "items"
        ]
        return sum(
            int(c["usage"]["cpu"].rstrip("n"))
            for pod in pods
            if pod["metadata"]["labels"].get("app") == "web"
            for c in pod["containers"]
        )

    eventually(lambda: used() > 5_000_000, 60, "5 milli-CPU of the three pods together")
    assert "web-" in given.kubectl("top", "pods")
    given.kubectl("delete", "hpa", "web")


def test_it_is_sealed(given: Given) -> None:
    given.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "pulling"},
            "spec": {"containers": [{"name": "one", "image": "ghcr.io/stefanprodan/podinfo:6.9.1"}]},
        }
    )

    def reasons() -> str:
        statuses = given.kubectl("get", "pod", "pulling", "-o", "json")["status"].get("containerStatuses") or [{}]
        return str(statuses[0].get("state"))

    eventually(lambda: "ErrImagePull" in reasons() or "ImagePullBackOff" in reasons(), 60, "the image is not to be had")
    given.kubectl("delete", "pod", "pulling", "--grace-period=1")


def test_a_local_service_is_sent_only_to_nodes_with_a_healthy_pod(given: Given) -> None:
    address = given.deploy("near", 1, externalTrafficPolicy="Local")
    [[pod, node]] = given.places("near").items()
    eventually(lambda: set(answers(address, 6)) == {pod}, 60, "the other nodes leave the load balancer")
    other = next(f"{zone}-1" for zone in ZONES if f"{zone}-1" != node)
    patch = {"spec": {"replicas": 1, "template": {"spec": {"nodeName": other}}}}
    given.kubectl("patch", "deployment", "near", "--type=strategic", "-p", json.dumps(patch))
    given.kubectl("rollout", "status", "deployment/near", "--timeout=1m")
    eventually(lambda: list(given.places("near").values()) == [other], 60, "the old pod is gone")
    [moved] = given.places("near")
    eventually(lambda: set(answers(address, 6)) == {moved}, 60, "health moves with the pod")
    given.kubectl("delete", "deployment/near", "service/near")


def test_an_address_is_free_again_after_its_service(given: Given) -> None:
    first = given.deploy("short", 1)
    given.kubectl("delete", "service/short")
    eventually(lambda: answers(first, 1)[""], 60, "nobody answers there any more")
    given.apply(
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
    assert given.address("again") == first
    eventually(lambda: _answers(first, 8000), 60, "the other Service answers there")
    given.kubectl("delete", "deployment/short", "service/again")


def _answers(address: str, port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}:{port}/", timeout=2):
            return True
    except OSError:
        return False
