"""Objects on a cluster by their API version, kind and name, whatever their kind is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .client import Client

Object = Mapping[str, Any]


class LiveObjects:
    """Reads single objects. The API server's own lists tell the path of each kind."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lists: dict[str, Mapping[str, tuple[str, bool]]] = {}

    def find(self, wanted: Mapping[str, Any]) -> Object | None:
        """Return the object with the API version, kind, name and namespace of ``wanted``.

        None if it or its kind does not exist. Raises InspectionError, ForbiddenError if the account may not read it.
        """
        version, kind, metadata = str(wanted.get("apiVersion")), wanted.get("kind"), wanted.get("metadata") or {}
        plural, namespaced = self._kinds(version).get(str(kind), ("", False))
        if not plural or not metadata.get("name"):
            return None
        inside = f"namespaces/{metadata.get('namespace', 'default')}/" if namespaced else ""
        return self._client.get_object(f"{_root(version)}/{inside}{plural}/{metadata['name']}")

    def _kinds(self, version: str) -> Mapping[str, tuple[str, bool]]:
        """Return the plural of each kind of an API version, and whether its objects are in a namespace."""
        if version not in self._lists:
            answer: Object = self._client.get_object(_root(version)) or {}
            listed = answer.get("resources") or ()
            self._lists[version] = {
                one["kind"]: (one["name"], one["namespaced"]) for one in listed if "/" not in one["name"]
            }
        return self._lists[version]


def _root(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"
