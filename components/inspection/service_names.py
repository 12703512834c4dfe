"""The Services that an Ingress or a route sends requests to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def service_names(value: Any) -> set[str]:
    """Return the names of the Services in the spec of an Ingress or of any kind of route."""
    if isinstance(value, list):
        return set().union(*map(service_names, value))
    if not isinstance(value, Mapping):
        return set()
    references = value.get("backendRefs")
    listed = references if isinstance(references, list) else []
    found = [each for each in listed if isinstance(each, Mapping) and each.get("kind", "Service") == "Service"]
    if isinstance(service := value.get("service"), Mapping):
        found.append(service)
    below = service_names([each for key, each in value.items() if key != "parentRefs"])
    return {str(each["name"]) for each in found if "name" in each} | below
