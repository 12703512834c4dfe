"""What a stack may say of one pod: its size, its health, its end, its place."""

from typing import Literal

from pydantic import Field

from .base import Group, Path, PriorityClass
from .quantity import Cpu, Memory

Spread = Literal["soft", "hard"]


class Amounts(Group):
    """CPU and memory of one pod."""

    cpu: Cpu = Field(description="CPU cores, e.g. 500m.")
    memory: Memory = Field(description="Memory bytes, e.g. 128Mi.")


class Resources(Group):
    """What one pod is guaranteed (requests) and what it may use at the most (limits)."""

    requests: Amounts = Field(
        Amounts(cpu="500m", memory="128Mi"),
        description="Guaranteed to each pod; the scheduler "
        "places by it and the autoscaler's percentage is relative to it.",
    )
    limits: Amounts = Field(
        Amounts(cpu="1000m", memory="256Mi"),
        description="Above its CPU limit a pod is throttled, above its memory limit it is killed.",
    )
    tmp_size_limit: Memory = Field(
        "64Mi", description="Bytes in /tmp, the only place a pod can write to; a pod that writes more is evicted."
    )


class Health(Group):
    """How Kubernetes asks the backend how it is. Every path is asked by HTTP GET on `port`; 200-399 is good."""

    startup_path: Path = Field(
        "/healthz", description="Answers once the backend has started; the other two wait for it."
    )
    readiness_path: Path = Field(
        "/readyz",
        description="Answers while the backend can serve; bad takes the pod out of load balancing and nothing else.",
    )
    liveness_path: Path = Field(
        "/healthz",
        description="Answers unless only a restart can help; bad restarts the container. "
        "Never a check of something the pod depends on.",
    )
    startup_seconds: int = Field(
        60, ge=5, le=1800, description="Seconds that a start may take before it counts as failed."
    )
    init_seconds: int = Field(
        0,
        ge=0,
        le=1800,
        description="Seconds that containers which must end before the backend starts "
        "may take together (podTemplate.spec.initContainers). Kubernetes does not bound them.",
    )


class Shutdown(Group):
    """The seconds of a pod's end, one after the other."""

    deregistration_seconds: int = Field(
        35,
        ge=5,
        le=3600,
        description="Seconds that a pod still serves after it is told to stop, until every load "
        "balancer has taken it out. With `loadBalancer.externalTrafficPolicy: Local` at least `loadBalancer.healthCheckSeconds` + 3, "
        "with an `ingress` or a `route` its `endpointUpdateSeconds` + 2; "
        "with `Cluster` 10 covers kube-proxy; an AWS NLB with IP targets needs 120. With less, every planned change loses "
        "requests.",
    )
    drain_seconds: int = Field(
        20,
        ge=1,
        le=3600,
        description="Seconds the backend gets after that to finish requests in flight; at least "
        "as long as the slowest request.",
    )


class Placement(Group):
    """Where pods may run."""

    spread: Spread = Field(
        "soft",
        description="Over zones and nodes: `soft` prefers it and always finds a place; `hard` "
        "leaves a pod pending rather than uneven, and needs zones that are known.",
    )
    toleration_seconds: int = Field(
        30,
        ge=0,
        le=3600,
        description="Seconds that pods stay bound to a node that no longer "
        "answers, before they are replaced elsewhere. Kubernetes' own default is 300; a node that "
        "merely restarts its kubelet needs about 30.",
    )
    priority_class_name: PriorityClass | None = Field(
        None,
        description="An existing PriorityClass: pods of a higher one push out others where room is short. Left out: the "
        "cluster's default.",
    )
