"""What an API server stores of one backend at one moment, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.inspection.client import Client

_PATHS = {
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "Service": "/api/v1/namespaces/{}/services",
    "Pod": "/api/v1/namespaces/{}/pods",
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Secret": "/api/v1/namespaces/{}/secrets",
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
    "ResourceQuota": "/api/v1/namespaces/{}/resourcequotas",
    "LimitRange": "/api/v1/namespaces/{}/limitranges",
    "PodDisruptionBudget": "/apis/policy/v1/namespaces/{}/poddisruptionbudgets",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
}
_NOT_OURS = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}  # Kubernetes makes these itself
Object = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a backend is: its namespace, and the name of its Deployment and its Service."""

    namespace: str
    name: str


@dataclass(frozen=True)
class Snapshot:
    """The objects of a backend's namespace, by kind and name, and the promise in the stack's outputs."""

    objects: Mapping[tuple[str, str], Object]
    promise: Mapping[str, Any] = field(default_factory=dict)

    def all(self, kind: str) -> list[Object]:
        """Every object of a kind."""
        return [found for (of, _), found in self.objects.items() if of == kind]

    def only(self, kind: str) -> Object | None:
        """The one object of a kind, where there is one."""
        return next(iter(self.all(kind)), None)

    @property
    def pods(self) -> dict[str, Object]:
        """Pods that are there to stay, by uid."""
        return {pod["metadata"]["uid"]: pod for pod in self.all("Pod") if "deletionTimestamp" not in pod["metadata"]}

    @property
    def template(self) -> Object:
        """What the Deployment makes pods from; empty where there is none."""
        deployment = self.only("Deployment")
        found: Object = deployment["spec"]["template"] if deployment else {}
        return found

    @property
    def identities(self) -> dict[str, str]:
        """The kind of each object but pods, by uid."""
        return {found["metadata"]["uid"]: kind for (kind, _), found in self.objects.items() if kind != "Pod"}


def take(client: Client, place: Place, promise: Mapping[str, Any] | None = None) -> Snapshot:
    """Asks for everything. Raises InspectionError."""
    found: dict[tuple[str, str], Object] = {}
    if (namespace := client.look(f"/api/v1/namespaces/{place.namespace}")) is not None:
        found["Namespace", place.namespace] = namespace
    for kind, path in _PATHS.items():
        for one in (client.look(path.format(place.namespace)) or {}).get("items") or ():
            if (kind, one["metadata"]["name"]) not in _NOT_OURS:
                found[kind, one["metadata"]["name"]] = one
    return Snapshot(found, promise or {})


def behind(snapshot: Snapshot) -> str | None:
    """What the cluster's controllers have not looked at yet; None where all of it is as it will be."""
    for kind in ("Deployment", "PodDisruptionBudget"):
        for one in snapshot.all(kind):
            if one.get("status", {}).get("observedGeneration", 0) < one["metadata"].get("generation", 0):
                return f"{kind} {one['metadata']['name']} is not taken in yet"
    deployment = snapshot.only("Deployment")
    if deployment and len(snapshot.pods) != (wanted := deployment["spec"]["replicas"]):
        return f"{len(snapshot.pods)} pods of {wanted}"
    return None
