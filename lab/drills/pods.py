"""A pod as drills need it, from plain JSON: the official client takes seconds to build models of a thousand pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Pod:
    """A pod. ``container`` is the id of its first container; empty until it has one."""

    name: str
    namespace: str
    uid: str
    node: str
    phase: str
    ready: bool
    terminating: bool
    created: str
    container: str
    restarts: int = 0
    """Restarts of all its containers."""

    @property
    def alive(self) -> bool:
        """Report whether it is pending or running, and not terminating."""
        return not self.terminating and self.phase in ("Pending", "Running")


def read(item: Mapping[str, Any]) -> Pod:
    """Return the pod of an API object."""
    meta, status = item["metadata"], item.get("status") or {}
    conditions = status.get("conditions") or []
    # The kubelet sorts statuses by name; the serving container is the first one in the spec.
    first = (item["spec"].get("containers") or [{}])[0].get("name")
    containers = [one for one in status.get("containerStatuses") or () if one.get("name", first) == first] or [{}]
    return Pod(
        meta["name"],
        meta["namespace"],
        meta["uid"],
        item["spec"].get("nodeName") or "",
        status.get("phase") or "",
        any(one["type"] == "Ready" and one["status"] == "True" for one in conditions),
        bool(meta.get("deletionTimestamp")),
        meta.get("creationTimestamp") or "",
        containers[0].get("containerID") or "",
        sum(one.get("restartCount") or 0 for one in status.get("containerStatuses") or ()),
    )
