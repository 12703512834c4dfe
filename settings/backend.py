"""What a stack may say of the backend: what it needs, and how many failures it must survive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field, model_validator

from settings.base import Group, Name, Path, Variable
from settings.quantity import Cpu, Memory, amount
from settings.rules import Conflict, ConflictError

_IMAGE = (r"^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[./]|_{1,2}|-+)[a-z0-9]+)*"
          r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@sha256:[a-f0-9]{64})$")
Seconds = Annotated[int, Field(ge=0, le=3600)]
Port = Annotated[int, Field(ge=1, le=65535)]
# A container that does not run as root cannot listen below 1024 without a capability, and all are dropped.
UserPort = Annotated[int, Field(ge=1024, le=65535)]


class Amounts(Group):
    """CPU and memory of one pod."""

    cpu: Cpu = Field(description="CPU cores, e.g. 500m.")
    memory: Memory = Field(description="Memory bytes, e.g. 128Mi.")


class Resources(Group):
    """What one pod is guaranteed (requests) and what it may use at the most (limits)."""

    requests: Amounts = Field(Amounts(cpu="500m", memory="128Mi"), description="Guaranteed to each pod; the scheduler "
                              "places by it and the autoscaler's percentage is relative to it.")
    limits: Amounts = Field(Amounts(cpu="1000m", memory="256Mi"), description="Above its CPU limit a pod is throttled, "
                            "above its memory limit it is killed.")


class Autoscaling(Group):
    """How far the HorizontalPodAutoscaler may go above `replicas`."""

    enabled: bool = Field(True, description="Whether there is an autoscaler; without one, `replicas` pods run, always.")
    max_replicas: int = Field(10, ge=1, le=1000, description="Pods at the most.")
    cpu_percent: int = Field(
        60, ge=10, le=100, description="Percentage of the CPU request, averaged over the pods, that the autoscaler steers to. "
        "With three zones, losing one multiplies the load on the rest by 1.5: above 66 they are overloaded until new pods run.")


class Health(Group):
    """How Kubernetes asks the backend how it is. Every path is asked by HTTP GET on `port`; 200-399 is good."""

    startup_path: Path = Field("/healthz", description="Answers once the backend has started; the other two wait for it.")
    readiness_path: Path = Field("/readyz", description="Answers while the backend can serve; bad takes the pod out of "
                                 "load balancing and nothing else.")
    liveness_path: Path = Field("/healthz", description="Answers unless only a restart can help; bad restarts the container. "
                                "Never a check of something the pod depends on.")
    startup_seconds: int = Field(60, ge=5, le=1800, description="Seconds that a start may take before it counts as failed.")


class Shutdown(Group):
    """The seconds of a pod's end, one after the other."""

    deregistration_seconds: Seconds = Field(
        10, description="Seconds that a pod still serves after it is told to stop, until every load balancer has taken it out: "
        "10 covers kube-proxy; an AWS NLB with IP targets needs 120.")
    drain_seconds: Seconds = Field(20, description="Seconds the backend gets after that to finish requests in flight; at least "
                                   "as long as the slowest request.")


class Rollout(Group):
    """The pace of a new release."""

    min_ready_seconds: Seconds = Field(5, description="Seconds a new pod must stay ready before it counts.")
    deadline_seconds: int = Field(300, ge=30, le=3600, description="Seconds without progress after which a rollout is failed, "
                                  "and `pulumi up` with it.")


class GeneratedSecrets(Group):
    """Random values made once, kept encrypted in the stack's state and given to the container as environment variables."""

    names: list[Variable] = Field(default_factory=list, max_length=50, description="Environment variables to fill.")
    length: int = Field(32, ge=16, le=256, description="Characters of each value.")
    rotation: int = Field(1, ge=1, description="Raise it to make new values; the pods are replaced one after the other.")


class BackendSettings(Group):
    """A highly available web backend. Only `image` must be given."""

    image: Annotated[str, Field(pattern=_IMAGE, max_length=512)] = Field(
        description="Container image with a tag or a digest, e.g. ghcr.io/stefanprodan/podinfo:6.9.2.")
    name: Name = Field("backend-service", description="Name of the Deployment, the Service and everything around them.")
    namespace: Name | None = Field(None, description="Namespace made for it. Left out: its name.")
    port: UserPort = Field(8080, description="Port the container listens on.")
    service_port: Port = Field(80, description="Port of the load balancer.")
    metrics_port: UserPort | None = Field(
        None, description="A second port of the container, for metrics; not reachable through the load balancer.")
    replicas: int = Field(3, ge=1, le=1000, description="Pods that always run; an autoscaler never goes below.")
    autoscaling: Autoscaling = Field(default_factory=Autoscaling, description="How far the autoscaler may go.")
    resources: Resources = Field(default_factory=Resources, description="CPU and memory of one pod.")
    health: Health = Field(default_factory=Health, description="How the backend is asked how it is.")
    shutdown: Shutdown = Field(default_factory=Shutdown, description="The seconds of a pod's end.")
    rollout: Rollout = Field(default_factory=Rollout, description="The pace of a new release.")
    environment: dict[Variable, str] = Field(
        default_factory=dict, description="Environment variables, not secret. A change is a rolling update.")
    generated_secrets: GeneratedSecrets = Field(
        default_factory=GeneratedSecrets, description="Environment variables filled with random secret values.")

    @property
    def namespace_name(self) -> str:
        """The namespace's name, chosen or derived."""
        return self.namespace or self.name

    @property
    def max_replicas(self) -> int:
        """Pods at the most, autoscaler or not."""
        return self.autoscaling.max_replicas if self.autoscaling.enabled else self.replicas

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if conflicts := list(self._conflicts()):
            raise ConflictError(conflicts)
        return self

    def _conflicts(self) -> Iterator[Conflict]:
        scaling, health, rollout = self.autoscaling, self.health, self.rollout
        if scaling.enabled and scaling.max_replicas < self.replicas:
            yield Conflict("autoscaling.maxReplicas", scaling.max_replicas,
                           f"must be at least replicas ({self.replicas}): raise it, or lower replicas", ("replicas",))
        for key in ("cpu", "memory"):
            request, limit = (getattr(part, key) for part in (self.resources.requests, self.resources.limits))
            if amount(request) > amount(limit):
                yield Conflict(f"resources.requests.{key}", request, f"must not be above resources.limits.{key} ({limit}): "
                               "lower the request, or raise the limit", (f"resources.limits.{key}",))
        if self.metrics_port == self.port:
            yield Conflict("metricsPort", self.metrics_port, "is already the container's port: choose another", ("port",))
        if health.readiness_path == health.liveness_path:
            yield Conflict("health.livenessPath", health.liveness_path, "must differ from health.readinessPath: a pod that is "
                           "merely not ready must not be restarted", ("health.readinessPath",))
        if rollout.min_ready_seconds + health.startup_seconds >= rollout.deadline_seconds:
            yield Conflict("rollout.deadlineSeconds", rollout.deadline_seconds,
                           f"must be above health.startupSeconds ({health.startup_seconds}) + rollout.minReadySeconds "
                           f"({rollout.min_ready_seconds}): a slow start would fail the rollout",
                           ("health.startupSeconds", "rollout.minReadySeconds"))
        names = self.generated_secrets.names
        for twice in sorted({name for name in names if names.count(name) > 1}):
            yield Conflict("generatedSecrets.names", twice, "is named more than once: each variable is named once")
        for both in sorted(set(names) & set(self.environment)):
            yield Conflict("generatedSecrets.names", both, "is also in environment: a variable has one source",
                           ("environment",))
