"""Up to a thousand accepted backends: a real API server stores every object as the promise needs it."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from components import availability
from components.settings import Settings, SettingsError, load
from tests.support.strategies import DRAWN
from tests.support.strategies.fixes import SELDOM
from tests.support.strategies.mistakes import mistaken, put
from tests.support.strategies.objects import Store, rendered
from tests.support.strategies.oracle import number
from tests.support.strategies.stacks import stacks
from tools.test import SHORT

DRAWS = 300 if os.environ.get(SHORT) else 1000  # these take as long as all else of the suite


@pytest.fixture(scope="module")
def store(cluster: Any) -> Iterator[Store]:
    made = Store(cluster.kubeconfig)
    yield made
    made.close()


def accepted(stack: dict[str, Any]) -> Settings | None:
    try:
        Settings.model_validate(stack)  # says in a tenth of the time that something is wrong, though not in words
        return load(
            {f"ha-backend:{key}": json.dumps(value) for key, value in stack.items()}, (), availability.stack_conflicts
        )
    except (SettingsError, ValidationError):
        return None


@st.composite
def accepted_stacks(draw: st.DrawFn) -> Settings:
    """Draw valid stacks, and odd ones that are accepted. Most have the same name, so equal objects are sent once."""
    stack = draw(st.one_of(stacks(), stacks(), mistaken()))
    if isinstance(stack.get("backend"), dict) and draw(st.sampled_from([True] * 4 + [False])):
        for key in ("name", "namespace", "labels"):
            stack["backend"].pop(key, None)
    if draw(SELDOM):  # as large as it can be written
        huge = draw(st.sampled_from(["1P", "1E", "99Ei", "1e19", "1e25", "9" * 40, 10**20]))
        put(
            stack,
            *draw(
                st.sampled_from(
                    [
                        (("backend", "resources", "limits"), {"cpu": huge, "memory": huge}),
                        (("backend", "resources", "tmpSizeLimit"), huge),
                    ]
                )
            ),
        )
    settings = draw(st.just(accepted(stack)).filter(bool))
    assert settings is not None
    return settings


@pytest.mark.timeout(1800)
def test_every_object_of_an_accepted_backend_is_stored_and_keeps_the_promise(store: Store) -> None:
    tally = Counter[str]()

    @settings(DRAWN, max_examples=DRAWS)
    @given(accepted_stacks())
    def holds(stack: Settings) -> None:
        stored = {}
        for manifest in rendered(stack):
            if manifest["kind"] in (
                "HTTPRoute",
                "PodMonitor",
                "PrometheusRule",
                "VirtualService",
                "DestinationRule",
            ):  # unknown to Kubernetes itself
                continue
            tally["objects"] += 1
            answer = store.dry_run(manifest)
            if manifest["kind"] == "ConfigMap" and "-environment-" not in manifest["metadata"]["name"]:
                continue  # the files, and further objects
            assert manifest["kind"] not in stored or manifest["kind"] == "NetworkPolicy"
            stored[manifest["kind"]] = answer
        tally["draws"] += 1
        check(stack, stored)

    holds()
    print(f"{tally['draws']} draws, {tally['objects']} objects, {store.sent} of them different and sent")
    assert tally["draws"] >= DRAWS


def check(stack: Settings, stored: dict[str, Any]) -> None:
    """Check the stored fields that the promise depends on."""
    backend = stack.backend
    most = backend.autoscaling.max_replicas if backend.autoscaling.enabled else backend.replicas
    deployment = stored["Deployment"]["spec"]
    assert deployment["replicas"] == backend.replicas >= (1 if backend.survive == "nothing" else 2)
    assert deployment["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0},
    }
    pod, labels = deployment["template"]["spec"], deployment["template"]["metadata"]["labels"]
    check_pod(stack, deployment, pod)

    selector = backend.selector or {"app.kubernetes.io/name": backend.name}
    budget = stored["PodDisruptionBudget"]["spec"]
    assert ("minAvailable" in budget) is (backend.disruption_budget.min_available is not None)
    assert ("maxUnavailable" in budget) is not ("minAvailable" in budget)
    assert backend.evictable(backend.replicas) >= 1
    assert backend.evictable(backend.replicas) < backend.replicas or backend.survive == "nothing"
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert deployment["selector"] == budget["selector"] == {"matchLabels": selector}
    assert stored["Service"]["spec"]["selector"] == selector
    assert selector.items() <= labels.items()
    assert labels.items() >= backend.labels.items()
    port = stored["Service"]["spec"]["ports"][0]
    assert (port["port"], port["targetPort"]) == (backend.service_port, backend.protocol)
    check_balancer(stack, stored["Service"]["spec"], pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"])
    ports = {port["name"]: port["containerPort"] for port in pod["containers"][0]["ports"]}
    assert ports[backend.protocol] == backend.port
    expanding = [one for one in pod["containers"][0].get("env", []) if one["name"] in backend.environment]
    environment = stored.get("ConfigMap", {}).get("data", {}) | {one["name"]: one["value"] for one in expanding}
    assert environment == backend.environment
    assert not any("\0" in value for value in environment.values()), "no process can be given this"
    "".join(environment.values()).encode()  # nor half a surrogate pair
    check_autoscaler(stack, stored.get("HorizontalPodAutoscaler"))
    check_quota(
        stored["ResourceQuota"]["spec"]["hard"], 3 * most + 2 * -(-most // 4) + (backend.release_job is not None)
    )


def check_balancer(stack: Settings, service: dict[str, Any], asleep: int) -> None:
    """Check that a pod with its own health check port serves until the load balancer has noticed."""
    balancer = stack.backend.load_balancer
    assert service["type"] == ("LoadBalancer" if balancer.enabled else "ClusterIP")
    assert service.get("externalTrafficPolicy") == (balancer.external_traffic_policy if balancer.enabled else None)
    assert bool(service.get("healthCheckNodePort")) is (
        balancer.enabled and balancer.external_traffic_policy == "Local"
    )
    assert asleep > (balancer.health_check_seconds if "healthCheckNodePort" in service else 0) + 2


def check_pod(stack: Settings, deployment: dict[str, Any], pod: dict[str, Any]) -> None:
    backend, (container,) = stack.backend, pod["containers"]
    first = [one["name"] for one in pod.get("initContainers", [])]
    assert first == [one["name"] for one in backend.pod_template.get("spec", {}).get("initContainers", [])]
    asleep = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert asleep == backend.shutdown.deregistration_seconds
    assert pod["terminationGracePeriodSeconds"] > asleep + backend.shutdown.drain_seconds
    seconds = {
        kind: container[f"{kind}Probe"]["failureThreshold"] * container[f"{kind}Probe"]["periodSeconds"]
        for kind in ("startup", "readiness", "liveness")
    }
    assert seconds["startup"] >= backend.health.startup_seconds
    assert seconds["readiness"] < seconds["liveness"], (
        "what is not ready must leave load balancing before it is restarted"
    )
    slowest = seconds["startup"] + deployment["minReadySeconds"]
    assert deployment["progressDeadlineSeconds"] > slowest, "a slow start fails the rollout"
    assert deployment["minReadySeconds"] == backend.rollout.min_ready_seconds
    paths = [container[f"{kind}Probe"]["httpGet"]["path"] for kind in seconds]
    assert paths == [backend.health.startup_path, backend.health.readiness_path, backend.health.liveness_path]
    lost = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
    assert {t["key"]: t.get("tolerationSeconds") for t in pod["tolerations"] if t["key"] in lost} == dict.fromkeys(
        lost, None if backend.edge else backend.placement.toleration_seconds
    )
    assert {t["key"] for t in pod["tolerations"]} - {*lost, "dedicated"} == set(
        backend.edge.taints if backend.edge else ()
    )
    unmet = "DoNotSchedule" if backend.placement.spread == "hard" else "ScheduleAnyway"
    assert [(s["topologyKey"], s["maxSkew"], s["whenUnsatisfiable"]) for s in pod["topologySpreadConstraints"]] == [
        ("topology.kubernetes.io/zone", 1, unmet),
        ("kubernetes.io/hostname", 1, unmet),
    ]
    for key in ("cpu", "memory", "ephemeral-storage"):
        request, limit = (number(container["resources"].get(part, {}).get(key)) for part in ("requests", "limits"))
        assert 0 < request <= limit
    assert pod.get("priorityClassName") == backend.placement.priority_class_name


def check_autoscaler(stack: Settings, autoscaler: dict[str, Any] | None) -> None:
    backend, scaling = stack.backend, stack.backend.autoscaling
    if not scaling.enabled:
        assert autoscaler is None
        return
    assert autoscaler
    spec = autoscaler["spec"]
    assert backend.replicas == spec["minReplicas"] < spec["maxReplicas"] == scaling.max_replicas
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": backend.name}
    percents = {
        m["containerResource"]["name"]: m["containerResource"]["target"]["averageUtilization"]
        for m in spec["metrics"]
        if m["type"] == "ContainerResource"
    }
    wanted = {"cpu": scaling.cpu_percent, "memory": scaling.memory_percent}
    assert percents == {name: percent for name, percent in wanted.items() if percent}
    for kind, metrics in (("pods", scaling.pod_metrics), ("external", scaling.external_metrics)):
        own = [metric[kind] for metric in spec["metrics"] if kind in metric]
        assert [(one["metric"]["name"], number(one["target"]["averageValue"])) for one in own] == [
            (metric.name, number(metric.average_value)) for metric in metrics
        ]
    for way, seconds in (
        ("scaleUp", scaling.scale_up_stabilization_seconds),
        ("scaleDown", scaling.scale_down_stabilization_seconds),
    ):
        assert spec["behavior"][way]["stabilizationWindowSeconds"] == seconds
        if scaling.tolerance_percent is not None:
            assert number(spec["behavior"][way]["tolerance"]) * 100 == scaling.tolerance_percent


def check_quota(hard: dict[str, str], pods: int) -> None:
    """Check the capacity for the maximum, its surge, and as many draining pods, of a release and its rollback."""
    assert set(hard) == {"pods"}, "a bound on CPU or memory refuses the smaller pods of a new release"
    assert int(hard["pods"]) >= pods
