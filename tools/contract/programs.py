"""The programs whose resources the contract records.

Between them they register every type of resource that the library can create; a test checks that. They are fixed
here rather than read from a stack file: editing a stack must not change the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from components import Cluster, HighlyAvailableBackend, SharedNamespace
from components.clusters.registry import KINDS, ClusterApiCluster
from components.placements import Placements
from components.settings import BackendSettings
from components.settings.balancer import BalancerSettings
from components.settings.load import validate_backend
from components.validation import validated_cluster
from tests.support import cluster_api
from tests.support.fake_engine import IMAGE

BACKENDS: Mapping[str, Mapping[str, Any]] = {
    "the image alone": {},
    "everything": {
        "name": "shop",
        "namespace": "shops",
        "environment": {"A": "1"},
        "generatedSecrets": {"names": ["KEY"]},
        "metricsPort": 9090,
        "network": {"allowMetricsFrom": ["monitoring"], "egress": [{"cidr": "10.0.0.0/8"}]},
    },
    "a fixed number": {"autoscaling": {"enabled": False}},
    "taken over": {"selector": {"app": "shop"}},
    "an ingress and a route": {
        "ingress": {"hosts": ["shop.example.com"]},
        "route": {"parentRefs": [{"name": "public"}]},
    },
    "a mesh": {
        "mesh": "istio",
        "meshOptions": {"retryAttempts": 2, "outlierDetection": {"consecutiveFailures": 3}},
        "network": {"allowFrom": ["front"]},
        "loadBalancer": {"enabled": False},
    },
    "rights, a Job and KEDA": {
        "rbac": {
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}],
            "clusterRules": [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}],
        },
        "releaseJob": {"command": ["/migrate"]},
        "files": {"/etc/app/config.yaml": "level: 1"},
        "autoscaling": {"owner": "keda", "triggers": [{"type": "cron", "metadata": {"timezone": "UTC"}}]},
        "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"}}],
    },
    "monitoring": {
        "metricsPort": 9090,
        "network": {"allowMetricsFrom": ["monitoring"]},
        "monitoring": {"scrape": True, "objectivePercent": 99.9, "errorRatio": "sum(errors[$window])"},
    },
}
CLUSTERS: Mapping[str, Mapping[str, Any]] = {
    **{kind.example["kind"]: kind.example for kind in KINDS if not issubclass(kind, ClusterApiCluster)},
    **{f"cluster-api on {cloud}": cluster_api.cluster_values(cloud) for cloud in cluster_api.GROUPS},
}


def programs() -> dict[str, Callable[[], object]]:
    """Return each program by its title."""
    return {
        **{f"backend: {title}": _backend(settings) for title, settings in BACKENDS.items()},
        **{f"cluster: {title}": _cluster(settings) for title, settings in CLUSTERS.items()},
        "shared namespace": _shared_namespace,
        "placements": _placements,
    }


def _backend(settings: Mapping[str, Any]) -> Callable[[], object]:
    return lambda: HighlyAvailableBackend("web", {"image": IMAGE, **settings})


def _cluster(settings: Mapping[str, Any]) -> Callable[[], object]:
    found = replace(validated_cluster(settings, "cluster").rendered(), folder="/f")
    return lambda: Cluster("cluster", settings, found=found)


def _shared_namespace() -> None:
    shared = SharedNamespace("shop", {"name": "shop", "backends": [{"image": IMAGE, "name": "web"}]})
    for one in shared.backends:
        HighlyAvailableBackend(one.name, one, namespace=shared)


def _placements() -> None:
    balancer = BalancerSettings.model_validate({"healthCheckSeconds": 30})
    Placements("placements", {name: _settings() for name in ("east", "west")}, balancer)


def _settings() -> BackendSettings:
    return validate_backend({"image": IMAGE}, "backend", lambda _: [])
