"""The rendered stacks on a real API server: what it accepts, and what it stores."""

from __future__ import annotations

import json
import time

import pytest

from ops.render.evaluate import evaluate
from tests.cluster.conftest import PROJECT, Kubectl, as_list


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_object_passes_a_strict_server_side_dry_run(kubectl: Kubectl, stack: str) -> None:
    manifests = evaluate(PROJECT, stack).manifests
    space = {**manifests[0], "metadata": {**manifests[0]["metadata"], "name": f"dry-{stack}"}}
    kubectl("create", "-f", "-", stdin=json.dumps(space))
    moved = [{**m, "metadata": {**m["metadata"], "namespace": f"dry-{stack}"}} for m in manifests[1:]]
    done = kubectl("create", "--dry-run=server", "--validate=strict", "-f", "-", stdin=as_list(moved))
    assert len(done.stdout.splitlines()) == len(moved) == 11
    assert "Warning" not in done.stderr  # the namespace warns of every pod that is not restricted


def test_the_stored_deployment_is_the_reference_workload(backend: Kubectl) -> None:
    spec = backend("deployment", "backend-service")["spec"]
    assert spec["replicas"] == 3
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": "25%", "maxUnavailable": 0}
    assert spec["minReadySeconds"] == 5 and spec["progressDeadlineSeconds"] == 60
    pod = spec["template"]["spec"]
    container = pod["containers"][0]
    assert container["resources"] == {
        "requests": {"cpu": "500m", "memory": "128Mi", "ephemeral-storage": "320Mi"},
        "limits": {"cpu": "1", "memory": "256Mi", "ephemeral-storage": "320Mi"},
    }
    assert {p: container[p]["httpGet"]["path"] for p in ("startupProbe", "readinessProbe", "livenessProbe")} == {
        "startupProbe": "/healthz",
        "readinessProbe": "/readyz",
        "livenessProbe": "/healthz",
    }
    assert container["lifecycle"]["preStop"] == {"sleep": {"seconds": 8}}
    assert pod["terminationGracePeriodSeconds"] == 8 + 20 + 5
    assert {t["key"]: t["tolerationSeconds"] for t in pod["tolerations"]} == {
        "node.kubernetes.io/not-ready": 30,
        "node.kubernetes.io/unreachable": 30,
    }


def test_the_pods_are_ready_and_one_in_each_zone(backend: Kubectl, kubectl: Kubectl) -> None:
    pods = backend("pods", "-l", "app.kubernetes.io/name=backend-service")["items"]
    assert len(pods) == 3
    zones = {
        kubectl("get", "node", p["spec"]["nodeName"], "-o", "json")["metadata"]["labels"]["topology.kubernetes.io/zone"]
        for p in pods
    }
    assert zones == {"zone-a", "zone-b", "zone-c"}


def test_the_service_has_an_address_and_three_ready_endpoints(backend: Kubectl) -> None:
    service = backend("service", "backend-service")
    assert [(p["port"], p["targetPort"]) for p in service["spec"]["ports"]] == [(80, "http")]
    assert service["status"]["loadBalancer"]["ingress"][0]["ip"].startswith("192.0.2.")
    slices = backend("endpointslices", "-l", "kubernetes.io/service-name=backend-service")["items"]
    assert sum(e["conditions"]["ready"] for s in slices for e in s["endpoints"]) == 3


def test_each_node_has_its_own_health_check(backend: Kubectl, kubectl: Kubectl) -> None:
    """Local has a health check port on each node; switching to Cluster and back keeps the Service."""
    spec = backend("service", "backend-service")["spec"]
    assert (spec["externalTrafficPolicy"], spec["type"]) == ("Local", "LoadBalancer")
    assert 30000 <= spec["healthCheckNodePort"] <= 32767
    assert spec["healthCheckNodePort"] not in {port["nodePort"] for port in spec["ports"]}

    (ours,) = (m for m in evaluate(PROJECT, "dev").manifests if m["kind"] == "Service")
    there = {**ours, "spec": {**ours["spec"], "externalTrafficPolicy": "Cluster"}}
    kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=json.dumps(there))
    changed = backend("service", "backend-service")["spec"]
    assert changed["externalTrafficPolicy"] == "Cluster" and "healthCheckNodePort" not in changed
    kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=json.dumps(ours))
    again = backend("service", "backend-service")["spec"]
    assert again["externalTrafficPolicy"] == "Local" and again["healthCheckNodePort"]
    assert spec["clusterIP"] == changed["clusterIP"] == again["clusterIP"] and spec["ports"] == again["ports"]


def test_the_environment_reaches_the_container_from_immutable_objects(backend: Kubectl) -> None:
    container = backend("deployment", "backend-service")["spec"]["template"]["spec"]["containers"][0]
    config, secret = (next(iter(source.values()))["name"] for source in container["envFrom"])
    stored = backend("configmap", config)
    assert stored["immutable"] and stored["data"]["PODINFO_PORT"] == "8080"
    assert backend("secret", secret)["immutable"]


def test_the_namespace_rejects_a_pod_that_is_not_restricted(backend: Kubectl, kubectl: Kubectl) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "root", "namespace": "backend-service"},
        "spec": {"containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}}]},
    }
    done = kubectl("create", "-f", "-", stdin=json.dumps(pod), check=False)
    assert done.returncode != 0 and 'violates PodSecurity "restricted' in done.stderr


def test_a_drain_evicts_one_pod_and_the_budget_denies_the_next(backend: Kubectl, kubectl: Kubectl) -> None:
    pods = backend("pods", "-l", "app.kubernetes.io/name=backend-service")["items"]
    codes = []
    for pod in pods[:2]:
        name = pod["metadata"]["name"]
        eviction = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": "backend-service"},
        }
        codes.append(
            kubectl(
                "create",
                "--raw",
                f"/api/v1/namespaces/backend-service/pods/{name}/eviction",
                "-f",
                "-",
                stdin=json.dumps(eviction),
                check=False,
            )
        )
    assert codes[0].returncode == 0, codes[0].stderr
    assert codes[1].returncode != 0 and "disruption budget" in codes[1].stderr


def test_the_autoscaler_reads_cpu_and_scales_out_under_load(backend: Kubectl, kubectl: Kubectl) -> None:
    pods = backend("pods", "-l", "app.kubernetes.io/name=backend-service")["items"]
    for pod in pods:  # 500m is 100 % of the request; the target is 60 %
        kubectl("annotate", "pod", pod["metadata"]["name"], "-n", "backend-service", "kwok.x-k8s.io/usage-cpu=500m")
    deadline = time.monotonic() + 180
    while (replicas := backend("deployment", "backend-service")["spec"]["replicas"]) <= 3:
        assert time.monotonic() < deadline, f"the autoscaler never left {replicas} pods"
        time.sleep(2)
