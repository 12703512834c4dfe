"""An oracle for high availability that counts pods one by one, independent of the rules that it judges."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from components.availability.timing import LOG_BYTES
from components.devcluster import kwok_config
from components.settings import (
    BackendSettings,
    ClusterApiCluster,
    ExistingCluster,
    LocalCluster,
    Settings,
    StackReferenceCluster,
)

_UNITS = {
    **{unit: Fraction(10) ** (3 * power) for power, unit in enumerate(["n", "u", "m", "", *"kMGTPE"], -3)},
    **{f"{unit}i": Fraction(2) ** (10 * power) for power, unit in enumerate("KMGTPE", 1)},
}


def number(quantity: str | None) -> Fraction:
    """Return an amount exactly, in cores or bytes. A limit that is unset is more than anything."""
    if quantity is None:
        return Fraction(10**30)
    if re.search(r"[eE][-+]?\d", quantity):
        return Fraction(f"0{quantity}" if quantity.startswith(".") else quantity.replace(".e", "e").replace(".E", "E"))
    digits = quantity.rstrip("numkKMGTPEi")
    return Fraction(f"0{digits}".rstrip(".")) * _UNITS[quantity[len(digits) :]]


def broken(stack: Settings) -> dict[str, str]:
    """Return why a stack is not highly available, by the responsible setting; empty if it is."""
    backend = stack.backend
    found = {**_failure(stack, backend), **_scaling(stack, backend), **_room(stack, backend)}
    first = backend.pod_template.get("spec", {}).get("initContainers", [])
    probes = [one["startupProbe"] for one in first if "startupProbe" in one]
    startup = (
        backend.health.init_seconds
        + sum(one["periodSeconds"] * one["failureThreshold"] for one in probes)
        + backend.health.startup_seconds
    )
    if backend.mesh in ("istio", "linkerd"):
        startup += 10  # its proxy first
    if backend.rollout.progress_deadline_seconds <= startup + backend.rollout.min_ready_seconds:
        found["rollout.progressDeadlineSeconds"] = "a slow start fails the rollout"
    if backend.shutdown.deregistration_seconds < _noticed(backend):
        found["shutdown.deregistrationSeconds"] = "a pod ends while the load balancer still sends requests to its node"
    for key in ("cpu", "memory"):
        if number(getattr(backend.resources.requests, key)) > number(getattr(backend.resources.limits, key)):
            found[f"resources.requests.{key}"] = "above its limit"
    return found


def _noticed(backend: BackendSettings) -> int:
    """Return the seconds from a pod's termination until no request reaches it, step by step."""
    kubelet, kube_proxy, on_the_way = 1, 1, 1
    told = kubelet + kube_proxy + on_the_way
    # With Cluster the other nodes take it out by themselves; with Local that is left to a check from outside.
    balancer = backend.load_balancer
    slowest = [
        told + balancer.health_check_seconds
        if balancer.enabled and balancer.external_traffic_policy == "Local"
        else told
    ]
    if backend.ingress.hosts:  # a controller is told without kube-proxy
        slowest.append(kubelet + on_the_way + backend.ingress.endpoint_update_seconds)
    if backend.route.parent_refs:
        slowest.append(kubelet + on_the_way + backend.route.endpoint_update_seconds)
    return max(slowest)


def left(stack: Settings, most: int) -> list[int | None]:
    """Return how many of 0, 1, 2, ... pods the loss of the fullest domain leaves; None if domains are unknown.

    The pods are put one by one where there are fewest.
    """
    kind, cluster = stack.backend.survive, stack.cluster
    if kind == "pod":
        return [0, *range(most)]
    if isinstance(cluster, StackReferenceCluster):
        return [None] * (most + 1)
    assert isinstance(cluster, LocalCluster | ExistingCluster | ClusterApiCluster)
    owned = not isinstance(cluster, ExistingCluster)
    if not cluster.zones or (kind == "node" and len(cluster.zones) == 1 and not owned):
        return [None] * (most + 1)
    each = (
        cluster.nodes_per_zone
        if isinstance(cluster, LocalCluster)
        else sum(pool.machines_per_zone for pool in cluster.workers)
        if isinstance(cluster, ClusterApiCluster)
        else 1
    )
    nodes = [[0] * each for _ in cluster.zones]
    kept: list[int | None] = [0]
    for pods in range(1, most + 1):
        zone = min(nodes, key=sum)
        zone[zone.index(min(zone))] += 1
        kept.append(pods - (max(map(sum, nodes)) if kind == "zone" else max(map(max, nodes))))
    return kept


def _failure(stack: Settings, backend: BackendSettings) -> dict[str, str]:
    found = {}
    kept, budget = left(stack, backend.replicas)[-1], backend.disruption_budget.max_unavailable
    assert isinstance(budget, int)
    if backend.replicas < 2:
        found["replicas"] = "no pod is left when it is replaced"
    elif kept == 0:
        found["survive"] = f"no pod is left when a {backend.survive} is lost"
    if backend.replicas - budget < 1:
        found["disruptionBudget.maxUnavailable"] = "a drain takes every pod"
    elif kept is not None and budget > backend.replicas - kept:
        found["disruptionBudget.maxUnavailable"] = "a drain takes more than the failure"
    return found


def _scaling(stack: Settings, backend: BackendSettings) -> dict[str, str]:
    scaling, requests, limits = backend.autoscaling, backend.resources.requests, backend.resources.limits
    if not scaling.enabled:
        return {}
    found, kept = {}, left(stack, scaling.max_replicas)
    if scaling.max_replicas <= backend.replicas:
        found["autoscaling.maxReplicas"] = "there is nowhere to scale to"
    if not (scaling.cpu_percent or scaling.memory_percent or scaling.pod_metrics or scaling.external_metrics):
        found["autoscaling.cpuPercent"] = "no metric"
    for key, percent, request, limit in (
        ("cpuPercent", scaling.cpu_percent, requests.cpu, limits.cpu),
        ("memoryPercent", scaling.memory_percent, requests.memory, limits.memory),
    ):
        for pods in range(backend.replicas, scaling.max_replicas + 1) if percent else ():
            load = Fraction(percent or 0, 100) * number(request) * pods
            guaranteed = key == "cpuPercent" and pods == backend.replicas
            if (rest := kept[pods]) and load > rest * number(request if guaranteed else limit):
                found[f"autoscaling.{key}"] = f"{rest} of {pods} pods cannot carry the load of all"
                break
    return found


def _room(stack: Settings, backend: BackendSettings) -> dict[str, str]:
    """Report whether every pod has a node on an embedded cluster, after the failure and during a full rollout."""
    if not isinstance(stack.cluster, LocalCluster) or stack.cluster.nodes == "real":
        return {}  # of others' nodes, and of this machine, nobody says here how large they are
    pod = backend.pod_template.get("spec", {})
    storage = number(backend.resources.tmp_size_limit) + LOG_BYTES
    a_node = min(
        number(kwok_config.NODE_CPU) // _of_pod(pod, "cpu", number(backend.resources.requests.cpu)),
        number(kwok_config.NODE_MEMORY) // _of_pod(pod, "memory", number(backend.resources.requests.memory)),
        number(kwok_config.NODE_DISK)
        // _of_pod(
            pod, "", storage + sum(number(one["emptyDir"]["sizeLimit"]) for one in pod.get("volumes", [])), storage
        ),
        kwok_config.NODE_PODS,
    )
    zones = [a_node * stack.cluster.nodes_per_zone for _ in stack.cluster.zones]
    gone = {"pod": 0, "node": a_node, "zone": zones[0]}[backend.survive]
    found = {}
    if a_node == 0:
        found["resources"] = "a pod fits on no node"
    elif sum(zones) - gone and sum(zones) - gone < backend.replicas:
        found["replicas"] = "no room is left after the failure"
    most = backend.autoscaling.max_replicas if backend.autoscaling.enabled else backend.replicas
    if sum(zones) < most - (-most // 4):
        found["autoscaling.maxReplicas"] = "no room for a rollout at full scale"
    return found


def _of_pod(pod: dict[str, Any], name: str, own: Fraction, unsaid: Fraction = Fraction(0)) -> Fraction:
    """Return a pod's peak resources: each init container with the sidecars before it, then all containers."""
    staying, most = Fraction(0), Fraction(0)
    for one in pod.get("initContainers", []):
        resources = one["resources"]
        told = resources.get("requests", resources["limits"]).get(name)
        wanted = number(told) if told else unsaid
        most = max(most, staying + wanted)
        staying += wanted if "restartPolicy" in one else 0
    return max(most, staying + own)
