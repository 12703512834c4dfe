"""What an existing cluster really is, and whether the settings can hold there: asked before anything is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from availability import ClusterFacts, conflicts, features, stated
from inspection.client import Client, InspectionError
from inspection.facts import claims_of, classes_of, of_cluster
from preflight.problems import PreflightError
from settings import BackendSettings, ExistingCluster
from settings.additions import reading


def facts(settings: ExistingCluster, access: str, backend: BackendSettings, warn: Callable[[str], None]) -> ClusterFacts:
    """The cluster's failure domains, version and abilities.

    Raises PreflightError when it does not answer, is too old, has less than two zones of those that the settings name, or when
    the settings of the backend cannot hold there; every problem at once.
    """
    try:
        client = Client(access, settings.context)
        found = of_cluster(client)
        if reading.claims(backend.pod_template):
            found = replace(found, claims=claims_of(client, backend.namespace_name))
        if backend.ingress.hosts:
            found = replace(found, ingress_classes=classes_of(client))
    except InspectionError as error:
        raise PreflightError(f"ha-backend:cluster: context {settings.context!r}: {error}. Nothing was changed.") from None
    problems = []
    if found.version and found.version < features.OLDEST:
        problems.append(f"ha-backend:cluster: context {settings.context!r} runs Kubernetes {features.text(found.version)}, and "
                        f"{features.text(features.OLDEST)} or later is needed: upgrade it")
    if found.nodes is None:  # the account may not list them: what the settings say must do
        found = replace(found, zones=tuple(settings.zones), inventory=stated(settings).inventory)
        if len(settings.zones) < 2 and backend.survive != "pod":
            problems.append("ha-backend:cluster.zones: the account may not list nodes, so nobody can tell whether survive: "
                            f"{backend.survive} can hold: name two zones or more here, or let the account list nodes")
    elif absent := sorted(set(settings.zones) - set(found.zones)):
        there = ", ".join(found.zones) or "no zone (none carries the label)"
        if len(found.zones) < 2:
            problems.append(f"ha-backend:cluster.zones: no node is in {', '.join(absent)}; nodes are in {there}")
        else:  # a zone that is down may have lost its nodes: just then a release must still be possible
            warn(f"ha-backend:cluster.zones: no node is in {', '.join(absent)} at the moment; nodes are in {there}")
            found = replace(found, zones=tuple(sorted({*found.zones, *settings.zones})))
    problems += [f"ha-backend:backend.{c.key}: {c.value!r} {c.text}" for c in conflicts(backend, found)]
    if problems:
        raise PreflightError("\n  ".join(["The cluster does not fit the settings; nothing was changed:", *problems]))
    return found
