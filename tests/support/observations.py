"""A running backend as an API server tells of it, whole and healthy; a test says what is different."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from components.inspection.observation import Observation
from components.settings.well_known import ZONE_LABEL as ZONE

NAME = "backend-service"
RELEASE = f"{NAME}-6d5f"


def having(*conditions: tuple[str, ...], **more: Any) -> SimpleNamespace:
    """A status with conditions: of each its type, its state and, where it says one, the reason and a message."""
    return SimpleNamespace(conditions=[condition(*each) for each in conditions], **more)


def condition(kind: str, state: str, reason: str | None = None, message: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(type=kind, status=state, reason=reason, message=message)


def container(reason: str | None = None, message: str | None = None, *, ready: bool = False) -> SimpleNamespace:
    """A container's status: it waits for a reason, or runs."""
    waiting = SimpleNamespace(reason=reason, message=message) if reason else None
    return SimpleNamespace(ready=ready, state=SimpleNamespace(waiting=waiting))


RUNNING = (container(ready=True),)


def pod(
    name: str = "pod-1",
    *,
    owner: str | None = RELEASE,
    ending: bool = False,
    conditions: Any = (("Ready", "True"),),
    containers: Any = RUNNING,
    first: Any = None,
) -> SimpleNamespace:
    owners = [SimpleNamespace(name=owner, kind="ReplicaSet")] if owner else None
    return SimpleNamespace(
        metadata=SimpleNamespace(name=name, owner_references=owners, deletion_timestamp="now" if ending else None),
        status=having(*conditions, container_statuses=list(containers), init_container_statuses=first),
    )


def endpoints(*places: tuple[str | None, str]) -> tuple[SimpleNamespace, ...]:
    """Ready endpoints, each with its zone and node."""
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
        status=having(("Ready", ready), allocatable=allocatable),
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
        status=having(
            ("Available", state),
            updated_replicas=updated or None,
            available_replicas=available or None,
            ready_replicas=(available if ready is None else ready) or None,
        ),
    )


def autoscaler(
    *, least: int = 3, most: int = 10, conditions: Any = (("AbleToScale", "True"), ("ScalingActive", "True"))
) -> SimpleNamespace:
    return SimpleNamespace(spec=SimpleNamespace(min_replicas=least, max_replicas=most), status=having(*conditions))


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


def seen(**different: Any) -> Observation:
    """The reference workload, three pods in three zones."""
    zones = ("zone-a", "zone-b", "zone-c")
    return Observation(
        **{
            "deployment": deployment(),
            "autoscaler": autoscaler(),
            "budget": budget(),
            "service": service(),
            "pods": tuple(pod(f"pod-{number}") for number in range(3)),
            "endpoints": endpoints(*((zone, f"{zone}-1") for zone in zones)),
            "zones": frozenset(zones),
            "nodes": frozenset(f"{zone}-1" for zone in zones),
            "vertical": (),
            "owners": {RELEASE: NAME},
            **different,
        }
    )
