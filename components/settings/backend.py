"""The settings of the backend: what it needs, and how many failures it must survive.

The settings of the Service are in three places: its port is ``servicePort``; its type and external traffic policy are
in ``loadBalancer`` (``enabled``, ``externalTrafficPolicy``); who may connect is in ``network`` (``allowFrom``).
"""

from typing import Annotated, Literal

from pydantic import Field

from .autoscaling import Autoscaling
from .base import EnvironmentVariable, LabelKey, LabelValue, Name, SettingsModel, form
from .edge import Edge
from .ingress import Ingress, Route
from .load_balancer import LoadBalancer
from .mesh import PROXY_START_SECONDS, SIDECAR_MESHES, Mesh, MeshOptions
from .monitoring import Monitoring
from .network import Network, Port
from .pod import Health, Placement, Resources, Shutdown
from .pod_template import reader
from .pod_template.field import PodTemplate

_IMAGE = (
    r"^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[./]|_{1,2}|-+)[a-z0-9]+)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@sha256:[a-f0-9]{64})$"
)
Survive = Literal["pod", "node", "zone"]
# Without root and with all capabilities dropped, a container cannot listen on a port below 1024.
UserPort = Annotated[int, Field(ge=1024, le=65535)]


class Rollout(SettingsModel):
    """The pace of a rollout."""

    min_ready_seconds: int = Field(
        5, ge=1, le=3600, description="Seconds that a new pod must stay ready before it counts as available."
    )
    progress_deadline_seconds: int = Field(
        300,
        ge=30,
        le=3600,
        description="Seconds without progress after which a rollout fails, and `pulumi up` with it.",
    )


class DisruptionBudget(SettingsModel):
    """The PodDisruptionBudget, which limits drains, node upgrades and cluster autoscalers."""

    max_unavailable: int = Field(
        1, ge=1, le=1000, description="Number of pods that voluntary disruptions may make unavailable at the same time."
    )


class GeneratedSecrets(SettingsModel):
    """Random secret values, encrypted in the stack's state, which the container receives as environment variables."""

    names: list[EnvironmentVariable] = Field(
        default_factory=list, max_length=50, description="Names of the environment variables, one for each value."
    )
    length: int = Field(32, ge=16, le=256, description="Length of each value, in characters.")
    rotation: int = Field(
        1, ge=1, description="Number of the rotation. Raise it to generate new values; the pods roll over to them."
    )


class BackendSettings(SettingsModel):
    """A highly available web backend. Only `image` is required."""

    image: Annotated[
        str, form(_IMAGE, "an image reference with a tag or a digest, such as nginx:1.29.1", max_length=512)
    ] = Field(
        description="Container image with a tag or a digest, such as ghcr.io/stefanprodan/podinfo:6.9.1. With "
        "`protect` or `edge`, a digest is required."
    )
    name: Name = Field(
        "backend-service", description="Name of the Deployment, of the Service and of the objects around them."
    )
    namespace: Name | None = Field(
        None, description="Name of the namespace, which the component creates. If omitted, the value of `name`."
    )
    port: UserPort = Field(8080, description="TCP port that the container listens on.")
    service_port: Port = Field(80, description="TCP port of the Service, and of its load balancer.")
    metrics_port: UserPort | None = Field(
        None,
        description="Second port of the container, for metrics. The Service does not expose it. If omitted, there is "
        "none.",
    )
    survive: Survive = Field(
        "node",
        description="Largest failure that must not cause an outage: the loss of a `pod`, of a `node` or of a `zone`. "
        "Settings that cannot survive it are rejected.",
    )
    replicas: int = Field(
        3,
        ge=1,
        le=1000,
        description="Number of replicas. With autoscaling, it is the HPA's lower limit (minReplicas).",
    )
    autoscaling: Autoscaling = Field(
        default_factory=Autoscaling, description="HorizontalPodAutoscaler, which owns the replica count if enabled."
    )
    resources: Resources = Field(default_factory=Resources, description="CPU, memory and disk space of one pod.")
    placement: Placement = Field(default_factory=Placement, description="How pods are scheduled.")
    edge: Edge | None = Field(
        None,
        description="Site with an unreliable link to the control plane. While the link is down, pods stay on their "
        "nodes, so Kubernetes does not replace the pods of a lost node (docs/how-to/edge.md). If omitted, the cluster "
        "is no such site.",
    )
    health: Health = Field(default_factory=Health, description="Startup, readiness and liveness probes.")
    load_balancer: LoadBalancer = Field(
        default_factory=LoadBalancer, description="Load balancer of the Service, and how it selects nodes."
    )
    ingress: Ingress = Field(default_factory=Ingress, description="Ingress in front of the Service.")
    route: Route = Field(default_factory=Route, description="HTTPRoute from a Gateway to the Service.")
    mesh: Mesh = Field(
        "none",
        description="Service mesh of the pods, which is already installed. `istio` and `linkerd` run a proxy in each "
        "pod, `istio-ambient` runs one on each node (docs/how-to/service-mesh.md).",
    )
    mesh_options: MeshOptions = Field(default_factory=MeshOptions, description="What the mesh does for the backend.")
    shutdown: Shutdown = Field(default_factory=Shutdown, description="Phases of a pod's termination.")
    rollout: Rollout = Field(default_factory=Rollout, description="Pace of a rollout.")
    disruption_budget: DisruptionBudget = Field(
        default_factory=DisruptionBudget, description="PodDisruptionBudget, which limits voluntary disruptions."
    )
    network: Network = Field(
        default_factory=Network, description="Traffic that the NetworkPolicies allow. They reject all other traffic."
    )
    monitoring: Monitoring = Field(
        default_factory=Monitoring, description="PodMonitor and alerts, for the Prometheus operator."
    )
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=30,
        description="Additional labels of every object and pod. No selector uses them, so they can change at any time.",
    )
    selector: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=30,
        description="The `spec.selector.matchLabels` of an existing Deployment that this stack adopts, complete. The "
        "selector is immutable: a later change replaces the Deployment, which is an outage. If omitted, "
        "`app.kubernetes.io/name` with the backend's name.",
    )
    environment: dict[EnvironmentVariable, str] = Field(
        default_factory=dict,
        description="Environment variables of the container, in plain text. A change causes a rollout.",
    )
    pod_template: PodTemplate = Field(
        default_factory=dict,
        description="Pod template overrides in the words of Kubernetes, as in a Deployment's `spec.template`: "
        "`metadata.annotations`, and `spec` with sidecars, volumes, tolerations and more. They are merged by key. "
        "Fields that would break the promise are rejected (docs/how-to/pod-template.md).",
    )
    generated_secrets: GeneratedSecrets = Field(
        default_factory=GeneratedSecrets, description="Environment variables with random secret values."
    )

    @property
    def namespace_name(self) -> str:
        """The name of the namespace; by default the name of the backend."""
        return self.namespace or self.name

    @property
    def images(self) -> dict[str, str]:
        """The images of all containers by their keys, the backend's own first."""
        return {
            "image": self.image,
            **{
                f"{added.key}.image": added.spec["image"]
                for added in reader.added_containers(self.pod_template)
                if "image" in added.spec
            },
        }

    @property
    def has_proxy(self) -> bool:
        """Whether a mesh runs a proxy in each pod."""
        return self.mesh in SIDECAR_MESHES

    @property
    def seconds_before_start(self) -> int:
        """The most seconds that init containers, sidecars and a mesh's proxy delay the start of the backend."""
        sidecars = reader.sidecar_start_seconds(self.pod_template)
        return self.health.init_seconds + sidecars + PROXY_START_SECONDS * self.has_proxy

    @property
    def max_replicas(self) -> int:
        """The highest replica count, with or without an autoscaler."""
        return self.autoscaling.max_replicas if self.autoscaling.enabled else self.replicas
