"""What must be known of a cluster before anything is made on it: the same as for a stack file's, told by other names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pulumi

from components import preflight
from components.availability import ClusterFacts, stated
from components.inspection.client import Client, InspectionError
from components.inspection.facts import of_cluster
from components.preflight import Way
from components.runtime import stack_outputs
from components.settings import BackendSettings, ClusterApiCluster, ClusterSettings, LocalCluster


def way(settings: ClusterSettings, name: str, folder: Path) -> Way | None:
    """The way to a cluster that is there already; None for an embedded one, which can be started in ``folder``.

    Raises PreflightError where it does not answer, or cannot be started.
    """
    if isinstance(settings, LocalCluster):
        if not pulumi.runtime.is_dry_run():
            with _named(cluster=name):
                preflight.check(settings, folder, pulumi.log.info)
        return None
    if isinstance(settings, ClusterApiCluster):
        return None  # the component looks at its management cluster itself
    found = preflight.way(settings, stack_outputs.outputs, name)
    preflight.answers(found)
    return found


def look(found: Way | None) -> ClusterFacts | None:
    """What such a cluster is; None where the settings say all of it. Raises PreflightError."""
    return preflight.look(found, pulumi.log.warn) if found else None


def facts(settings: ClusterSettings, found: Way | None, backend: BackendSettings, name: str) -> ClusterFacts:
    """The same with a backend in mind, by its name. Raises PreflightError where its settings cannot hold there."""
    if found is None:
        return stated(settings)
    with _named(backend=name):
        return preflight.facts(found, backend, pulumi.log.warn)


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


__all__ = ["InspectionError", "asked", "facts", "look", "way"]
