"""Takes the number of pods back from an autoscaler, before a fixed number is set."""

from __future__ import annotations

from ..settings.well_known import MANAGER, MANAGER_LABEL
from .client import shared


def release(kubeconfig: str, context: str | None, name: str, namespace: str) -> bool:
    """Deletes our own autoscaler of that name, where there is one, so that it cannot answer a fixed number with its own.

    The engine deletes it as well, but last of all: until then it would set the number again, and win. True when one was there.
    """
    client = shared(kubeconfig, context)
    found = client.ask(client.AutoscalingV2Api.read_namespaced_horizontal_pod_autoscaler, name, namespace)
    if found is None or (found.metadata.labels or {}).get(MANAGER_LABEL) != MANAGER:
        return False
    client.ask(client.AutoscalingV2Api.delete_namespaced_horizontal_pod_autoscaler, name, namespace)
    return True
