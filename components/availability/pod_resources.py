"""What a whole pod asks its node for: the backend's container, and those that are added to it."""

from __future__ import annotations

from decimal import Decimal

from ..settings import BackendSettings
from ..settings.pod_template import reader
from ..settings.pod_template.reader import Added
from ..settings.quantity import amount
from . import timing

STORAGE = "ephemeral-storage"


def own(backend: BackendSettings, name: str) -> Decimal:
    """Of the backend's container: ``cpu``, ``memory`` or STORAGE."""
    if name == STORAGE:
        return timing.ephemeral_bytes(backend) + reader.disk_bytes(backend.pod_template)
    return amount(getattr(backend.resources.requests, name))


def of_pod(backend: BackendSettings, name: str) -> Decimal:
    """Of all containers, as the scheduler counts: those that last together, or the largest that comes before, with the sidecars
    that run by then."""
    sidecars = _proxy(backend, name)
    lasting, most = own(backend, name) + sidecars, Decimal(0)
    for added in reader.beside(backend.pod_template):
        wanted = _requested(backend, added, name)
        if added.sidecar:
            lasting, sidecars = lasting + wanted, sidecars + wanted
        else:
            most = max(most, sidecars + wanted)
    return max(lasting, most)


def _proxy(backend: BackendSettings, name: str) -> Decimal:
    """Of the proxy that a mesh puts into the pod, where it does."""
    if not backend.has_proxy:
        return Decimal(0)
    if name == STORAGE:  # the namespace's LimitRange fills it in
        return timing.ephemeral_bytes(backend)
    return amount(getattr(backend.mesh_options.proxy.requests, name))


def _requested(backend: BackendSettings, added: Added, name: str) -> Decimal:
    told = added.amount("requests", name)
    if told is None and name == STORAGE:  # the namespace's LimitRange fills it in
        return timing.ephemeral_bytes(backend)
    return told or Decimal(0)
