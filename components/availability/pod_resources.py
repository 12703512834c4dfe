"""What a whole pod requests from its node: the backend's container and the containers that are added to it."""

from __future__ import annotations

from decimal import Decimal

from ..settings import BackendSettings
from ..settings.pod_template import reader
from ..settings.pod_template.reader import AddedContainer
from ..settings.quantity import amount
from . import timing

STORAGE = "ephemeral-storage"


def container_request(backend: BackendSettings, name: str) -> Decimal:
    """Return the request of the backend's container: ``cpu`` in cores, ``memory`` or STORAGE in bytes."""
    if name == STORAGE:
        written = timing.ephemeral_bytes(backend)
        return written and written + reader.disk_bytes(backend.pod_template)
    return amount(getattr(backend.resources.requests, name))


def pod_request(backend: BackendSettings, name: str) -> Decimal:
    """Return the request of all containers, as the scheduler counts it.

    That is the sum of the containers that run together, or the largest init container with the sidecars that run by
    then.
    """
    sidecars = _proxy_request(backend, name)
    running, highest = container_request(backend, name) + sidecars, Decimal(0)
    for added in reader.added_containers(backend.pod_template):
        request = _added_request(backend, added, name)
        if added.sidecar:
            running, sidecars = running + request, sidecars + request
        else:
            highest = max(highest, sidecars + request)
    return max(running, highest)


def _proxy_request(backend: BackendSettings, name: str) -> Decimal:
    """Return the request of the proxy that a mesh injects; 0 if it injects none."""
    if not backend.has_proxy:
        return Decimal(0)
    if name == STORAGE:  # the namespace's LimitRange fills it in
        return timing.ephemeral_bytes(backend)
    return amount(getattr(backend.mesh_options.proxy.requests, name))


def _added_request(backend: BackendSettings, added: AddedContainer, name: str) -> Decimal:
    request = added.amount("requests", name)
    if request is None and name == STORAGE:  # the namespace's LimitRange fills it in
        return timing.ephemeral_bytes(backend)
    return request or Decimal(0)
