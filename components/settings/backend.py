"""What a stack may say of the backend: what it needs, and how many failures it must survive."""

from typing import Annotated, Literal

from pydantic import Field

from .autoscaling import Autoscaling
from .base import Group, LabelKey, LabelValue, Name, Variable
from .edge import Edge
from .ingress import Ingress, Route
from .load_balancer import LoadBalancer
from .mesh import PROXY_START, SIDECARS, Mesh, MeshOptions
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
# A container that does not run as root cannot listen below 1024 without a capability, and all are dropped.
UserPort = Annotated[int, Field(ge=1024, le=65535)]


class Rollout(Group):
    """The pace of a new release."""

    min_ready_seconds: int = Field(5, ge=1, le=3600, description="Seconds a new pod must stay ready before it counts.")
    progress_deadline_seconds: int = Field(
        300,
        ge=30,
        le=3600,
        description="Seconds without progress after which a rollout is failed, and `pulumi up` with it.",
    )


class DisruptionBudget(Group):
    """What a drain, a node upgrade or a cluster autoscaler may take."""

    max_unavailable: int = Field(1, ge=1, le=1000, description="Pods at a time.")


class GeneratedSecrets(Group):
    """Random values made once, kept encrypted in the stack's state and given to the container as environment variables."""

    names: list[Variable] = Field(default_factory=list, max_length=50, description="Environment variables to fill.")
    length: int = Field(32, ge=16, le=256, description="Characters of each value.")
    rotation: int = Field(
        1, ge=1, description="Raise it to make new values; the pods are replaced one after the other."
    )


class BackendSettings(Group):
    """A highly available web backend. Only `image` must be given."""

    image: Annotated[str, Field(pattern=_IMAGE, max_length=512)] = Field(
        description="Container image with a tag or a digest, e.g. ghcr.io/stefanprodan/podinfo:6.9.1."
    )
    name: Name = Field("backend-service", description="Name of the Deployment, the Service and everything around them.")
    namespace: Name | None = Field(None, description="Namespace made for it. Left out: its name.")
    port: UserPort = Field(8080, description="Port the container listens on.")
    service_port: Port = Field(80, description="Port of the load balancer.")
    metrics_port: UserPort | None = Field(
        None, description="A second port of the container, for metrics; not reachable through the load balancer."
    )
    survive: Survive = Field(
        "node",
        description="The largest failure that must not be an outage: the loss of a `pod`, of a "
        "`node` or of a `zone`. Settings under which that cannot hold are refused.",
    )
    replicas: int = Field(3, ge=1, le=1000, description="Pods that always run; an autoscaler never goes below.")
    autoscaling: Autoscaling = Field(default_factory=Autoscaling, description="How far the autoscaler may go.")
    resources: Resources = Field(default_factory=Resources, description="CPU and memory of one pod.")
    placement: Placement = Field(default_factory=Placement, description="Where pods may run.")
    edge: Edge | None = Field(
        None,
        description="For a site whose link to the control plane drops: pods stay on their nodes "
        "for as long as it is down, so that those of a lost node are not replaced elsewhere "
        "(docs/edge.md).",
    )
    health: Health = Field(default_factory=Health, description="How the backend is asked how it is.")
    load_balancer: LoadBalancer = Field(
        default_factory=LoadBalancer, description="How nodes are chosen by the load balancer."
    )
    ingress: Ingress = Field(default_factory=Ingress, description="A way in by an Ingress controller.")
    route: Route = Field(default_factory=Route, description="A way in by a Gateway.")
    mesh: Mesh = Field(
        "none",
        description="The service mesh that its pods are in, which is there already: `istio` and "
        "`linkerd` put a proxy into each pod, `istio-ambient` has one on each node (docs/mesh.md).",
    )
    mesh_options: MeshOptions = Field(default_factory=MeshOptions, description="What the mesh does for it.")
    shutdown: Shutdown = Field(default_factory=Shutdown, description="The seconds of a pod's end.")
    rollout: Rollout = Field(default_factory=Rollout, description="The pace of a new release.")
    disruption_budget: DisruptionBudget = Field(default_factory=DisruptionBudget, description="What a drain may take.")
    network: Network = Field(default_factory=Network, description="The traffic that is let through.")
    monitoring: Monitoring = Field(default_factory=Monitoring, description="How it is watched.")
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=30,
        description="Labels of every object and pod, besides our own. They select "
        "nothing, so that they can change at any time.",
    )
    selector: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=30,
        description="Labels that a Deployment which is taken over selects its pods by: "
        "all of them and no others. It keeps them for life: to change, add or remove this later replaces it, which is "
        "an outage. Left out: `app.kubernetes.io/name`, with the backend's name.",
    )
    environment: dict[Variable, str] = Field(
        default_factory=dict, description="Environment variables, not secret. A change is a rolling update."
    )
    pod_template: PodTemplate = Field(
        default_factory=dict,
        description="Additions to the pod in Kubernetes' own words, as in a Deployment's "
        "`spec.template`: `metadata.annotations`, and `spec` with sidecars, volumes, tolerations and more. They are merged by "
        "key; what would break the promise is refused (docs/pod.md).",
    )
    generated_secrets: GeneratedSecrets = Field(
        default_factory=GeneratedSecrets, description="Environment variables filled with random secret values."
    )

    @property
    def namespace_name(self) -> str:
        """The namespace's name, chosen or derived."""
        return self.namespace or self.name

    @property
    def images(self) -> dict[str, str]:
        """The images of all containers, the backend's own first, by the keys that name them."""
        return {
            "image": self.image,
            **{
                f"{added.key}.image": added.spec["image"]
                for added in reader.beside(self.pod_template)
                if "image" in added.spec
            },
        }

    @property
    def has_proxy(self) -> bool:
        """Whether a mesh puts a proxy into each pod."""
        return self.mesh in SIDECARS

    @property
    def seconds_before_start(self) -> int:
        """What init containers, sidecars and a mesh's proxy may take before the backend itself is started."""
        return self.health.init_seconds + reader.start_seconds(self.pod_template) + PROXY_START * self.has_proxy

    @property
    def max_replicas(self) -> int:
        """Pods at the most, autoscaler or not."""
        return self.autoscaling.max_replicas if self.autoscaling.enabled else self.replicas
