"""Take the replica count back from an autoscaler before a fixed one is set."""

from __future__ import annotations

from ..settings.well_known import MANAGER, MANAGER_LABEL
from .client import shared_client


def delete_own_autoscaler(kubeconfig: str, context: str | None, name: str, namespace: str) -> bool:
    """Delete the autoscaler of that name if this library created it: it would overwrite a fixed replica count.

    The engine deletes it as well, but last of all: until then it would set the number again, and win. Returns whether
    there was one. Raises InspectionError.
    """
    client = shared_client(kubeconfig, context)
    autoscaler = client.call(client.AutoscalingV2Api.read_namespaced_horizontal_pod_autoscaler, name, namespace)
    if autoscaler is None or (autoscaler.metadata.labels or {}).get(MANAGER_LABEL) != MANAGER:
        return False
    client.call(client.AutoscalingV2Api.delete_namespaced_horizontal_pod_autoscaler, name, namespace)
    return True
