"""What the namespace allows, and that its limits never block the backend itself."""

from __future__ import annotations

import json
import time

from components.availability import timing
from components.runtime import stack_file
from tests.cluster.conftest import PROJECT, Kubectl

INSIDE = ("-n", "backend-service")


def test_all_traffic_is_denied_except_the_port_and_dns(backend: Kubectl) -> None:
    policies = {p["metadata"]["name"]: p["spec"] for p in backend("networkpolicies")["items"]}
    assert policies["backend-service-default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    opened = policies["backend-service"]
    assert opened["ingress"] == [{"ports": [{"port": "http", "protocol": "TCP"}]}]
    assert opened["egress"] == [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}]


def test_the_quota_allows_a_rollout_at_full_scale_with_all_old_pods_draining(
    backend: Kubectl, kubectl: Kubectl
) -> None:
    settings = stack_file.settings(PROJECT, "dev").backend
    most = settings.max_replicas
    kubectl("delete", "hpa", "backend-service", *INSIDE)
    kubectl("scale", "deployment/backend-service", f"--replicas={most}", *INSIDE)
    kubectl("rollout", "status", "deployment/backend-service", "--timeout=60s", *INSIDE)
    # A finalizer holds the old pods where a long drain would.
    for pod in backend("pods")["items"]:
        kubectl(
            "patch",
            "pod",
            pod["metadata"]["name"],
            *INSIDE,
            "--type=merge",
            "-p",
            '{"metadata":{"finalizers":["test/drain"]}}',
        )
    old = [pod["metadata"]["name"] for pod in backend("pods")["items"]]
    kubectl("set", "env", "deployment/backend-service", "RELEASE=2", *INSIDE)
    kubectl("rollout", "status", "deployment/backend-service", "--timeout=120s", *INSIDE)
    used = backend("resourcequota", "backend-service")["status"]
    for name in old:
        kubectl("patch", "pod", name, *INSIDE, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    refused = [e["message"] for e in backend("events")["items"] if "exceeded quota" in e.get("message", "")]
    assert refused == [] and len(old) == most
    assert int(used["hard"]["pods"]) == timing.max_pods(settings) >= int(used["used"]["pods"]) >= most


def test_a_container_without_resources_gets_defaults_and_one_too_many_is_rejected(
    backend: Kubectl, kubectl: Kubectl
) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "tool-", "namespace": "backend-service"},
        "spec": {
            "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "c",
                    "image": "i",
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        },
    }
    made = kubectl("create", "-f", "-", "-o", "json", stdin=json.dumps(pod))
    assert made["spec"]["containers"][0]["resources"]["requests"]["cpu"] == "500m"
    deadline = time.monotonic() + 60
    while (done := kubectl("create", "-f", "-", stdin=json.dumps(pod), check=False)).returncode == 0:
        assert time.monotonic() < deadline, "the quota has no end"
    assert "exceeded quota" in done.stderr


def test_the_account_has_no_token_in_the_pods_and_no_rights(backend: Kubectl, kubectl: Kubectl) -> None:
    pods = backend("pods", "-l", "app.kubernetes.io/name=backend-service")["items"]
    assert pods and all(not any("projected" in v for v in pod["spec"]["volumes"]) for pod in pods)
    done = kubectl("auth", "can-i", "--list", "--as=system:serviceaccount:backend-service:backend-service", *INSIDE)
    assert "secrets" not in done.stdout and "pods" not in done.stdout
