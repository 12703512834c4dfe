"""A pod as drills see it. Read from plain JSON: the official client takes seconds to make its models of a thousand pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Pod:
    """``container``: the id of the one that serves, empty before there is one. ``ending``: it is on its way out."""

    name: str
    namespace: str
    uid: str
    node: str
    phase: str
    ready: bool
    ending: bool
    created: str
    container: str
    restarts: int = 0
    """Of all its containers."""

    @property
    def alive(self) -> bool:
        """Whether it is there to stay, running or about to."""
        return not self.ending and self.phase in ("Pending", "Running")


def read(found: Mapping[str, Any]) -> Pod:
    """A pod of the API's answer."""
    meta, status = found["metadata"], found.get("status") or {}
    conditions = status.get("conditions") or []
    # The kubelet lists them by name; the one that serves is the first that the pod names.
    first = (found["spec"].get("containers") or [{}])[0].get("name")
    containers = [one for one in status.get("containerStatuses") or () if one.get("name", first) == first] or [{}]
    return Pod(
        meta["name"],
        meta["namespace"],
        meta["uid"],
        found["spec"].get("nodeName") or "",
        status.get("phase") or "",
        any(one["type"] == "Ready" and one["status"] == "True" for one in conditions),
        bool(meta.get("deletionTimestamp")),
        meta.get("creationTimestamp") or "",
        containers[0].get("containerID") or "",
        sum(one.get("restartCount") or 0 for one in status.get("containerStatuses") or ()),
    )
