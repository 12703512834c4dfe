"""What must be known of a cluster before anything is made on it: the same as for a stack file's, told by other names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pulumi

import preflight
from availability import ClusterFacts, stated
from inspection.client import Client, InspectionError
from inspection.facts import of_cluster
from settings import BackendSettings, ClusterSettings, LocalCluster


def access(settings: ClusterSettings, name: str, folder: Path) -> str | None:
    """The kubeconfig of a cluster that is there already; None for an embedded one, which can be started in ``folder``.

    Raises PreflightError where it does not answer, or cannot be started.
    """
    with _named(cluster=name):
        if isinstance(settings, LocalCluster):
            if not pulumi.runtime.is_dry_run():
                preflight.check(settings, folder, pulumi.log.info)
            return None
        preflight.check(settings, folder, pulumi.log.info)
        return preflight.access(settings)


def facts(settings: ClusterSettings, cluster: str, backend: BackendSettings, name: str) -> ClusterFacts:
    """What a cluster is: all of an embedded one is in its settings, any other is asked.

    ``cluster`` and ``name`` are the names of the two resources. Raises PreflightError where settings cannot hold there.
    """
    if isinstance(settings, LocalCluster):
        return stated(settings)
    with _named(cluster=cluster, backend=name):
        return preflight.facts(settings, preflight.access(settings), backend, pulumi.log.warn)


def asked(kubeconfig: str) -> ClusterFacts:
    """What the cluster behind a kubeconfig says of itself. Raises InspectionError."""
    return of_cluster(Client(kubeconfig))


@contextmanager
def _named(**names: str) -> Iterator[None]:
    """What is wrong around a stack's one cluster and one backend is told by the names that they have here."""
    try:
        yield
    except preflight.PreflightError as error:
        text = str(error)
        for what, name in names.items():
            text = text.replace(f"ha-backend:{what}", name)
        raise preflight.PreflightError(text) from None


__all__ = ["InspectionError", "access", "asked", "facts"]
