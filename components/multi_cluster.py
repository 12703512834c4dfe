"""The same backend on several clusters at once: what whoever spreads requests over them must know, and what is promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import validation
from .availability import multi_cluster
from .settings import BackendSettings
from .settings.balancer import BalancerSettings
from .settings.conflict import Conflict
from .settings.load import validate_backend, validate_group
from .settings.problems import Problem


@dataclass(frozen=True)
class Across:
    """``weights``: percent of the requests, by cluster. ``health_path``: answers where a cluster can serve.

    ``promise``: for the loss of a ``cluster``: survived, errorWindowSeconds, capacityLeftPercent, why, errorWindowSources.
    """

    backend: BackendSettings
    weights: dict[str, int]
    health_path: str
    promise: dict[str, Any]


def across(
    names: Sequence[str], backend: BackendSettings | Mapping[str, Any], balancer: BalancerSettings | Mapping[str, Any]
) -> Across:
    """What the backend is on the clusters of these names together. It makes nothing.

    ``balancer`` is the DNS or the load balancer over them: its ``healthCheckSeconds`` and, with DNS, its ``ttlSeconds``. Raises
    SettingsError with every problem at once, also where the loss of a cluster could not be survived.
    """
    found: list[Problem] = []
    if len(set(names)) < 2:
        found.append(
            Problem("clusters", f"{', '.join(names) or 'none'}: none is left when one is lost: name two or more")
        )
    over = validation.collected(found, lambda: validate_group(BalancerSettings, balancer, "balancer"))
    settings = validation.collected(
        found, lambda: validate_backend(backend, "backend", lambda given: _of_any(given, names))
    )
    if found or over is None or settings is None:
        raise validation.RejectedError(found)
    same = dict.fromkeys(names, settings)
    return Across(
        settings,
        multi_cluster.weights(same),
        settings.health.readiness_path,
        multi_cluster.loss(same, over).as_output(),
    )


def _of_any(backend: BackendSettings, names: Sequence[str]) -> list[Conflict]:
    """They are the same on each cluster, and told once."""
    same = dict.fromkeys(names, backend)
    return [conflict for name, conflict in multi_cluster.conflicts(same) if name == names[0]] if len(same) > 1 else []
