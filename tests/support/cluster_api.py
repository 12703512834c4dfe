"""Clusters of Cluster API as settings, and what a management cluster says of one."""

from __future__ import annotations

import base64
from typing import Any

from components.settings import ClusterApiCluster
from components.settings.load import validate_cluster

MANAGEMENT = {"kubeconfig": "~/.kube/management", "context": "management"}
ZONES = {
    "aws": ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
    "azure": ["1", "2", "3"],
    "google": ["europe-west3-a", "europe-west3-b", "europe-west3-c"],
    "development": ["a", "b", "c"],
}
GROUPS: dict[str, dict[str, Any]] = {
    "aws": {"region": "eu-central-1"},
    "google": {"project": "shop-1234", "region": "europe-west3"},
    "azure": {"location": "germanywestcentral", "credentials": "account"},
    "development": {},
}


def given(cloud: str = "development", **different: Any) -> dict[str, Any]:
    """As a stack file says it."""
    return {
        "kind": "cluster-api",
        "management": MANAGEMENT,
        "name": "shop",
        "version": "1.36.3",
        "zones": ZONES[cloud],
        cloud: GROUPS[cloud],
        **different,
    }


def cluster(cloud: str = "development", **different: Any) -> ClusterApiCluster:
    """The settings."""
    found = validate_cluster(given(cloud, **different), "cluster")
    assert isinstance(found, ClusterApiCluster)
    return found


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


def seen(*different: dict[str, Any], version: str = "v1.36.3") -> dict[str, Any]:
    """A Cluster that is ready, but for these conditions."""
    conditions = {each["type"]: each for each in (*READY, *different)}
    return {
        "kind": "Cluster",
        "metadata": {"name": "shop", "namespace": "default", "generation": 2, "uid": "the-uid"},
        "spec": {"topology": {"version": version}},
        "status": {"conditions": list(conditions.values())},
    }


def secret(kubeconfig: str) -> dict[str, Any]:
    return {"data": {"value": base64.b64encode(kubeconfig.encode()).decode()}}
