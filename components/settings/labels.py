"""Which labels a backend's pods carry, and by which of them they are selected."""

from __future__ import annotations

from . import mesh
from .backend import BackendSettings
from .well_known import COMPONENT_LABEL, MANAGER, MANAGER_LABEL, NAME_LABEL


def selector(backend: BackendSettings) -> dict[str, str]:
    """The labels that select the pods: one, and constant, because a changed selector replaces the Deployment.

    A Deployment that was taken over keeps the selector that it was made with.
    """
    return backend.selector or {NAME_LABEL: backend.name}


def every(backend: BackendSettings) -> dict[str, str]:
    """The labels of every object; our own win over the user's."""
    return {
        **backend.labels,
        **selector(backend),
        NAME_LABEL: backend.name,
        COMPONENT_LABEL: "backend",
        MANAGER_LABEL: MANAGER,
    }


def pods(backend: BackendSettings) -> dict[str, str]:
    """The labels of every pod; those that it is selected by win over all others."""
    return {**every(backend), **mesh.pod_labels(backend.mesh, backend.mesh_options), **selector(backend)}


def shown(selected: dict[str, str]) -> str:
    """As people write them, e.g. app=web,tier=front."""
    return ",".join(f"{key}={value}" for key, value in sorted(selected.items()))
