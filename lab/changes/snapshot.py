"""The objects of one backend that an API server stores at one moment."""

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
_NOT_OURS = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}  # created by Kubernetes
Object = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """The location of a backend: its namespace, and the name of its Deployment and its Service."""

    namespace: str
    name: str


@dataclass(frozen=True)
class Snapshot:
    """The objects of a backend's namespace, by kind and name, and the promise in the stack's outputs."""

    objects: Mapping[tuple[str, str], Object]
    promise: Mapping[str, Any] = field(default_factory=dict)

    def all(self, kind: str) -> list[Object]:
        """Return every object of a kind."""
        return [one for (of, _), one in self.objects.items() if of == kind]

    def only(self, kind: str) -> Object | None:
        """Return the first object of a kind; None without one."""
        return next(iter(self.all(kind)), None)

    @property
    def pods(self) -> dict[str, Object]:
        """Return the pods that are not terminating, by uid."""
        return {pod["metadata"]["uid"]: pod for pod in self.all("Pod") if "deletionTimestamp" not in pod["metadata"]}

    @property
    def template(self) -> Object:
        """Return the Deployment's pod template; empty without a Deployment."""
        deployment = self.only("Deployment")
        template: Object = deployment["spec"]["template"] if deployment else {}
        return template

    @property
    def identities(self) -> dict[str, str]:
        """Return the kind of each object except pods, by uid."""
        return {one["metadata"]["uid"]: kind for (kind, _), one in self.objects.items() if kind != "Pod"}


def take_snapshot(client: Client, place: Place, promise: Mapping[str, Any] | None = None) -> Snapshot:
    """Read all objects. Raises InspectionError."""
    objects: dict[tuple[str, str], Object] = {}
    if (namespace := client.get_if_permitted(f"/api/v1/namespaces/{place.namespace}")) is not None:
        objects["Namespace", place.namespace] = namespace
    for kind, path in _PATHS.items():
        for one in (client.get_if_permitted(path.format(place.namespace)) or {}).get("items") or ():
            if (kind, one["metadata"]["name"]) not in _NOT_OURS:
                objects[kind, one["metadata"]["name"]] = one
    return Snapshot(objects, promise or {})


def pending(snapshot: Snapshot) -> str | None:
    """Return what the controllers have not processed yet; None if they are done."""
    for kind in ("Deployment", "PodDisruptionBudget"):
        for one in snapshot.all(kind):
            if one.get("status", {}).get("observedGeneration", 0) < one["metadata"].get("generation", 0):
                return f"{kind} {one['metadata']['name']} is not processed yet"
    deployment = snapshot.only("Deployment")
    if deployment and len(snapshot.pods) != (replicas := deployment["spec"]["replicas"]):
        return f"{len(snapshot.pods)} pods of {replicas}"
    return None
