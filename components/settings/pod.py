"""The settings of one pod: resources, probes, shutdown and placement."""

from typing import Literal

from pydantic import Field

from .base import HttpPath, PriorityClass, SettingsModel
from .quantity import Cpu, Memory, MemoryLimit

Spread = Literal["soft", "hard"]


class Amounts(SettingsModel):
    """CPU and memory of one pod."""

    cpu: Cpu = Field(description="CPU cores, as a quantity such as 500m.")
    memory: Memory = Field(description="Bytes of memory, as a quantity such as 128Mi.")


class Limits(SettingsModel):
    """The most CPU and memory of one pod."""

    cpu: Cpu | None = Field(
        None, description="CPU cores, as a quantity such as 1000m. Omitted: no limit, so the pod may use idle CPUs."
    )
    memory: MemoryLimit | None = Field(
        None,
        description="Bytes of memory, as a quantity such as 256Mi. Omitted: no limit, so a pod that leaks may exhaust "
        "its node, and with it the other pods there.",
    )


class Resources(SettingsModel):
    """Requests and limits of the backend's container."""

    requests: Amounts = Field(
        Amounts(cpu="500m", memory="128Mi"),
        description="Resources that each pod is guaranteed. The scheduler places pods by them, and the targets of the "
        "HPA are relative to them.",
    )
    limits: Limits = Field(
        Limits(cpu="1000m", memory="256Mi"),
        description="Resources that each pod may use. Above its CPU limit a container is throttled; above its memory "
        "limit it is killed.",
    )
    tmp_size_limit: Memory | None = Field(
        "64Mi",
        description="Size limit of the emptyDir at /tmp, in bytes, as a quantity such as 64Mi. /tmp is the only "
        "writable directory by default. A pod that exceeds the limit is evicted. null: no limit, and no request for "
        "disk space, so a pod that fills the disk of its node takes other pods with it.",
    )


class Health(SettingsModel):
    """The probes: HTTP GET requests by the kubelet for each path, on `port`. A status of 200 to 399 is a success."""

    startup_path: HttpPath = Field(
        "/healthz",
        description="Path of the startup probe. It must succeed once the backend has started; the other probes wait "
        "for it.",
    )
    readiness_path: HttpPath = Field(
        "/readyz",
        description="Path of the readiness probe. It must succeed while the backend can serve. A failure removes the "
        "pod from the Service's endpoints and has no other effect.",
    )
    liveness_path: HttpPath = Field(
        "/healthz",
        description="Path of the liveness probe. It must fail only if nothing but a restart helps, because a failure "
        "restarts the container. Never check a dependency here.",
    )
    startup_seconds: int = Field(
        60,
        ge=5,
        le=86400,
        description="Seconds that the backend may take to start. The startup probe restarts a container that takes "
        "longer.",
    )
    init_seconds: int = Field(
        0,
        ge=0,
        le=86400,
        description="Seconds that all init containers (`podTemplate.spec.initContainers`) and postStart hooks may take "
        "together. Kubernetes does not limit them, so the promise relies on this number.",
    )


class Shutdown(SettingsModel):
    """The phases of a pod's termination, one after another."""

    deregistration_seconds: int = Field(
        35,
        ge=5,
        le=3600,
        description="Seconds that a terminating pod keeps serving, until no load balancer sends it requests any more. "
        "At least `loadBalancer.healthCheckSeconds` + 3 with `loadBalancer.externalTrafficPolicy: Local`, and "
        "`endpointUpdateSeconds` + 2 with an `ingress` or a `route`. With `Cluster`, 10 covers kube-proxy. An AWS NLB "
        "with IP targets needs 120. With less, rollouts, drains and scale-ins lose requests.",
    )
    drain_seconds: int = Field(
        20,
        ge=1,
        le=86400,
        description="Seconds that the backend has after that to finish requests in flight. Must not be shorter than "
        "the slowest request.",
    )


class Placement(SettingsModel):
    """How pods are scheduled."""

    spread: Spread = Field(
        "soft",
        description="Strictness of the topology spread constraints over zones and nodes. `soft` (ScheduleAnyway) "
        "prefers an even spread and always schedules. `hard` (DoNotSchedule) leaves a pod pending rather than uneven, "
        "and needs known zones.",
    )
    toleration_seconds: int = Field(
        30,
        ge=0,
        le=3600,
        description="Seconds that pods stay bound to a node that is not ready or unreachable, before they are "
        "replaced on another node. The default of Kubernetes is 300. A node that only restarts its kubelet needs "
        "about 30.",
    )
    priority_class_name: PriorityClass | None = Field(
        None,
        description="Name of an existing PriorityClass. If a cluster runs out of capacity, pods with a higher priority "
        "preempt others. If omitted, the cluster's default applies.",
    )
