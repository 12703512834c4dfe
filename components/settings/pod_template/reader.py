"""Reads pod template overrides: the backend's own container, the additional containers and volumes, and their sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..quantity import amount
from ..well_known import CONTAINER

Template = Mapping[str, Any]
# Kubernetes' defaults of a probe.
_PERIOD_SECONDS, _FAILURE_THRESHOLD = 10, 3


@dataclass(frozen=True)
class AddedContainer:
    """An additional container, and its key. ``init``: it is an entry of initContainers."""

    key: str
    spec: Mapping[str, Any]
    init: bool

    @property
    def sidecar(self) -> bool:
        """Whether the container starts before the backend, runs next to it, and stops after it."""
        return self.init and self.spec.get("restartPolicy") == "Always"

    def amount(self, side: str, name: str) -> Decimal | None:
        """Return a request or a limit; None if it is unset. Kubernetes uses the limit as an unset request."""
        resources = self.spec.get("resources") or {}
        quantity = (resources.get(side) or {}).get(name)
        if quantity is None and side == "requests":
            quantity = (resources.get("limits") or {}).get(name)
        try:
            return None if quantity is None else amount(quantity)
        except ValueError:  # a rule of its own reports it
            return None

    @property
    def start_seconds(self) -> int:
        """The most seconds that the startup probe delays the next container; 0 without a probe."""
        probe = self.spec.get("startupProbe")
        if not self.sidecar or not probe:
            return 0
        attempts = probe.get("periodSeconds", _PERIOD_SECONDS) * probe.get("failureThreshold", _FAILURE_THRESHOLD)
        return max(0, int(probe.get("initialDelaySeconds", 0) + attempts))


def pod_spec(template: Template) -> Mapping[str, Any]:
    """Return the overrides of the pod's spec."""
    return template.get("spec") or {}


def pod_annotations(template: Template) -> Mapping[str, str]:
    """Return the additional annotations of the pod."""
    return (template.get("metadata") or {}).get("annotations") or {}


def own_container(template: Template) -> tuple[str, Mapping[str, Any]]:
    """Return the key of the overrides of the backend's own container, and the overrides."""
    for number, each in enumerate(pod_spec(template).get("containers", ())):
        if each["name"] == CONTAINER:
            return f"podTemplate.spec.containers[{number}]", each
    return "podTemplate.spec.containers", {}


def pre_stop(template: Template) -> Mapping[str, Any] | None:
    """Return the backend's own preStop hook, which takes the place of the kubelet's sleep; None without one."""
    _, own = own_container(template)
    return (own.get("lifecycle") or {}).get("preStop") or None


def post_starts(template: Template) -> list[str]:
    """Return the keys of the postStart hooks of the backend and its sidecars: Kubernetes waits for each to end."""
    containers = [
        own_container(template),
        *((each.key, each.spec) for each in added_containers(template) if each.sidecar),
    ]
    return [f"{key}.lifecycle.postStart" for key, spec in containers if (spec.get("lifecycle") or {}).get("postStart")]


def added_containers(template: Template) -> Iterator[AddedContainer]:
    """Yield the additional containers in the order in which they start."""
    for kind in ("initContainers", "containers"):
        for number, each in enumerate(pod_spec(template).get(kind, ())):
            if kind == "initContainers" or each["name"] != CONTAINER:
                yield AddedContainer(f"podTemplate.spec.{kind}[{number}]", each, kind == "initContainers")


def volumes(template: Template) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the key and the spec of each additional volume."""
    return (
        (f"podTemplate.spec.volumes[{number}]", each)
        for number, each in enumerate(pod_spec(template).get("volumes", ()))
    )


def disk_bytes(template: Template) -> Decimal:
    """Return the bytes that the additional emptyDirs may use on the node's disk."""
    empty_dirs = (each["emptyDir"] for _, each in volumes(template) if "emptyDir" in each)
    on_disk = (each for each in empty_dirs if each.get("medium", "") != "Memory")
    return sum((amount_or_zero(each.get("sizeLimit")) for each in on_disk), Decimal(0))


def amount_or_zero(quantity: Any) -> Decimal:
    """Return a quantity as a number; 0 if it does not parse, which a rule of its own reports."""
    try:
        return amount(str(quantity or "0"))
    except ValueError:
        return Decimal(0)


def sidecar_start_seconds(template: Template) -> int:
    """Return the most seconds that the sidecars, which start one after another, delay the start of the backend."""
    return sum(each.start_seconds for each in added_containers(template))


def volume_claims(template: Template) -> dict[str, str]:
    """Return the names of the PersistentVolumeClaims that every pod mounts, by their keys."""
    return {
        f"{key}.persistentVolumeClaim.claimName": each["persistentVolumeClaim"]["claimName"]
        for key, each in volumes(template)
        if "persistentVolumeClaim" in each
    }
