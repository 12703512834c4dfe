"""A running backend as an API server reports it, healthy in every respect; a test states what differs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from components.inspection.observation import Observation
from components.settings.well_known import ZONE_LABEL as ZONE

NAME = "backend-service"
REPLICA_SET = f"{NAME}-6d5f"
ZONES = ("zone-a", "zone-b", "zone-c")
THREE_PLACES = [(zone, f"{zone}-1") for zone in ZONES]


def status_with(*conditions: tuple[str, ...], **fields: Any) -> SimpleNamespace:
    """Return a status with conditions: of each its type, its status and, optionally, its reason and message."""
    return SimpleNamespace(conditions=[condition(*each) for each in conditions], **fields)


def condition(kind: str, status: str, reason: str | None = None, message: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(type=kind, status=status, reason=reason, message=message)


def container(reason: str | None = None, message: str | None = None, *, ready: bool = False) -> SimpleNamespace:
    """Return the status of a container that waits for a reason, or runs."""
    waiting = SimpleNamespace(reason=reason, message=message) if reason else None
    return SimpleNamespace(ready=ready, state=SimpleNamespace(waiting=waiting))


RUNNING = (container(ready=True),)


def pod(
    name: str = "pod-1",
    *,
    owner: str | None = REPLICA_SET,
    terminating: bool = False,
    conditions: Any = (("Ready", "True"),),
    containers: Any = RUNNING,
    init_containers: Any = None,
) -> SimpleNamespace:
    owners = [SimpleNamespace(name=owner, kind="ReplicaSet")] if owner else None
    return SimpleNamespace(
        metadata=SimpleNamespace(name=name, owner_references=owners, deletion_timestamp="now" if terminating else None),
        status=status_with(*conditions, container_statuses=list(containers), init_container_statuses=init_containers),
    )


def endpoints(*places: tuple[str | None, str]) -> tuple[SimpleNamespace, ...]:
    """Return ready endpoints, each with its zone and node."""
    return tuple(SimpleNamespace(zone=zone, node_name=node) for zone, node in places)


def node(
    name: str,
    *,
    zone: str | None = None,
    ready: str = "True",
    cordoned: bool = False,
    taints: Any = (),
    cpu: str = "4",
    memory: str = "8Gi",
    storage: str = "64Gi",
    pods: str = "110",
) -> SimpleNamespace:
    allocatable = {"cpu": cpu, "memory": memory, "ephemeral-storage": storage, "pods": pods}
    return SimpleNamespace(
        metadata=SimpleNamespace(name=name, labels={ZONE: zone} if zone else None),
        spec=SimpleNamespace(unschedulable=cordoned or None, taints=[taint(*each) for each in taints] or None),
        status=status_with(("Ready", ready), allocatable=allocatable),
    )


def taint(key: str, effect: str) -> SimpleNamespace:
    return SimpleNamespace(key=key, effect=effect, value=None)


def deployment(
    *,
    replicas: int = 3,
    updated: int | None = None,
    available: int | None = None,
    ready: int | None = None,
    state: str = "True",
) -> SimpleNamespace:
    updated, available = replicas if updated is None else updated, replicas if available is None else available
    return SimpleNamespace(
        spec=SimpleNamespace(replicas=replicas),
        status=status_with(
            ("Available", state),
            updated_replicas=updated or None,
            available_replicas=available or None,
            ready_replicas=(available if ready is None else ready) or None,
        ),
    )


def autoscaler(
    *, minimum: int = 3, maximum: int = 10, conditions: Any = (("AbleToScale", "True"), ("ScalingActive", "True"))
) -> SimpleNamespace:
    return SimpleNamespace(
        spec=SimpleNamespace(min_replicas=minimum, max_replicas=maximum), status=status_with(*conditions)
    )


def vertical_autoscaler(mode: str | None, target: str = NAME) -> dict[str, Any]:
    policy = {"updatePolicy": {"updateMode": mode}} if mode else {}
    return {"metadata": {"name": "v"}, "spec": {"targetRef": {"kind": "Deployment", "name": target}, **policy}}


def budget(*, allowed: int = 1, expected: int = 3, healthy: int = 3, desired: int = 2) -> SimpleNamespace:
    return SimpleNamespace(
        status=SimpleNamespace(
            disruptions_allowed=allowed, expected_pods=expected, current_healthy=healthy, desired_healthy=desired
        )
    )


def service(
    *, ip: str | None = "192.0.2.10", hostname: str | None = None, kind: str = "LoadBalancer"
) -> SimpleNamespace:
    ingress = [SimpleNamespace(ip=ip, hostname=hostname)] if ip or hostname else None
    return SimpleNamespace(
        spec=SimpleNamespace(selector={"app.kubernetes.io/name": NAME}, type=kind),
        status=SimpleNamespace(load_balancer=SimpleNamespace(ingress=ingress)),
    )


def observation(**different: Any) -> Observation:
    """Return the reference workload: three pods in three zones."""
    return Observation(
        **{
            "deployment": deployment(),
            "autoscaler": autoscaler(),
            "budget": budget(),
            "service": service(),
            "pods": tuple(pod(f"pod-{number}") for number in range(3)),
            "endpoints": endpoints(*THREE_PLACES),
            "schedulable_zones": frozenset(ZONES),
            "schedulable_nodes": frozenset(node for _, node in THREE_PLACES),
            "vertical_autoscalers": (),
            "deployment_by_replica_set": {REPLICA_SET: NAME},
            **different,
        }
    )
