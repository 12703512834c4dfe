"""An embedded cluster on this machine, which `pulumi up` creates and `pulumi destroy` deletes."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from ..errors import clusters as errors
from ..settings.base import InvalidValueError, Name
from .kind import ClusterKind
from .zones import DISTINCT

if TYPE_CHECKING:
    import pulumi

    from ..availability import ClusterFacts, Node
    from ..devcluster.cluster import EmbeddedCluster
    from ..preflight import KnownCluster, LookUp
    from .found import FoundCluster, RegisteredCluster

MAX_REAL_NODES = 9  # each is a containerd, a kubelet and a kube-proxy, about 200 MB, on one machine


class LocalCluster(ClusterKind):
    """An embedded cluster on this machine, created by `pulumi up` and deleted by `pulumi destroy`."""

    example: ClassVar[Mapping[str, Any]] = {"kind": "local"}
    embedded: ClassVar[bool] = True

    kind: Literal["local"]
    kubernetes: Literal["1.35", "1.36", "1.37"] = Field(
        "1.36", description="Minor version of Kubernetes, in quotes: without them, YAML reads a number."
    )
    zones: Annotated[list[Name], DISTINCT] = Field(
        ["zone-a", "zone-b", "zone-c"],
        min_length=1,
        max_length=10,
        description="Names of the zones that the nodes are in.",
    )
    nodes_per_zone: int = Field(
        1,
        ge=1,
        le=50,
        description="Nodes in each zone. A simulated node has 4 CPUs and 8 GiB of memory; a real one has all of this "
        "machine. A cluster has at most 9 real nodes.",
    )
    api_port: int | None = Field(
        None,
        ge=1024,
        le=65535,
        description="Port of the API server on 127.0.0.1; with real nodes, on an address of the cluster's own. "
        "Omitted: any free port.",
    )
    nodes: Literal["simulated", "real"] = Field(
        "simulated",
        description="What runs pods: nothing, or a containerd and a kubelet for each node, on Linux as root.",
    )
    images: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Archives of images for real nodes, as `docker save` writes them. `~` and environment variables "
        "are expanded. Real nodes reach no registry: they run only these images and the samples.",
    )

    @field_validator("nodes")
    @classmethod
    def _few_real_nodes(cls, nodes: str, info: ValidationInfo) -> str:
        zones, each = info.data.get("zones"), info.data.get("nodes_per_zone")
        if nodes == "real" and zones and each and (count := len(zones) * each) > MAX_REAL_NODES:
            fits = MAX_REAL_NODES // len(zones)
            remedy = f"lower nodesPerZone to {fits}" if fits else "list fewer zones"
            raise InvalidValueError(
                f"makes {count} nodes in {len(zones)} zones, and one machine runs at most {MAX_REAL_NODES}: {remedy}",
                errors.TOO_MANY_REAL_NODES,
            )
        return nodes

    @field_validator("images")
    @classmethod
    def _for_real_nodes(cls, images: list[str], info: ValidationInfo) -> list[str]:
        if images and info.data.get("nodes") == "simulated":
            raise InvalidValueError(
                "needs real nodes, and the nodes are simulated: set nodes to real, or omit images",
                errors.IMAGES_WITHOUT_REAL_NODES,
            )
        return images

    def facts_from_settings(self) -> "ClusterFacts":
        """Return everything about the cluster, except the capacity of real nodes: it is that of this machine."""
        from ..availability.facts import SIMULATED_NODE, ClusterFacts
        from ..availability.mesh_support import NO_MESH

        major, minor = self.kubernetes.split(".")
        simulated = self.nodes == "simulated"
        return ClusterFacts(
            tuple(self.zones),
            len(self.zones) * self.nodes_per_zone,
            SIMULATED_NODE if simulated else None,
            simulated,
            (int(major), int(minor)),
            frozenset({"metrics.k8s.io"}),
            frozenset(),
            tuple(self._nodes(simulated=simulated)),
            ingress_classes={},
            mesh=NO_MESH,
        )

    def _nodes(self, *, simulated: bool) -> Iterator["Node"]:
        """Yield the nodes as components.devcluster creates them. A real node has more labels than are known here."""
        from ..availability.facts import SIMULATED_NODE, Node
        from ..settings.pod_template.scheduling import HOST
        from ..settings.well_known import ZONE_LABEL

        for zone in self.zones:
            for number in range(1, self.nodes_per_zone + 1):
                name = f"{zone}-{number}"
                labels = {
                    HOST: name,
                    "kubernetes.io/os": "linux",
                    ZONE_LABEL: zone,
                    "topology.kubernetes.io/region": "local",
                    **({"kubernetes.io/arch": "amd64"} if simulated else {}),
                }
                yield Node(name, labels, (), SIMULATED_NODE if simulated else None, complete=simulated)

    def identities(self) -> Iterator[tuple[str, object]]:
        """Yield the port: each placement creates a cluster of its own, and only a port can be taken."""
        if self.api_port and self.nodes == "simulated":
            yield "apiPort", self.api_port

    def replacing(self) -> Mapping[str, Any]:
        """Return every setting but the images, which a running cluster takes in."""
        return self.model_dump(exclude={"images"})

    def cluster(self, folder: Path, log: Callable[[str], None]) -> "EmbeddedCluster":
        """Return the cluster that the settings describe, in its directory."""
        from ..devcluster import image_archives
        from ..devcluster.cluster import EmbeddedCluster

        return EmbeddedCluster(
            folder,
            self.zones,
            self.nodes_per_zone,
            self.api_port,
            self.kubernetes,
            log,
            self.nodes == "real",
            image_archives.paths(self.images),
        )

    def check(self, options: "LookUp") -> None:
        """Obtain missing programs, which takes minutes once per machine, and check that the cluster can start."""
        from .local_checks import check

        check(self, options)

    def locate(self, options: "LookUp") -> "KnownCluster":
        """Return the kubeconfig that a started cluster leaves in its directory."""
        from .local_checks import locate

        return locate(self, options)

    def look_up(self, options: "LookUp") -> "FoundCluster":
        """Check that the cluster can start, unless this is a preview. The settings state everything else."""
        from .found import FoundCluster

        if options.starts:
            self.check(options)
        return FoundCluster(folder=str(options.folder))

    def register(self, name: str, parent: "pulumi.Resource", found: "FoundCluster") -> "RegisteredCluster":
        """Register the embedded cluster, as a resource that creates and deletes it."""
        import pulumi

        from .. import embedded_cluster
        from ..devcluster import image_archives
        from .found import RegisteredCluster

        create = found.embedded or embedded_cluster.EmbeddedCluster
        resource: Any = create(
            name,
            {
                "folder": str(Path(found.folder).absolute()),
                "zones": list(self.zones),
                "nodesPerZone": self.nodes_per_zone,
                "apiPort": self.api_port or 0,
                "kubernetes": self.kubernetes,
                "nodes": self.nodes,
                "images": [str(path) for path in image_archives.paths(self.images)],
            },
            pulumi.ResourceOptions(parent=parent),
        )
        return RegisteredCluster(
            resource.kubeconfig, resource.instance, None, resource, own_objects=True, delete_unreachable=True
        )
