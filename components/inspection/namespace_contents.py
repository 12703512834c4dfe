"""What runs in one namespace, for whoever wants to take it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import Client

Object = Mapping[str, Any]
_CORE, _APPS, _SCALING, _BATCH = "/api/v1", "/apis/apps/v1", "/apis/autoscaling/v2", "/apis/batch/v1"
# Kinds that the component makes, and kinds that keep pods; each with the way to its list.
KINDS = {
    "Deployment": (_APPS, "deployments"),
    "Service": (_CORE, "services"),
    "ServiceAccount": (_CORE, "serviceaccounts"),
    "ResourceQuota": (_CORE, "resourcequotas"),
    "LimitRange": (_CORE, "limitranges"),
    "HorizontalPodAutoscaler": (_SCALING, "horizontalpodautoscalers"),
    "PodDisruptionBudget": ("/apis/policy/v1", "poddisruptionbudgets"),
    "NetworkPolicy": ("/apis/networking.k8s.io/v1", "networkpolicies"),
    "StatefulSet": (_APPS, "statefulsets"),
    "DaemonSet": (_APPS, "daemonsets"),
    "CronJob": (_BATCH, "cronjobs"),
}


@dataclass(frozen=True)
class Found:
    """What is in one namespace. ``objects``: by kind; a kind that may not be listed is not among them."""

    namespace: Object | None
    objects: Mapping[str, tuple[Object, ...]]

    def all(self, kind: str) -> tuple[Object, ...]:
        """The objects of a kind."""
        return self.objects.get(kind, ())

    def one(self, kind: str, name: str) -> Object | None:
        """The object of that kind and name."""
        if kind == "Namespace":
            return self.namespace if self.namespace and name_of(self.namespace) == name else None
        return next((one for one in self.all(kind) if name_of(one) == name), None)


def look(client: Client, namespace: str) -> Found:
    """Asks for all of it. Raises InspectionError."""
    objects = {}
    for kind, (group, plural) in KINDS.items():
        answer = client.look(f"{group}/namespaces/{namespace}/{plural}")
        if answer is not None:  # entries of a list do not say what they are
            objects[kind] = tuple({**one, "apiVersion": answer["apiVersion"], "kind": kind} for one in answer["items"])
    return Found(client.look(f"{_CORE}/namespaces/{namespace}"), objects)


def name_of(one: Object) -> str:
    """The name of an object."""
    return str(one["metadata"]["name"])


def labels_of_pods(deployment: Object) -> Mapping[str, str]:
    """The labels that a Deployment gives to its pods."""
    found: Mapping[str, str] = ((deployment.get("spec") or {}).get("template") or {}).get("metadata", {}).get(
        "labels"
    ) or {}
    return found


def replicas(deployment: Object) -> int:
    """How many pods it is to have."""
    return int((deployment.get("spec") or {}).get("replicas", 1))
