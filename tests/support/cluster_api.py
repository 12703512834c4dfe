"""Settings of clusters with Cluster API, and their objects on a management cluster."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import yaml

from components.clusters.clouds.registry import CLOUDS
from components.settings import ClusterApiCluster
from components.settings.load import validate_cluster

EXAMPLES = Path(__file__).parents[2] / "examples/stacks"
_CLUSTERS: dict[str, dict[str, Any]] = {
    cloud: yaml.safe_load((EXAMPLES / f"Pulumi.{cloud}.yaml").read_text())["config"]["ha-backend:cluster"]
    for cloud in CLOUDS
}
"""The cluster of each cloud's example stack."""
MANAGEMENT = {"kubeconfig": "~/.kube/management", "context": "management"}
ZONES: dict[str, list[str]] = {cloud: cluster["zones"] for cloud, cluster in _CLUSTERS.items()}
GROUPS: dict[str, dict[str, Any]] = {
    # What the cloud's settings require, and no more.
    cloud: {key: cluster[cloud][key] for key in CLOUDS[cloud].model_json_schema(by_alias=True).get("required", ())}
    for cloud, cluster in _CLUSTERS.items()
}


def cluster_values(cloud: str = "development", **overrides: Any) -> dict[str, Any]:
    """Return the settings as in a stack file."""
    return {
        "kind": "cluster-api",
        "management": MANAGEMENT,
        "name": "shop",
        "version": "1.36.3",
        "zones": ZONES[cloud],
        cloud: GROUPS[cloud],
        **overrides,
    }


def cluster(cloud: str = "development", **overrides: Any) -> ClusterApiCluster:
    """Return the validated settings."""
    settings = validate_cluster(cluster_values(cloud, **overrides), "cluster")
    assert isinstance(settings, ClusterApiCluster)
    return settings


def condition(
    kind: str, status: str = "True", reason: str = "", message: str = "", generation: int = 2
) -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": reason, "message": message, "observedGeneration": generation}


READY = tuple(
    condition(kind)
    for kind in (
        "TopologyReconciled",
        "InfrastructureReady",
        "ControlPlaneInitialized",
        "ControlPlaneAvailable",
        "WorkersAvailable",
        "Available",
    )
)


def cluster_object(*conditions_replaced: dict[str, Any], version: str = "v1.36.3") -> dict[str, Any]:
    """Return a ready Cluster object with some conditions replaced."""
    conditions = {each["type"]: each for each in (*READY, *conditions_replaced)}
    return {
        "kind": "Cluster",
        "metadata": {"name": "shop", "namespace": "default", "generation": 2, "uid": "the-uid"},
        "spec": {"topology": {"version": version}},
        "status": {"conditions": list(conditions.values())},
    }


def secret(kubeconfig: str) -> dict[str, Any]:
    return {"data": {"value": base64.b64encode(kubeconfig.encode()).decode()}}
