"""Settings that are each valid and contradict one another on any cluster. All conflicts are reported at once.

Each module holds the rules about one idea. A rule yields a ``Conflict`` whose keys are relative to the backend.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..backend import BackendSettings
from ..conflict import Conflict
from ..pod_template import conflicts as pod_template
from . import additions, edge, environment, ingress, labels, mesh, monitoring, network, overrides, pod, probes, replicas

_RULES = (
    replicas.conflicts,
    labels.conflicts,
    network.conflicts,
    pod.conflicts,
    probes.conflicts,
    overrides.conflicts,
    edge.conflicts,
    ingress.conflicts,
    mesh.conflicts,
    monitoring.conflicts,
    environment.conflicts,
    additions.conflicts,
    pod_template.conflicts,
)


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield every conflict of a backend's settings. Keys are relative to the backend."""
    for rule in _RULES:
        yield from rule(backend)
