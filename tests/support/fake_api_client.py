"""A fake client of an API server: responds by the name of the call, and records the requests."""

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
# By the plural in a path.
READS = {
    "deployments": "read_namespaced_deployment",
    "services": "read_namespaced_service",
    "horizontalpodautoscalers": "read_namespaced_horizontal_pod_autoscaler",
    "poddisruptionbudgets": "read_namespaced_pod_disruption_budget",
    "ingresses": "read_namespaced_ingress",
    "httproutes": "get_namespaced_custom_object",
}
LISTS = {
    "pods": "list_namespaced_pod",
    "replicasets": "list_namespaced_replica_set",
    "endpointslices": "list_namespaced_endpoint_slice",
    "verticalpodautoscalers": "list_namespaced_custom_object",
    "nodes": "list_node",
}
FORBIDDEN = object()
"""A response: the account may not read it."""


class FakeApiClient:
    """Responds by the name of the call. What it has no response for does not exist."""

    def __init__(self, **responses: Any) -> None:
        self.responses = responses
        self.requests: list[tuple[Any, ...]] = []

    def __getattr__(self, group: str) -> Any:
        return _ApiGroup()

    def call(self, call: str, *args: Any, **more: Any) -> Any:
        """Return what the official client would return. Raises InspectionError without permission."""
        response = self._respond(call, *args, *more.values())
        if response is FORBIDDEN:
            raise InspectionError(f"the API server returned 403 ({call} is forbidden)")
        return response

    def call_if_permitted(self, call: str, *args: Any, **more: Any) -> Any:
        """Return what the official client would return; None without permission."""
        response = self._respond(call, *args, *more.values())
        return None if response is FORBIDDEN else response

    def get_object(self, path: str) -> Any:
        """Return the object at a path. Raises InspectionError without permission."""
        *_, space, plural, name = path.split("/")
        return self.call(READS[plural], name, space)

    def list_objects(self, path: str, selector: str = "", *, required: bool = True) -> tuple[Any, ...]:
        """Return the objects below a path; none without permission unless they are required."""
        *_, space, plural = path.split("/")
        words = [word for word in (space if "/namespaces/" in path else "", selector) if word]
        response = (self.call if required else self.call_if_permitted)(LISTS[plural], *words)
        return () if response is None else tuple(response["items"] if isinstance(response, dict) else response.items)

    def get_if_permitted(self, path: str) -> Any:
        """Return the plain response to a path; None without permission."""
        response = self._respond(PATHS.get(path, path))
        return None if response is FORBIDDEN else as_json(response)

    def _respond(self, call: str, *words: Any) -> Any:
        self.requests.append((call, *words))
        response = self.responses.get(call)
        if isinstance(response, InspectionError):
            raise response
        return response


def fake_client(**responses: Any) -> Any:
    """Return a FakeApiClient that type checkers accept as a Client."""
    return FakeApiClient(**responses)


class _ApiGroup:
    def __getattr__(self, call: str) -> str:
        return call


def items(*entries: Any) -> SimpleNamespace:
    """Return a list as the official client returns it."""
    return SimpleNamespace(items=list(entries))


def named(*names: str) -> SimpleNamespace:
    """Return a list of objects of which only the names matter."""
    return items(*(SimpleNamespace(metadata=SimpleNamespace(name=name)) for name in names))


def version(major: str, minor: str) -> SimpleNamespace:
    return SimpleNamespace(major=major, minor=minor, git_version=f"v{major}.{minor}")


def groups(*names: str) -> SimpleNamespace:
    return SimpleNamespace(groups=[SimpleNamespace(name=name) for name in names])


def as_json(response: Any) -> Any:
    """Return an object of the official client as the API server sent it."""
    if isinstance(response, SimpleNamespace):
        words = {name: re.sub("_(.)", lambda found: found[1].upper(), name) for name in vars(response)}
        return {words[name]: as_json(value) for name, value in vars(response).items() if value is not None}
    return [as_json(entry) for entry in response] if isinstance(response, list) else response
