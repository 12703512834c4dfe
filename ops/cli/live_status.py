"""Report which pods serve requests at this moment, in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.devcluster.errors import DevClusterError
from components.inspection.client import Client, InspectionError
from components.inspection.observation import Observation, observe
from components.preflight import LookUp, Outputs, PreflightError
from components.settings import Settings, Site
from components.settings.well_known import CONTAINER


def serving(settings: Settings, folder: Callable[[Site], Path], read: Callable[[str], Outputs]) -> str:
    """Return which pods serve on each cluster. Never raises: an unreachable cluster is a result too.

    ``folder`` returns the folder of an embedded cluster, and ``read`` the outputs of another stack.
    """
    statuses = [(site.name, _on(site, folder(site), read)) for site in settings.sites]
    return " ".join(f"{name}: {text}" if name else text for name, text in statuses)


def _on(site: Site, folder: Path, read: Callable[[str], Outputs]) -> str:
    try:
        access = site.cluster.locate(LookUp(folder=folder, outputs=read)).access
        client = Client(access.kubeconfig, access.context)
        return describe(observe(client, site.backend.name, site.backend.namespace_name))
    except (InspectionError, PreflightError, DevClusterError) as error:
        return f"Which pods serve is unknown: {error}."


def describe(observation: Observation) -> str:
    """Return how many pods serve, and with which image."""
    ready = {endpoint.target_ref.name for endpoint in observation.endpoints if endpoint.target_ref}
    images = Counter(_image(pod) for pod in observation.pods if pod.metadata.name in ready)
    if not images:
        return "No pod serves."
    each = [f"{count} pod{'s' if count > 1 else ''} of {image}" for image, count in images.most_common()]
    return f"Serving now: {' and '.join(each)}."


def _image(pod: Any) -> str:
    containers = pod.spec.containers
    return str(next((each.image for each in containers if each.name == CONTAINER), containers[0].image))
