"""What a stack may say of a cluster that Cluster API makes, on whichever cloud: clouds differ in one group of settings each."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from .base import Group, LabelKey, LabelValue, Name, Namespace, ObjectName, Zone

# A whole version; Google's ends with a part of its own, such as -gke.1243000.
VERSION = r"^1\.[0-9]{1,3}\.[0-9]{1,3}(-[0-9A-Za-z.]{1,40})?$"
CIDR = r"^[0-9]{1,3}([.][0-9]{1,3}){3}/[0-9]{1,2}$"
CLOUDS = ("aws", "google", "azure", "development")
MOST_MACHINES = 1000  # of one pool, all zones together
Cidr = Annotated[str, Field(pattern=CIDR, max_length=18)]
MachineType = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=63)]
# A region's name, as the three clouds write theirs.
Region = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]


class Management(Group):
    """The cluster on which Cluster API runs, reached by an explicit kubeconfig and context."""

    kubeconfig: str = Field(
        min_length=1,
        description="Path of the management cluster's kubeconfig; ~ and environment variables are filled in.",
    )
    context: str = Field(min_length=1, description="The context to use in that kubeconfig.")


class Aws(Group):
    """Elastic Kubernetes Service (EKS), by the provider for AWS (CAPA)."""

    region: Region = Field(description="The region, e.g. eu-central-1.")
    machine_type: MachineType = Field("m6i.large", description="Instance type of a worker.")
    identity_kind: Literal["AWSClusterControllerIdentity", "AWSClusterRoleIdentity", "AWSClusterStaticIdentity"] = (
        Field(
            "AWSClusterControllerIdentity", description="Which kind of identity CAPA acts by; the default is its own."
        )
    )
    identity_name: ObjectName = Field(
        "default", description="Name of that identity, which is on the management cluster."
    )
    instance_profile: Annotated[str, Field(pattern=r"^[A-Za-z0-9+=,.@_-]+$", max_length=128)] = Field(
        "nodes.cluster-api-provider-aws.sigs.k8s.io",
        description="IAM instance profile of workers, as clusterawsadm makes it.",
    )


class Google(Group):
    """Google Kubernetes Engine (GKE), by the provider for Google Cloud (CAPG)."""

    project: Annotated[str, Field(pattern=r"^[a-z][-a-z0-9:.]{4,61}[a-z0-9]$", max_length=63)] = Field(
        description="The project's id."
    )
    region: Region = Field(description="The region, e.g. europe-west3. Its control plane is in three zones.")
    network: ObjectName = Field("default", description="The VPC network, which exists.")
    machine_type: MachineType = Field("e2-standard-4", description="Machine type of a worker.")
    credentials: ObjectName | None = Field(
        None, description="A Secret with a service account's key, in the namespace. Left out: the provider's own."
    )


class Azure(Group):
    """Azure Kubernetes Service (AKS), by the provider for Azure (CAPZ) and the Azure Service Operator (ASO)."""

    location: Annotated[str, Field(pattern=r"^[a-z0-9]+$", max_length=40)] = Field(
        description="The region, e.g. germanywestcentral."
    )
    machine_type: MachineType = Field("Standard_D4s_v5", description="Size of a worker.")
    credentials: ObjectName = Field(
        description="A Secret that says who acts, in the namespace: `serviceoperator.azure.com/credential-from` of ASO."
    )
    tier: Literal["Standard", "Premium", "Free"] = Field(
        "Standard", description="Of the control plane; Free comes without a promise of its availability."
    )


class Development(Group):
    """Clusters in memory, by the development provider of Cluster API (CAPD): no machine, no pod, no cost. To try things out."""

    control_plane_machines: int = Field(
        3, ge=1, le=5, description="Machines of the control plane, an odd number of them."
    )
    machine_seconds: int = Field(2, ge=0, le=3600, description="Seconds that a machine takes to start.")

    @field_validator("control_plane_machines")
    @staticmethod
    def _odd(machines: int) -> int:
        if machines % 2 == 0:
            raise ValueError(
                "is even, and so many members of etcd survive no more than one less: right would be 1, 3 or 5"
            )
        return machines


class Workers(Group):
    """A pool of machines, of the same number in each zone."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*$", max_length=12)] = Field(
        "general", description="Name of the pool, distinct among them; short, as Azure wants it."
    )
    machines_per_zone: int = Field(1, ge=1, le=300, description="Machines in each zone, at the least.")
    max_machines_per_zone: int | None = Field(
        None, ge=1, le=300, description="How many an autoscaler may make of them. Left out: it leaves the pool alone."
    )
    machine_type: MachineType | None = Field(None, description="Of these workers. Left out: the cloud's `machineType`.")
    labels: dict[LabelKey, LabelValue] = Field(
        default_factory=dict,
        max_length=20,
        description="Labels of its nodes. Cluster API carries over those below "
        "node.cluster.x-k8s.io and node-role.kubernetes.io only, on machines of its own.",
    )

    @field_validator("max_machines_per_zone")
    @staticmethod
    def _above(most: int | None, given: ValidationInfo) -> int | None:
        least = given.data.get("machines_per_zone")
        if most is not None and least is not None and most < least:
            raise ValueError(f"is below machinesPerZone ({least}): raise it, or leave it out")
        return most


class ClusterClassReference(Group):
    """A ClusterClass that the platform keeps on the management cluster, instead of one that is made for this cluster alone."""

    name: ObjectName = Field(description="Its name.")
    namespace: Namespace | None = Field(None, description="Its namespace. Left out: the cluster's.")
    workers: ObjectName = Field("default-worker", description="The class of workers in it.")
    variables: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=256)], str | int | bool] = (
        Field(default_factory=dict, max_length=100, description="Values of the variables that it declares.")
    )


class ClusterApiCluster(Group):
    """A cluster that Cluster API makes, from a management cluster: exactly one of `aws`, `google`, `azure`, `development`."""

    kind: Literal["cluster-api"]
    management: Management = Field(description="The cluster on which Cluster API runs.")
    name: Name = Field(description="Name of the cluster, and of all that is made for it.")
    namespace: Namespace = Field("default", description="An existing namespace of the management cluster.")
    version: Annotated[str, Field(pattern=VERSION, max_length=60)] = Field(
        description='The whole version of Kubernetes, in quotes, e.g. "1.36.3". Another one upgrades it, by one minor '
        "version at a time, and never back."
    )
    zones: list[Zone] = Field(
        min_length=1, max_length=10, description="The zones of the workers, e.g. eu-central-1a; of Azure 1, 2 and 3."
    )
    aws: Aws | None = Field(None, description="Where it is on AWS.")
    google: Google | None = Field(None, description="Where it is on Google Cloud.")
    azure: Azure | None = Field(None, description="Where it is on Azure.")
    development: Development | None = Field(None, description="Where it is in memory only.")
    workers: list[Workers] = Field(
        default_factory=lambda: [Workers()],
        min_length=1,
        max_length=20,
        description="The pools of machines. Left out: one.",
    )
    cluster_class: ClusterClassReference | None = Field(
        None, description="A ClusterClass that exists. Left out: one is made, with all that belongs to it."
    )
    unhealthy_seconds: int = Field(
        300,
        ge=30,
        le=86400,
        description="Seconds after which a machine whose node is not ready is replaced, as long as no "
        "more than two fifths of them are. Managed pools are repaired by their cloud.",
    )
    pod_cidrs: list[Cidr] = Field(["192.168.0.0/16"], min_length=1, max_length=2, description="Addresses of pods.")
    service_cidrs: list[Cidr] = Field(
        ["10.128.0.0/12"], min_length=1, max_length=2, description="Addresses of services."
    )
    ready_minutes: int = Field(
        45,
        ge=1,
        le=240,
        description="Minutes until it must be ready, or upgraded; a cloud takes about 20. Deleted, it must "
        "be gone after as many, 45 at the least.",
    )

    @field_validator("zones")
    @staticmethod
    def _distinct(zones: list[str]) -> list[str]:
        if twice := sorted({zone for zone in zones if zones.count(zone) > 1}):
            raise ValueError(f"names {', '.join(twice)} more than once; each zone is named once")
        return zones

    @field_validator("workers")
    @staticmethod
    def _pools(workers: list[Workers], given: ValidationInfo) -> list[Workers]:
        names = [pool.name for pool in workers]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"name {', '.join(twice)} more than once; each pool has a name of its own")
        return workers

    @property
    def cloud(self) -> str:
        """The name of the group that is given."""
        return next(name for name in CLOUDS if getattr(self, name) is not None)

    @property
    def node_zones(self) -> tuple[str, ...]:
        """The zones as the label topology.kubernetes.io/zone of the nodes says them."""
        return tuple(f"{self.azure.location}-{zone}" if self.azure else zone for zone in self.zones)
