"""AKS: control plane and pools are run by Azure, as resources of the Azure Service Operator."""

from __future__ import annotations

from typing import Any

from ...settings.cluster_api import Azure, ClusterApiCluster, Workers
from .parts import BOOTSTRAP, INFRASTRUCTURE, Parts, Pool, Template, autoscaled

VERSION = "v1beta1"
_NO_BOOTSTRAP = {"format": "cloud-config"}  # a class must name one, and it must say something; Azure reads none of it
_RESOURCES, _CONTAINERS = "resources.azure.com/v1api20200601", "containerservice.azure.com/v1api20240901"


def parts(cluster: ClusterApiCluster, azure: Azure) -> Parts:
    """What Azure's provider needs."""
    group = _resource(azure, f"{_RESOURCES}/ResourceGroup", cluster.name, {"location": azure.location})
    managed = _resource(
        azure,
        f"{_CONTAINERS}/ManagedCluster",
        cluster.name,
        {
            "owner": {"name": cluster.name},
            "dnsPrefix": cluster.name,
            "location": azure.location,
            "identity": {"type": "SystemAssigned"},
            "servicePrincipalProfile": {"clientId": "msi"},
            # Pods take no address of the network; and without a dataplane that heeds them, NetworkPolicies are mere words.
            "networkProfile": {
                "networkPlugin": "azure",
                "networkPluginMode": "overlay",
                "networkDataplane": "cilium",
                "networkPolicy": "cilium",
            },
            "sku": {"name": "Base", "tier": azure.tier},
        },
    )
    return Parts(
        _template("AzureASOManagedClusterTemplate", [group]),
        _template("AzureASOManagedControlPlaneTemplate", [managed]),
        tuple(
            Pool(
                pool,
                Template(f"{BOOTSTRAP}/v1beta2", "KubeadmConfigTemplate", _NO_BOOTSTRAP),
                _template("AzureASOManagedMachinePoolTemplate", [_pool(cluster, azure, pool, first=number == 0)]),
            )
            for number, pool in enumerate(cluster.workers)
        ),
        autoscaler="aks",
    )


def _pool(cluster: ClusterApiCluster, azure: Azure, pool: Workers, *, first: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "azureName": pool.name,
        "owner": {"name": cluster.name},
        "mode": "System" if first else "User",  # one at the least must take what AKS itself runs
        "type": "VirtualMachineScaleSets",
        "vmSize": pool.machine_type or azure.machine_type,
        "availabilityZones": list(cluster.zones),
    }
    if pool.labels:
        made["nodeLabels"] = dict(pool.labels)
    if autoscaled(pool):
        # Counted over all zones.
        zones = len(cluster.zones)
        made |= {
            "enableAutoScaling": True,
            "minCount": pool.machines_per_zone * zones,
            "maxCount": (pool.max_machines_per_zone or 0) * zones,
        }
    return _resource(azure, f"{_CONTAINERS}/ManagedClustersAgentPool", f"{cluster.name}-{pool.name}", made)


def _resource(azure: Azure, what: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    version, _, kind = what.rpartition("/")
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "annotations": {"serviceoperator.azure.com/credential-from": azure.credentials}},
        "spec": spec,
    }


def _template(kind: str, resources: list[dict[str, Any]]) -> Template:
    return Template(f"{INFRASTRUCTURE}/{VERSION}", kind, {"resources": resources})
