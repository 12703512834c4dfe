"""The settings of the backend: what it needs, and how many failures it must survive.

The settings of the Service are in three places: its port is ``servicePort``; its type and external traffic policy are
in ``loadBalancer`` (``enabled``, ``externalTrafficPolicy``); who may connect is in ``network`` (``allowFrom``).
"""

from typing import Annotated, Literal

from pydantic import Field

from . import probes
from .autoscaling import Autoscaling
from .base import EnvironmentVariable, LabelKey, LabelValue, Name, Namespace, SettingsModel, form
from .edge import Edge
from .extra_objects import ExtraObject
from .identity import Identity, Rbac
from .ingress import Ingress, Route
from .load_balancer import LoadBalancer
from .mesh import PROXY_START_SECONDS, SIDECAR_MESHES, Mesh, MeshOptions
from .monitoring import Monitoring
from .network import Network, Port
from .overrides import Overrides
from .pod import Health, Placement, Resources, Shutdown
from .pod_template import reader
from .pod_template.field import PodTemplate
from .release_job import ReleaseJob
from .rollout import DisruptionBudget, GeneratedSecrets, Rollout
from .share import is_share, pods_of

_IMAGE = (
    r"^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[./]|_{1,2}|-+)[a-z0-9]+)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@sha256:[a-f0-9]{64})$"
)
Survive = Literal["nothing", "pod", "node", "zone"]
# Kubernetes mounts no path with a colon.
FilePath = Annotated[
    str, form(r"^(/[^/:\x00]+)+$", "an absolute path of a file, without ':' and '//'", max_length=1024)
]
Protocol = Literal["http", "https", "h2c", "grpc", "tcp", "udp"]


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
    namespace: Namespace | None = Field(None, description="Name of the namespace. If omitted, the value of `name`.")
    create_namespace: bool = Field(
        True,
        description="Whether the stack creates the namespace, with its Pod Security level, ResourceQuota, LimitRange "
        "and a NetworkPolicy that denies all other traffic. If false, the namespace exists already: the stack neither "
        "changes nor deletes it, and makes none of these.",
    )
    port: Port = Field(
        8080, description="Port that the container listens on. Below 1024 the pod may bind it without root."
    )
    protocol: Protocol = Field(
        "http",
        description="What the container speaks on `port`. It decides on the default probes: HTTP requests for `http` "
        "and `https`, the gRPC health protocol for `grpc`, a TCP connection for `h2c` and `tcp`, none for `udp`. It is "
        "also the `appProtocol` of the Service's port, except for `http`.",
    )
    service_port: Port = Field(80, description="Port of the Service, and of its load balancer.")
    metrics_port: Port | None = Field(
        None,
        description="Port of the container that serves metrics. It may be `port`. The Service does not expose another "
        "one. If omitted, there is none.",
    )
    survive: Survive = Field(
        "node",
        description="Largest failure that must not cause an outage: the loss of a `pod`, of a `node` or of a `zone`. "
        "Settings that cannot survive it are rejected. With `nothing`, one replica is enough; its loss is an outage.",
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
    rbac: Rbac = Field(default_factory=Rbac, description="Rights of the pods on the Kubernetes API. By default none.")
    identity: Identity = Field(default_factory=Identity, description="Identity of the pods on a cloud.")
    overrides: Overrides = Field(
        default_factory=Overrides,
        description="Fields of the Service, the ServiceAccount and the other objects in the words of Kubernetes, which "
        "are merged by key (docs/how-to/overrides.md).",
    )
    files: dict[FilePath, str] = Field(
        default_factory=dict,
        max_length=50,
        description="Files of the container in plain text, by their paths, such as /etc/app/config.yaml. A change "
        "causes a rollout.",
    )
    share_environment: list[Name] = Field(
        default_factory=list,
        max_length=20,
        description="Names of the init containers and sidecars in `podTemplate` that get `environment`, the generated "
        "secrets and the files too.",
    )
    release_job: ReleaseJob | None = Field(
        None,
        description="Job that runs once for each release before the first new pod, such as a migration. If omitted, "
        "there is none.",
    )
    extra_objects: list[ExtraObject] = Field(
        default_factory=list,
        max_length=100,
        description="Further objects, as in a manifest, which are applied before the pods and deleted with the stack: "
        "an ExternalSecret, a ServiceMonitor, a second Service. They are in the backend's namespace unless they name "
        "another; an empty metadata.namespace says that an object is in none.",
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
    def existing_service_account(self) -> str | None:
        """The name of an account that exists already, if the pod template names one."""
        name: str | None = reader.pod_spec(self.pod_template).get("serviceAccountName")
        return name

    @property
    def service_account_name(self) -> str:
        """The name of the pods' service account."""
        return str(self.existing_service_account or self.overrides.metadata("service_account").get("name") or self.name)

    @property
    def autoscaler_name(self) -> str:
        """The name of the HorizontalPodAutoscaler: its own, or the one that KEDA gives it."""
        return f"keda-hpa-{self.name}" if self.autoscaling.replicas_owner == "keda" else self.name

    @property
    def mounts_token(self) -> bool:
        """Whether the pods get the account's token: by default only if it has rights."""
        stated = reader.pod_spec(self.pod_template).get("automountServiceAccountToken")
        return bool(self.rbac.rules or self.rbac.cluster_rules) if stated is None else bool(stated)

    @property
    def rolling_update(self) -> dict[str, int | str]:
        """The pace of a rolling update: by default a quarter of the pods at a time, new ones first."""
        strategy = self.overrides.spec("deployment").get("strategy") or {}
        stated = {key: share for key, share in (strategy.get("rollingUpdate") or {}).items() if is_share(share)}
        return {"maxSurge": "25%", "maxUnavailable": 0, **stated}

    @property
    def survives_nodes(self) -> bool:
        """Whether the loss of a node, or of more, must not cause an outage."""
        return self.survive in ("node", "zone")

    def evictable(self, replicas: int) -> int:
        """Return how many of ``replicas`` pods the disruption budget lets a drain evict at a time, at most all."""
        budget = self.disruption_budget
        if budget.min_available is not None:
            return max(0, replicas - pods_of(budget.min_available, replicas))
        return min(replicas, pods_of(budget.max_unavailable, replicas))

    @property
    def port_name(self) -> str:
        """The name of `port` in the container and in the Service."""
        return self.protocol

    @property
    def transport(self) -> Literal["TCP", "UDP"]:
        """The transport protocol of `port`."""
        return "UDP" if self.protocol == "udp" else "TCP"

    @property
    def metrics_port_name(self) -> str:
        """The name of the port that serves metrics."""
        return self.port_name if self.metrics_port == self.port else "metrics"

    @property
    def port_names(self) -> dict[str, int]:
        """The named ports of the backend's container."""
        declared = reader.own_container(self.pod_template)[1].get("ports") or ()
        own = {self.port_name: self.port} | ({self.metrics_port_name: self.metrics_port} if self.metrics_port else {})
        return {each["name"]: each["containerPort"] for each in declared if each.get("name")} | own

    def port_number(self, port: int | str) -> int | str:
        """Return the number behind the name of a port of the container."""
        return self.port_names.get(port, int(port) if port.isdigit() else port) if isinstance(port, str) else port

    @property
    def start_seconds(self) -> int:
        """The most seconds that the backend's own container takes until it is ready."""
        return probes.start_seconds(self)[0]

    @property
    def seconds_before_start(self) -> int:
        """The most seconds that init containers, sidecars and a mesh's proxy delay the start of the backend."""
        sidecars = reader.sidecar_start_seconds(self.pod_template)
        return self.health.init_seconds + sidecars + PROXY_START_SECONDS * self.has_proxy

    @property
    def max_replicas(self) -> int:
        """The highest replica count, with or without an autoscaler."""
        return self.autoscaling.max_replicas if self.autoscaling.enabled else self.replicas
