"""A stand-in for the client of an API server: answers by the name of what is asked, and keeps what it was asked."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from components.inspection.client import InspectionError

PATHS = {
    "/api/v1/nodes": "list_node",
    "/apis": "get_api_versions",
    "/version": "get_code",
    "/apis/scheduling.k8s.io/v1/priorityclasses": "list_priority_class",
    "/apis/networking.k8s.io/v1/ingressclasses": "list_ingress_class",
    "/api/v1/namespaces/backend-service/persistentvolumeclaims": "list_namespaced_persistent_volume_claim",
}
# By the last word, or the two last ones, of a path in a namespace.
READ = {
    "deployments": "read_namespaced_deployment",
    "services": "read_namespaced_service",
    "horizontalpodautoscalers": "read_namespaced_horizontal_pod_autoscaler",
    "poddisruptionbudgets": "read_namespaced_pod_disruption_budget",
    "ingresses": "read_namespaced_ingress",
    "httproutes": "get_namespaced_custom_object",
}
LISTED = {
    "pods": "list_namespaced_pod",
    "replicasets": "list_namespaced_replica_set",
    "endpointslices": "list_namespaced_endpoint_slice",
    "verticalpodautoscalers": "list_namespaced_custom_object",
    "nodes": "list_node",
}
FORBIDDEN = object()
"""An answer: the account may not see it."""


class Answering:
    """Answers with what it is given, by the name of the call. What it has no answer to does not exist."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[Any, ...]] = []

    def __getattr__(self, group: str) -> Any:
        return _Group()

    def ask(self, call: str, *args: Any, **more: Any) -> Any:
        """What the official client would give; an InspectionError is raised, also where it may not be seen."""
        answer = self._answer(call, *args, *more.values())
        if answer is FORBIDDEN:
            raise InspectionError(f"the API server answers 403 ({call} is forbidden)")
        return answer

    def glance(self, call: str, *args: Any, **more: Any) -> Any:
        """The same; None where it may not be seen."""
        answer = self._answer(call, *args, *more.values())
        return None if answer is FORBIDDEN else answer

    def read(self, path: str) -> Any:
        """The object at a path; an InspectionError is raised, also where it may not be seen."""
        *_, space, plural, name = path.split("/")
        return self.ask(READ[plural], name, space)

    def listed(self, path: str, selector: str = "", *, needed: bool = True) -> tuple[Any, ...]:
        """Those below a path; none where they may not be seen and are not needed."""
        *_, space, plural = path.split("/")
        words = [word for word in (space if "/namespaces/" in path else "", selector) if word]
        answer = (self.ask if needed else self.glance)(LISTED[plural], *words)
        return () if answer is None else tuple(answer["items"] if isinstance(answer, dict) else answer.items)

    def look(self, path: str) -> Any:
        """The plain answer to a path; None where it may not be seen."""
        answer = self._answer(PATHS.get(path, path))
        return None if answer is FORBIDDEN else as_json(answer)

    def _answer(self, call: str, *words: Any) -> Any:
        self.asked.append((call, *words))
        answer = self.answers.get(call)
        if isinstance(answer, InspectionError):
            raise answer
        return answer


class _Group:
    def __getattr__(self, call: str) -> str:
        return call


def items(*entries: Any) -> SimpleNamespace:
    """A list, as the official client gives one."""
    return SimpleNamespace(items=list(entries))


def named(*names: str) -> SimpleNamespace:
    """A list of objects of which only the names matter."""
    return items(*(SimpleNamespace(metadata=SimpleNamespace(name=name)) for name in names))


def version(major: str, minor: str) -> SimpleNamespace:
    return SimpleNamespace(major=major, minor=minor, git_version=f"v{major}.{minor}")


def groups(*names: str) -> SimpleNamespace:
    return SimpleNamespace(groups=[SimpleNamespace(name=name) for name in names])


def as_json(answer: Any) -> Any:
    """What the official client makes an object of, as the API server sent it."""
    if isinstance(answer, SimpleNamespace):
        words = {name: re.sub("_(.)", lambda found: found[1].upper(), name) for name in vars(answer)}
        return {words[name]: as_json(value) for name, value in vars(answer).items() if value is not None}
    return [as_json(entry) for entry in answer] if isinstance(answer, list) else answer
