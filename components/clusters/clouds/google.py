"""GKE: control plane and pools are run by Google, each pool over all its zones."""

from __future__ import annotations

from typing import Any

from ...settings.cluster_api import ClusterApiCluster, Google, Workers
from .parts import BOOTSTRAP, INFRASTRUCTURE, Parts, Pool, Template, autoscaled

VERSION = "v1beta1"


def parts(cluster: ClusterApiCluster, google: Google) -> Parts:
    """What Google Cloud's provider needs."""
    infrastructure: dict[str, Any] = {
        "project": google.project,
        "region": google.region,
        "network": {"name": google.network},
    }
    if google.credentials:
        infrastructure["credentialsRef"] = {"name": google.credentials, "namespace": cluster.namespace}
    return Parts(
        _template("GCPManagedClusterTemplate", infrastructure),
        # Regional: its control plane is in three zones.
        _template("GCPManagedControlPlaneTemplate", {"project": google.project, "location": google.region}),
        tuple(
            Pool(
                pool,
                Template(f"{BOOTSTRAP}/{VERSION}", "GKEConfigTemplate", {}),
                _template("GCPManagedMachinePoolTemplate", _pool(cluster, google, pool)),
            )
            for pool in cluster.workers
        ),
        autoscaler="external-autoscaler",
    )


def _pool(cluster: ClusterApiCluster, google: Google, pool: Workers) -> dict[str, Any]:
    made: dict[str, Any] = {
        "nodePoolName": pool.name,
        "nodeLocations": sorted(cluster.zones),
        "machineType": pool.machine_type or google.machine_type,
        "management": {"autoRepair": True, "autoUpgrade": False},  # its version is the settings' business
    }
    if pool.labels:
        made["kubernetesLabels"] = dict(pool.labels)
    zones = len(cluster.zones)
    # Counted over all zones. Left out, Google would take it for one that scales, between none and one machine.
    made["scaling"] = (
        {
            "enableAutoscaling": True,
            "minCount": pool.machines_per_zone * zones,
            "maxCount": (pool.max_machines_per_zone or 0) * zones,
            "locationPolicy": "balanced",
        }
        if autoscaled(pool)
        else {"enableAutoscaling": False}
    )
    return made


def _template(kind: str, spec: dict[str, Any]) -> Template:
    return Template(f"{INFRASTRUCTURE}/{VERSION}", kind, spec)
