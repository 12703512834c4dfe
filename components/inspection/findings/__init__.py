"""Compare what was observed with what the settings promise.

Pure functions over an observation: tests cover every failure without a cluster.
"""

from __future__ import annotations

from ...settings import BackendSettings
from ..observation import Observation
from . import autoscaling, ingress, pods, spread, workload


def collect(backend: BackendSettings, observation: Observation) -> list[str]:
    """Return every finding for which the promise does not hold now, one line each; empty if it holds.

    Each line ends with an error id of `components.errors.verification`.
    """
    return [
        *workload.deployment(backend, observation),
        *autoscaling.horizontal(backend, observation),
        *autoscaling.vertical(backend, observation),
        *workload.disruption_budget(backend, observation),
        *workload.service(backend, observation),
        *ingress.findings(backend, observation),
        *spread.findings(backend, observation),
        *pods.foreign_pods(backend, observation),
    ]
