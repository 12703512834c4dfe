"""What a stack may say of the cluster it runs on."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from .base import Group, Name, Zone
from .cluster_api import ClusterApiCluster

# Three names of Pulumi's own, each of up to 100 characters.
STACK = r"^[A-Za-z0-9_.-]{1,100}(/[A-Za-z0-9_.-]{1,100}){2}$"
MOST_REAL_NODES = 9  # each is a containerd, a kubelet and a kube-proxy, about 200 MB, on one machine


def distinct(zones: list[str]) -> list[str]:
    """The zones, each named once. Raises ValueError otherwise."""
    if twice := sorted({zone for zone in zones if zones.count(zone) > 1}):
        raise ValueError(f"names {', '.join(twice)} more than once; each zone is named once")
    return zones


class LocalCluster(Group):
    """An embedded cluster on this machine, made by `pulumi up` and removed by `pulumi destroy`."""

    kind: Literal["local"]
    kubernetes: Literal["1.35", "1.36", "1.37"] = Field(
        "1.36", description="Version of Kubernetes, in quotes: without them, YAML reads a number."
    )
    zones: list[Name] = Field(
        ["zone-a", "zone-b", "zone-c"],
        min_length=1,
        max_length=10,
        description="Names of the failure domains that the nodes are put in.",
    )
    nodes_per_zone: int = Field(
        1,
        ge=1,
        le=50,
        description="Nodes in each zone. A simulated one has 4 CPUs and 8 GiB, a real one all of this machine; "
        "real ones are 9 at the most, all zones together.",
    )
    api_port: int | None = Field(
        None,
        ge=1024,
        le=65535,
        description="Port of the API server on 127.0.0.1; with real nodes, on an address of the "
        "cluster's own. Left out: any free port.",
    )
    nodes: Literal["simulated", "real"] = Field(
        "simulated",
        description="What runs pods: nobody, or a containerd and a kubelet for each node, on Linux as root.",
    )
    images: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Archives of images for real nodes, as `docker save` writes them; ~ and environment variables are filled "
        "in. Such nodes reach no registry: what is not here, or one of the samples, cannot run.",
    )

    _distinct = field_validator("zones")(staticmethod(distinct))

    @field_validator("nodes")
    @staticmethod
    def _few(nodes: str, given: ValidationInfo) -> str:
        zones, each = given.data.get("zones"), given.data.get("nodes_per_zone")
        if nodes == "real" and zones and each and (count := len(zones) * each) > MOST_REAL_NODES:
            right = f"lower nodesPerZone to {fits}" if (fits := MOST_REAL_NODES // len(zones)) else "name fewer zones"
            raise ValueError(
                f"nodes are {MOST_REAL_NODES} at the most, and zones and nodesPerZone make {count}: {right}"
            )
        return nodes

    @field_validator("images")
    @staticmethod
    def _real(images: list[str], given: ValidationInfo) -> list[str]:
        if images and given.data.get("nodes") == "simulated":
            raise ValueError("are for real nodes, and these are simulated: set nodes to real, or leave them out")
        return images


class ExistingCluster(Group):
    """A cluster that somebody else runs, reached by an explicit kubeconfig and context, never by whatever is current."""

    kind: Literal["existing"]
    kubeconfig: str = Field(
        min_length=1, description="Path of the kubeconfig file; ~ and environment variables are filled in."
    )
    context: str = Field(min_length=1, description="The context to use in that kubeconfig.")
    identifier: str | None = Field(
        None,
        min_length=1,
        description="A name that stays the same for as long as it is the same cluster; all resources are replaced when it "
        "changes, and only then. Left out: the context's name.",
    )
    zones: list[Zone] = Field(
        default_factory=list,
        max_length=10,
        description="The zones its nodes are in, as their label topology.kubernetes.io/zone says. Left out: what the nodes "
        "say when they are asked. Named, one that has lost its nodes is warned of, not refused.",
    )

    _distinct = field_validator("zones")(staticmethod(distinct))


class StackReferenceCluster(Group):
    """A cluster that another stack owns, such as a platform's: its outputs `kubeconfig`, `identifier` and `zones` are read."""

    kind: Literal["stack-reference"]
    stack: Annotated[str, Field(pattern=STACK, max_length=302)] = Field(
        description="The stack that owns the cluster, as organization/project/stack. In a state that Pulumi Cloud does not "
        "keep the first of these is the word organization."
    )


ClusterSettings = Annotated[
    LocalCluster | ExistingCluster | StackReferenceCluster | ClusterApiCluster, Field(discriminator="kind")
]
KINDS = ("local", "existing", "stack-reference", "cluster-api")
