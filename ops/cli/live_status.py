"""Who answers requests at this moment, in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components import preflight
from components.inspection.client import Client, InspectionError
from components.inspection.observation import Observation, observe
from components.preflight import Outputs, PreflightError
from components.settings import LocalCluster, Settings, Site
from components.settings.well_known import CONTAINER


def serving(settings: Settings, folder: Callable[[Site], Path], read: Callable[[str], Outputs]) -> str:
    """Asks each cluster; ``folder`` is an embedded one's, ``read`` gives another stack's outputs.

    Never fails: that nobody answers is an answer as well.
    """
    told = [(site.name, _on(site, folder(site), read)) for site in settings.sites]
    return " ".join(f"{name}: {text}" if name else text for name, text in told)


def _on(site: Site, folder: Path, read: Callable[[str], Outputs]) -> str:
    backend, cluster = site.backend, site.cluster
    try:
        if isinstance(cluster, LocalCluster):
            client = Client((folder / "kubeconfig").read_text())
        else:
            way = preflight.way(cluster, read)
            client = Client(way.access, way.context)
        return told(observe(client, backend.name, backend.namespace_name))
    except (InspectionError, PreflightError, OSError) as error:
        return f"Who serves cannot be told: {error}."


def told(seen: Observation) -> str:
    """How many pods serve, and of which image."""
    ready = {endpoint.target_ref.name for endpoint in seen.endpoints if endpoint.target_ref}
    images = Counter(_image(pod) for pod in seen.pods if pod.metadata.name in ready)
    if not images:
        return "No pod serves."
    each = [f"{count} pod{'s' if count > 1 else ''} of {image}" for image, count in images.most_common()]
    return f"What serves now: {' and '.join(each)}."


def _image(pod: Any) -> str:
    containers = pod.spec.containers
    return str(next((each.image for each in containers if each.name == CONTAINER), containers[0].image))
