"""Reads what is added to the pod: the backend's own container, the containers beside it, and what they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..quantity import amount
from ..well_known import CONTAINER

Template = Mapping[str, Any]
# Kubernetes' own values where a probe says nothing.
_PERIOD, _FAILURES = 10, 3


@dataclass(frozen=True)
class Added:
    """A container that is added, and where it is written. ``init``: among the initContainers."""

    key: str
    spec: Mapping[str, Any]
    init: bool

    @property
    def sidecar(self) -> bool:
        """Started before the backend, kept running beside it, and ended after it."""
        return self.init and self.spec.get("restartPolicy") == "Always"

    def amount(self, side: str, name: str) -> Decimal | None:
        """What it requests, or is limited to, None where it does not say. A limit alone is the request as well."""
        resources = self.spec.get("resources") or {}
        told = (resources.get(side) or {}).get(name)
        if told is None and side == "requests":
            told = (resources.get("limits") or {}).get(name)
        try:
            return None if told is None else amount(told)
        except ValueError:  # told by a rule of its own
            return None

    @property
    def start_seconds(self) -> int:
        """How long its startup probe lets the next container wait, at the most; 0 without one."""
        probe = self.spec.get("startupProbe")
        if not self.sidecar or not probe:
            return 0
        tries = probe.get("periodSeconds", _PERIOD) * probe.get("failureThreshold", _FAILURES)
        return max(0, int(probe.get("initialDelaySeconds", 0) + tries))


def pod(template: Template) -> Mapping[str, Any]:
    """The part that is added to the pod's spec."""
    return template.get("spec") or {}


def pod_annotations(template: Template) -> Mapping[str, str]:
    """The annotations that are added to the pod."""
    return (template.get("metadata") or {}).get("annotations") or {}


def own(template: Template) -> tuple[str, Mapping[str, Any]]:
    """Where the additions to the backend's own container are written, and what they are."""
    for number, each in enumerate(pod(template).get("containers", ())):
        if each["name"] == CONTAINER:
            return f"podTemplate.spec.containers[{number}]", each
    return "podTemplate.spec.containers", {}


def beside(template: Template) -> Iterator[Added]:
    """The containers that are added, in the order in which they are started."""
    for kind in ("initContainers", "containers"):
        for number, each in enumerate(pod(template).get(kind, ())):
            if kind == "initContainers" or each["name"] != CONTAINER:
                yield Added(f"podTemplate.spec.{kind}[{number}]", each, kind == "initContainers")


def volumes(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The volumes that are added, and where each is written."""
    return (
        (f"podTemplate.spec.volumes[{number}]", each) for number, each in enumerate(pod(template).get("volumes", ()))
    )


def disk_bytes(template: Template) -> Decimal:
    """What the emptyDirs that are added may hold on the node's disk."""
    found = (each["emptyDir"] for _, each in volumes(template) if "emptyDir" in each)
    return sum((size(one.get("sizeLimit")) for one in found if one.get("medium", "") != "Memory"), Decimal(0))


def size(quantity: Any) -> Decimal:
    """A quantity as a number; 0 where it is none, which is told by a rule of its own."""
    try:
        return amount(str(quantity or "0"))
    except ValueError:
        return Decimal(0)


def start_seconds(template: Template) -> int:
    """How long the sidecars may take to start, one after the other, before the backend is started."""
    return sum(one.start_seconds for one in beside(template))


def claims(template: Template) -> dict[str, str]:
    """The names of the PersistentVolumeClaims that every pod mounts, by where they are written."""
    return {
        f"{key}.persistentVolumeClaim.claimName": each["persistentVolumeClaim"]["claimName"]
        for key, each in volumes(template)
        if "persistentVolumeClaim" in each
    }
