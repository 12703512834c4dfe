"""The same backend on several clusters in a program of your own: its settings, the weights and the promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import validation
from .availability import cluster_loss
from .errors import clusters as errors
from .errors import tagged
from .settings import BackendSettings, probes
from .settings.balancer import BalancerSettings
from .settings.conflict import Conflict
from .settings.load import validate_backend, validate_group
from .settings.problems import Problem


@dataclass(frozen=True)
class MultiCluster:
    """A backend that runs on several clusters, each of which serves requests."""

    backend: BackendSettings
    """The settings, the same on each cluster."""
    weights: dict[str, int]
    """Percent of the requests for each cluster."""
    health_path: str
    """A path that answers while a cluster can serve."""
    promise: dict[str, Any]
    """For the loss of a ``cluster``: survived, errorWindowSeconds, capacityLeftPercent, why, errorWindowSources."""


def across(
    names: Sequence[str], backend: BackendSettings | Mapping[str, Any], balancer: BalancerSettings | Mapping[str, Any]
) -> MultiCluster:
    """Return what a backend is across the clusters with these names. Creates nothing.

    ``balancer`` describes the DNS or load balancer over the clusters: ``healthCheckSeconds`` and, for DNS,
    ``ttlSeconds``. Raises SettingsError with every problem, including settings that cannot survive the loss of a
    cluster.
    """
    problems: list[Problem] = []
    if len(set(names)) < 2:
        text = f"{', '.join(names) or 'none'}: no cluster is left if one is lost: name two or more clusters"
        problems.append(Problem("clusters", tagged(text, errors.TOO_FEW_CLUSTERS)))
    checked_balancer = validation.collected(problems, lambda: validate_group(BalancerSettings, balancer, "balancer"))
    settings = validation.collected(
        problems, lambda: validate_backend(backend, "backend", lambda checked: _conflicts(checked, names))
    )
    if problems or checked_balancer is None or settings is None:
        raise validation.RejectedError(problems)
    same = dict.fromkeys(names, settings)
    return MultiCluster(
        settings,
        cluster_loss.weights(same),
        probes.readiness(settings).http_path or "",
        cluster_loss.loss(same, checked_balancer).as_output(),
    )


def _conflicts(backend: BackendSettings, names: Sequence[str]) -> list[Conflict]:
    """Return the conflicts on the first cluster: they are the same on each."""
    same = dict.fromkeys(names, backend)
    if len(same) < 2:
        return []
    return [conflict for name, conflict in cluster_loss.conflicts(same) if name == names[0]]
