"""The labels of a backend's objects and pods, and the selector of its pods."""

from __future__ import annotations

from . import mesh
from .backend import BackendSettings
from .well_known import COMPONENT_LABEL, MANAGER, MANAGER_LABEL, NAME_LABEL


def selector(backend: BackendSettings) -> dict[str, str]:
    """Return the labels that select the pods. They never change, because a new selector replaces the Deployment.

    An adopted Deployment keeps its original selector.
    """
    return backend.selector or {NAME_LABEL: backend.name}


def object_labels(backend: BackendSettings) -> dict[str, str]:
    """Return the labels of every object. The component's labels take precedence over the user's."""
    return {
        **backend.labels,
        **selector(backend),
        NAME_LABEL: backend.name,
        COMPONENT_LABEL: backend.labels.get(COMPONENT_LABEL, "backend"),
        MANAGER_LABEL: MANAGER,
    }


def pod_labels(backend: BackendSettings) -> dict[str, str]:
    """Return the labels of every pod. The selector takes precedence over all others."""
    # The webhook of Azure Workload ID gives a token to pods with this label.
    azure = {"azure.workload.identity/use": "true"} if backend.identity.azure_client_id else {}
    return {
        **object_labels(backend),
        **mesh.pod_labels(backend.mesh, backend.mesh_options),
        **azure,
        **selector(backend),
    }


def shown(labels: dict[str, str]) -> str:
    """Return labels in the form of kubectl, such as app=web,tier=front."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
