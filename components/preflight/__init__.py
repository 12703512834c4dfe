"""Read-only checks of a cluster before a deployment. Does not depend on Pulumi, and changes nothing."""

from __future__ import annotations

from ..availability import ClusterFacts
from ..inspection.access import ClusterAccess
from ..settings.problems import Problem
from .inventory import facts
from .kubeconfig import answers, reduced_file, reduced_to_current
from .lookup import CLUSTER_KEY, KnownCluster, LookUp, Outputs, UnreadableError
from .problems import PreflightError, not_inspected

__all__ = [
    "CLUSTER_KEY",
    "ClusterAccess",
    "KnownCluster",
    "LookUp",
    "Outputs",
    "PreflightError",
    "Problem",
    "UnreadableError",
    "answers",
    "facts",
    "inspected",
    "not_inspected",
    "reduced_file",
    "reduced_to_current",
]


def inspected(known: KnownCluster, options: LookUp) -> ClusterFacts:
    """Return the facts of a cluster. Raises PreflightError if it does not answer, or if the settings do not fit."""
    answers(known)
    return facts(known, options)
