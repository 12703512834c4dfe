"""What runs in one namespace, read before an adoption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import Client

Object = Mapping[str, Any]
_CORE, _APPS, _SCALING, _BATCH = "/api/v1", "/apis/apps/v1", "/apis/autoscaling/v2", "/apis/batch/v1"
# Kinds that an adoption decides by, each with the path to its list.
KINDS = {
    "Deployment": (_APPS, "deployments"),
    "Service": (_CORE, "services"),
    "HorizontalPodAutoscaler": (_SCALING, "horizontalpodautoscalers"),
    "PodDisruptionBudget": ("/apis/policy/v1", "poddisruptionbudgets"),
    "StatefulSet": (_APPS, "statefulsets"),
    "DaemonSet": (_APPS, "daemonsets"),
    "CronJob": (_BATCH, "cronjobs"),
}


@dataclass(frozen=True)
class NamespaceContents:
    """The objects in one namespace, by kind. A kind that the account may not list is missing from ``objects``."""

    namespace: Object | None
    objects: Mapping[str, tuple[Object, ...]]

    def all(self, kind: str) -> tuple[Object, ...]:
        """Return the objects of a kind."""
        return self.objects.get(kind, ())

    def one(self, kind: str, name: str) -> Object | None:
        """Return the object of that kind and name; None if it does not exist."""
        return next((one for one in self.all(kind) if name_of(one) == name), None)


def read_namespace(client: Client, namespace: str) -> NamespaceContents:
    """Read all listed kinds. Raises InspectionError."""
    objects = {}
    for kind, (group, plural) in KINDS.items():
        answer = client.get_if_permitted(f"{group}/namespaces/{namespace}/{plural}")
        if answer is not None:  # entries of a list carry neither apiVersion nor kind
            objects[kind] = tuple({**one, "apiVersion": answer["apiVersion"], "kind": kind} for one in answer["items"])
    return NamespaceContents(client.get_if_permitted(f"{_CORE}/namespaces/{namespace}"), objects)


def name_of(one: Object) -> str:
    """Return the name of an object."""
    return str(one["metadata"]["name"])


def template_labels(deployment: Object) -> Mapping[str, str]:
    """Return the labels of a Deployment's pod template."""
    labels: Mapping[str, str] = ((deployment.get("spec") or {}).get("template") or {}).get("metadata", {}).get(
        "labels"
    ) or {}
    return labels


def replica_count(deployment: Object) -> int:
    """Return the replica count of a Deployment's spec."""
    return int((deployment.get("spec") or {}).get("replicas", 1))
