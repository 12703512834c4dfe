"""Defects of other packagings, each tested on this one: in stored objects, and in what the cluster does.

Three defects are tested elsewhere: 03 with the real engine (tests/engine/test_replicas.py), 09 and 11 without a cluster
(tests/unit/components/test_peer_defects.py).
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from components.inspection import findings
from components.inspection.client import Client
from components.inspection.observation import observe
from components.runtime import stack_file
from tests.cluster.conftest import PROJECT, Kubectl
from tests.support.crd_waits import wait_established

INSIDE = ("-n", "backend-service")
SELECTOR = "app.kubernetes.io/name=backend-service"


@pytest.fixture(scope="module")
def spec(backend: Kubectl) -> Any:
    return backend("deployment", "backend-service")["spec"]


def test_defect_01_min_ready_seconds_is_where_the_api_server_keeps_it(spec: Any) -> None:
    assert spec["minReadySeconds"] == 5 and spec["progressDeadlineSeconds"] == 60


def test_defect_02_a_rollout_starts_new_pods_before_it_stops_old_ones(spec: Any) -> None:
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}


def test_defect_04_the_selectors_match_only_the_deployment_s_pods(
    backend: Kubectl, spec: Any, kubectl: Kubectl
) -> None:
    wanted = spec["selector"]["matchLabels"]
    assert backend("service", "backend-service")["spec"]["selector"] == wanted
    assert backend("pdb", "backend-service")["spec"]["selector"] == {"matchLabels": wanted}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "migration", "namespace": "backend-service"},
        "spec": {
            "template": {
                "metadata": {"labels": wanted},
                "spec": {
                    "restartPolicy": "Never",
                    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [
                        {
                            "name": "c",
                            "image": "i",
                            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                        }
                    ],
                },
            }
        },
    }
    kubectl("create", "-f", "-", stdin=json.dumps(job))
    try:
        assert any(
            "does not belong to Deployment backend-service" in line
            for line in eventually(kubectl, "does not belong to Deployment")
        )
    finally:
        kubectl("delete", "job", "migration", *INSIDE, "--cascade=foreground")


def test_defect_05_a_second_autoscaler_on_the_same_resource_is_reported(kubectl: Kubectl, backend: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=json.dumps(_VPA_DEFINITION))
    wait_established(kubectl, "crd/verticalpodautoscalers.autoscaling.k8s.io", seconds=30)
    second = {
        "apiVersion": "autoscaling.k8s.io/v1",
        "kind": "VerticalPodAutoscaler",
        "metadata": {"name": "v", "namespace": "backend-service"},
        "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "backend-service"}},
    }
    kubectl("apply", "-f", "-", stdin=json.dumps(second))
    try:
        assert any("VerticalPodAutoscaler v" in line for line in eventually(kubectl, "VerticalPodAutoscaler"))
    finally:
        kubectl("delete", "crd", "verticalpodautoscalers.autoscaling.k8s.io")


def test_defect_06_more_pods_than_nodes_are_all_scheduled(backend: Kubectl, kubectl: Kubectl) -> None:
    scaled_to(5, kubectl)
    kubectl("rollout", "status", "deployment/backend-service", *INSIDE, "--timeout=60s")
    hosts = [pod["spec"]["nodeName"] for pod in backend("pods", "-l", SELECTOR)["items"]]
    assert sorted(hosts.count(host) for host in set(hosts)) == [1, 2, 2]


def test_defect_07_scaling_down_waits_and_is_gradual(backend: Kubectl) -> None:
    down = backend("hpa", "backend-service")["spec"]["behavior"]["scaleDown"]
    assert down["stabilizationWindowSeconds"] == 300
    assert {(p["type"], p["value"], p["periodSeconds"]) for p in down["policies"]} == {
        ("Percent", 10, 60),
        ("Pods", 1, 60),
    }


def test_defect_08_scaling_restarts_no_pod(backend: Kubectl, kubectl: Kubectl) -> None:
    scaled_to(6, kubectl)
    before = {
        pod["metadata"]["uid"]
        for pod in backend("pods", "-l", SELECTOR)["items"]
        if "deletionTimestamp" not in pod["metadata"] and ready(pod)
    }
    kubectl("rollout", "status", "deployment/backend-service", *INSIDE, "--timeout=60s")
    assert before <= {pod["metadata"]["uid"] for pod in backend("pods", "-l", SELECTOR)["items"]} and len(before) >= 3


def test_defect_10_no_object_has_a_deprecated_version(backend: Kubectl, kubectl: Kubectl) -> None:
    from ops.render.evaluate import evaluate

    manifests = evaluate(PROJECT, "dev").manifests
    assert {m["apiVersion"] for m in manifests if m["kind"] in ("HorizontalPodAutoscaler", "PodDisruptionBudget")} == {
        "autoscaling/v2",
        "policy/v1",
    }
    done = kubectl(
        "apply",
        "--server-side",
        "--force-conflicts",
        "--dry-run=server",
        "-f",
        "-",
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}),
    )
    assert "deprecated" not in done.stderr.lower()


def test_defect_12_the_pre_stop_sleep_needs_no_shell(spec: Any) -> None:
    assert spec["template"]["spec"]["containers"][0]["lifecycle"] == {"preStop": {"sleep": {"seconds": 8}}}


def test_defect_13_an_unready_pod_never_blocks_a_drain(backend: Kubectl, kubectl: Kubectl) -> None:
    budget = backend("pdb", "backend-service")["spec"]
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow" and budget["maxUnavailable"] == 1
    assert backend("hpa", "backend-service")["spec"]["behavior"].keys() == {"scaleUp", "scaleDown"}
    kubectl("set", "image", "deployment/backend-service", "backend=registry.invalid/broken:1", *INSIDE)
    deadline = time.monotonic() + 60
    try:
        while not (
            broken := [
                pod["metadata"]["name"]
                for pod in backend("pods", "-l", SELECTOR)["items"]
                if "broken" in pod["spec"]["containers"][0]["image"] and pod["status"].get("containerStatuses")
            ]
        ):
            assert time.monotonic() < deadline
            time.sleep(0.5)
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": broken[0], "namespace": "backend-service"},
        }
        kubectl(
            "create",
            "--raw",
            f"/api/v1/namespaces/backend-service/pods/{broken[0]}/eviction",
            "-f",
            "-",
            stdin=json.dumps(eviction),
        )
    finally:
        kubectl("rollout", "undo", "deployment/backend-service", *INSIDE)
        kubectl("rollout", "status", "deployment/backend-service", *INSIDE, "--timeout=60s")


def scaled_to(number: int, kubectl: Kubectl) -> None:
    """Scale through the autoscaler's minimum: it would undo manual scaling."""
    kubectl(
        "patch", "hpa", "backend-service", *INSIDE, "--type=merge", "-p", json.dumps({"spec": {"minReplicas": number}})
    )
    kubectl(
        "wait", "deployment/backend-service", *INSIDE, f"--for=jsonpath={{.spec.replicas}}={number}", "--timeout=60s"
    )


def ready(pod: Any) -> Any:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))


def eventually(kubectl: Kubectl, words: str) -> Any:
    """Wait up to 30 s for a line with these words, and return it."""
    settings = stack_file.settings(PROJECT, "dev").backend
    config = kubectl("config", "view", "--raw", "-o", "json")
    deadline = time.monotonic() + 30
    while True:
        lines = findings.collect(settings, observe(Client(json.dumps(config)), "backend-service", "backend-service"))
        if any(words in line for line in lines) or time.monotonic() > deadline:
            return lines
        time.sleep(0.5)


_VPA_DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {
        "name": "verticalpodautoscalers.autoscaling.k8s.io",
        "annotations": {"api-approved.kubernetes.io": "unapproved, only in this test"},
    },
    "spec": {
        "group": "autoscaling.k8s.io",
        "scope": "Namespaced",
        "names": {
            "kind": "VerticalPodAutoscaler",
            "plural": "verticalpodautoscalers",
            "singular": "verticalpodautoscaler",
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}
