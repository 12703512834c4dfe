"""Azure AKS: Azure runs the control plane and the pools, as resources of the Azure Service Operator."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from ...settings.base import ObjectName, form
from ..machines import MachineType, Workers
from .cloud import Cloud, Required
from .parts import BOOTSTRAP, INFRASTRUCTURE, Parts, Pool, Template

if TYPE_CHECKING:
    from ..cluster_api import ClusterApiCluster

VERSION = "v1beta1"
_ZONES = ("1", "2", "3")
_NO_BOOTSTRAP = {"format": "cloud-config"}  # a ClusterClass requires one that is not empty; Azure ignores it
_RESOURCES, _CONTAINERS = "resources.azure.com/v1api20200601", "containerservice.azure.com/v1api20240901"


class Azure(Cloud):
    """Azure Kubernetes Service (AKS), by the provider for Azure (CAPZ) and the Azure Service Operator (ASO)."""

    provider: ClassVar[str] = "azure"
    definitions: ClassVar[str] = "sigs.k8s.io/cluster-api-provider-azure@v1.26.0/config/crd/bases"
    max_name_length: ClassVar[int] = 45  # AKS makes a DNS prefix of up to 54 characters from it

    location: Annotated[str, form(r"^[a-z0-9]+$", "lowercase letters and digits", max_length=40)] = Field(
        description="The region, such as germanywestcentral."
    )
    machine_type: MachineType = Field("Standard_D4s_v5", description="VM size of a worker.")
    credentials: ObjectName = Field(
        description="A Secret in the namespace with the credentials by which ASO acts, as for its annotation "
        "`serviceoperator.azure.com/credential-from`.",
    )
    tier: Literal["Standard", "Premium", "Free"] = Field(
        "Standard", description="Tier of the control plane. Free has no uptime SLA."
    )

    def zone_problem(self, zone: str) -> tuple[str, tuple[str, ...]] | None:
        """Reject zones other than Azure's three numbers."""
        return None if zone in _ZONES else (f"is not a zone of Azure: use {', '.join(_ZONES)}, in quotes", ())

    def node_zone(self, zone: str) -> str:
        """Return the location and the number of the zone."""
        return f"{self.location}-{zone}"

    def required(self, namespace: str) -> Iterator[Required]:
        """Yield the Secret."""
        yield Required(
            "credentials",
            f"/api/v1/namespaces/{namespace}/secrets/{self.credentials}",
            f"Secret {self.credentials!r} in namespace {namespace!r}",
        )

    def parts(self, cluster: "ClusterApiCluster") -> Parts:
        """Return the templates of CAPZ."""
        group = self._resource(f"{_RESOURCES}/ResourceGroup", cluster.name, {"location": self.location})
        managed = self._resource(
            f"{_CONTAINERS}/ManagedCluster",
            cluster.name,
            {
                "owner": {"name": cluster.name},
                "dnsPrefix": cluster.name,
                "location": self.location,
                "identity": {"type": "SystemAssigned"},
                "servicePrincipalProfile": {"clientId": "msi"},
                # Pods use no addresses of the virtual network. Only a dataplane that enforces NetworkPolicies makes
                # them effective.
                "networkProfile": {
                    "networkPlugin": "azure",
                    "networkPluginMode": "overlay",
                    "networkDataplane": "cilium",
                    "networkPolicy": "cilium",
                },
                "sku": {"name": "Base", "tier": self.tier},
            },
        )
        return Parts(
            _template("AzureASOManagedClusterTemplate", [group]),
            _template("AzureASOManagedControlPlaneTemplate", [managed]),
            tuple(
                Pool(
                    pool,
                    Template(f"{BOOTSTRAP}/v1beta2", "KubeadmConfigTemplate", _NO_BOOTSTRAP),
                    _template("AzureASOManagedMachinePoolTemplate", [self._pool(cluster, pool, first=number == 0)]),
                )
                for number, pool in enumerate(cluster.workers)
            ),
            autoscaler="aks",
        )

    def _pool(self, cluster: "ClusterApiCluster", pool: Workers, *, first: bool) -> dict[str, Any]:
        spec: dict[str, Any] = {
            "azureName": pool.name,
            "owner": {"name": cluster.name},
            "mode": "System" if first else "User",  # at least one pool must run the system pods of AKS
            "type": "VirtualMachineScaleSets",
            "vmSize": pool.machine_type or self.machine_type,
            "availabilityZones": list(cluster.zones),
        }
        if pool.labels:
            spec["nodeLabels"] = dict(pool.labels)
        if pool.autoscaled:
            # AKS counts over all zones.
            zones = len(cluster.zones)
            spec |= {
                "enableAutoScaling": True,
                "minCount": pool.machines_per_zone * zones,
                "maxCount": (pool.max_machines_per_zone or 0) * zones,
            }
        return self._resource(f"{_CONTAINERS}/ManagedClustersAgentPool", f"{cluster.name}-{pool.name}", spec)

    def _resource(self, version_and_kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        version, _, kind = version_and_kind.rpartition("/")
        annotations = {"serviceoperator.azure.com/credential-from": self.credentials}
        return {
            "apiVersion": version,
            "kind": kind,
            "metadata": {"name": name, "annotations": annotations},
            "spec": spec,
        }


def _template(kind: str, resources: list[dict[str, Any]]) -> Template:
    return Template(f"{INFRASTRUCTURE}/{VERSION}", kind, {"resources": resources})
