"""A cluster that Cluster API creates from a management cluster, on any of the clouds in the registry of clouds."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, create_model, field_validator

from ..errors import clusters as errors
from ..errors import settings as setting_errors
from ..settings.base import InvalidValueError, Name, Namespace, ObjectName, SettingsModel, Zone, form
from ..settings.conflict import Conflict
from .clouds.cloud import Cloud
from .clouds.registry import CLOUDS
from .kind import ClusterKind
from .machines import Workers
from .zones import DISTINCT

if TYPE_CHECKING:
    import pulumi

    from ..availability import ClusterFacts
    from ..inspection.cluster_api_wait import Managed
    from ..preflight import KnownCluster, LookUp
    from .found import FoundCluster, RegisteredCluster

# A full version. Google's end with a part of its own, such as -gke.1243000.
VERSION = r"^1\.[0-9]{1,3}\.[0-9]{1,3}(-[0-9A-Za-z.]{1,40})?$"
CIDR = r"^[0-9]{1,3}([.][0-9]{1,3}){3}/[0-9]{1,2}$"
Cidr = Annotated[str, form(CIDR, "an IPv4 network in CIDR notation, such as 192.168.0.0/16", max_length=18)]
_Variable = Annotated[
    str,
    form(
        r"^[A-Za-z_][A-Za-z0-9_.-]*$",
        "the name of a variable: letters, digits and any of _.-, starting with a letter or '_'",
        max_length=256,
    ),
]


class Management(SettingsModel):
    """The management cluster, on which Cluster API runs, reached by an explicit kubeconfig and context."""

    kubeconfig: str = Field(
        min_length=1,
        description="Path of the management cluster's kubeconfig. `~` and environment variables are expanded.",
    )
    context: str = Field(min_length=1, description="The context to use in that kubeconfig.")


class ClusterClassReference(SettingsModel):
    """A ClusterClass that the platform maintains on the management cluster, instead of one for this cluster alone."""

    name: ObjectName = Field(description="Name of the ClusterClass.")
    namespace: Namespace | None = Field(None, description="Its namespace. Omitted: the cluster's.")
    workers: ObjectName = Field("default-worker", description="The class of workers in it.")
    variables: dict[_Variable, str | int | bool] = Field(
        default_factory=dict, max_length=100, description="Values of the variables that it declares."
    )


class _ClusterApiCluster(ClusterKind):
    example: ClassVar[Mapping[str, Any]] = {
        "kind": "cluster-api",
        "management": {"kubeconfig": "~/.kube/management", "context": "management"},
        "name": "shop",
        "version": "1.36.3",
        "zones": ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
        "aws": {"region": "eu-central-1"},
    }

    kind: Literal["cluster-api"]
    management: Management = Field(description="The management cluster, on which Cluster API runs.")
    name: Name = Field(description="Name of the cluster, and of every object that is created for it.")
    namespace: Namespace = Field("default", description="An existing namespace of the management cluster.")
    version: Annotated[str, form(VERSION, "a full Kubernetes version, such as 1.36.3", max_length=60)] = Field(
        description='Full version of Kubernetes, in quotes, such as "1.36.3". A higher one upgrades the cluster, by '
        "one minor version at a time; a lower one is rejected."
    )
    zones: Annotated[list[Zone], DISTINCT] = Field(
        min_length=1,
        max_length=10,
        description="The zones of the workers, such as eu-central-1a; on Azure 1, 2 and 3.",
    )
    workers: list[Workers] = Field(
        default_factory=lambda: [Workers()],
        min_length=1,
        max_length=20,
        description="The pools of machines. Omitted: one pool.",
    )
    cluster_class: ClusterClassReference | None = Field(
        None, description="An existing ClusterClass. Omitted: one is created, with all its templates."
    )
    unhealthy_seconds: int = Field(
        300,
        ge=30,
        le=86400,
        description="Seconds after which Cluster API replaces a machine whose node is not ready, unless more than two "
        "fifths of the pool are not. Managed pools are repaired by their cloud.",
    )
    pod_cidrs: list[Cidr] = Field(["192.168.0.0/16"], min_length=1, max_length=2, description="Addresses of pods.")
    service_cidrs: list[Cidr] = Field(
        ["10.128.0.0/12"], min_length=1, max_length=2, description="Addresses of Services."
    )
    ready_minutes: int = Field(
        45,
        ge=1,
        le=240,
        description="Minutes until the cluster must be ready, or upgraded. A cloud takes about 20. A deletion may take "
        "as long, and at least 45 minutes.",
    )

    @field_validator("workers")
    @classmethod
    def _unique_names(cls, workers: list[Workers]) -> list[Workers]:
        names = [pool.name for pool in workers]
        if duplicates := sorted({name for name in names if names.count(name) > 1}):
            raise InvalidValueError(
                f"uses the name {', '.join(duplicates)} more than once: give each pool a name of its own",
                setting_errors.DUPLICATE_ENTRY,
            )
        return workers

    @property
    def cloud_names(self) -> tuple[str, ...]:
        """The keys of the clouds that the settings contain. In settings without conflicts, there is one."""
        return tuple(name for name in CLOUDS if getattr(self, name) is not None)

    @property
    def cloud(self) -> Cloud:
        """The cloud that the cluster is on. The settings have no conflicts."""
        (name,) = self.cloud_names
        cloud: Cloud = getattr(self, name)
        return cloud

    @property
    def node_zones(self) -> tuple[str, ...]:
        """The zones as the nodes' label topology.kubernetes.io/zone names them."""
        if len(self.cloud_names) != 1:  # a conflict, which is reported next to what the zones mean for the backend
            return tuple(self.zones)
        return tuple(map(self.cloud.node_zone, self.zones))

    def facts_from_settings(self) -> "ClusterFacts":
        """Return zones, nodes and version. A cloud adds labels, and system pods take capacity: neither is known yet."""
        from ..availability import ClusterFacts, Node
        from ..settings.well_known import ZONE_LABEL

        major, minor = self.version.split(".")[:2]
        nodes_per_zone = sum(pool.machines_per_zone for pool in self.workers)
        nodes = tuple(
            Node(f"{zone}-{number}", {ZONE_LABEL: zone}, complete=False)
            for zone in self.node_zones
            for number in range(1, nodes_per_zone + 1)
        )
        return ClusterFacts(self.node_zones, len(nodes), version=(int(major), int(minor)), inventory=nodes)

    def conflicts(self) -> Iterator[Conflict]:
        """Yield contradictions between the settings of the cluster and of its cloud."""
        from .cluster_api_conflicts import conflicts

        return conflicts(self)

    def identities(self) -> Iterator[tuple[str, object]]:
        """Yield the name on its management cluster."""
        yield "name", (self.management.kubeconfig, self.management.context, self.namespace, self.name)

    def replacing(self) -> Mapping[str, Any]:
        """Return the management cluster, the namespace and the name. Cluster API changes everything else in place."""
        return {
            "kind": self.kind,
            "management": self.management.context,
            "namespace": self.namespace,
            "name": self.name,
        }

    def locate(self, options: "LookUp") -> "KnownCluster":
        """Return how to reach the cluster, from the Secret on its management cluster."""
        from ..errors import tagged
        from ..preflight import PreflightError
        from ..settings.problems import Problem
        from .management import look_up

        if known := look_up(self, options).known:
            return known
        text = f"the cluster {self.name!r} does not exist yet: create it first (make up)"
        raise PreflightError(Problem(f"{options.key}.name", tagged(text, errors.CLUSTER_NOT_CREATED)))

    def look_up(self, options: "LookUp") -> "FoundCluster":
        """Return what the management cluster reports, and what the cluster itself reports if it exists."""
        from ..preflight import facts
        from .found import FoundCluster
        from .management import look_up, reachable

        management = look_up(self, options)
        known = reachable(management, options.warn)
        return FoundCluster(known, facts(known, options) if known else None, management=management)

    def rendered(self) -> "FoundCluster":
        """Return a management cluster that is not contacted."""
        from .found import FoundCluster
        from .management import RENDERED

        return FoundCluster(management=RENDERED)

    def register(self, name: str, parent: "pulumi.Resource", found: "FoundCluster") -> "RegisteredCluster":
        """Register the objects on the management cluster from which Cluster API creates the cluster."""
        from .workload_cluster import register

        return register(name, self, parent, found)

    def needs_engine(self) -> str:
        """Return the reason: Cluster API creates the cluster from objects that Pulumi owns."""
        return "creates its cluster by Cluster API"

    @property
    def managed(self) -> "Managed":
        """The cluster on its management cluster. The settings have no conflicts."""
        from ..inspection.cluster_api_wait import Managed

        return Managed(self.name, self.namespace, self.cloud.parts(self).created)

    def remaining(self) -> Iterator[str]:
        """Yield the objects whose deletion Cluster API still waits for."""
        from .management import remaining

        return remaining(self)


if TYPE_CHECKING:
    ClusterApiCluster = _ClusterApiCluster
else:
    # One optional group of settings for each cloud, so that a cloud is complete once it is in the registry.
    ClusterApiCluster = create_model(
        "ClusterApiCluster",
        __base__=_ClusterApiCluster,
        __doc__="A cluster that Cluster API creates from a management cluster, on exactly one of "
        f"{', '.join(f'`{name}`' for name in CLOUDS)}.",
        __module__=__name__,
        **{name: (cloud | None, Field(None, description=cloud.__doc__)) for name, cloud in CLOUDS.items()},
    )
