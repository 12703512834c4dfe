"""What a cluster that is there already really is, and whether the settings can hold on it: asked before anything is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..availability import ClusterFacts, conflicts, features, of_zones
from ..inspection.client import Client, InspectionError
from ..inspection.facts import claims_of, classes_of, of_cluster, route_fields_of
from ..inspection.mesh import mesh_of
from ..inspection.selector_overlap import overlaps
from ..settings import BackendSettings
from ..settings.pod_template import reader
from .problems import PreflightError
from .way import Way


def facts(way: Way, backend: BackendSettings, warn: Callable[[str], None]) -> ClusterFacts:
    """The cluster's failure domains, version and abilities.

    Raises PreflightError when it does not answer, is too old, has less than two zones of those that its owner names, when the
    settings of the backend cannot hold there, or another Deployment of its namespace would share its pods; every problem at
    once.
    """
    client, found, problems = _found(way, warn)
    try:
        if reader.claims(backend.pod_template):
            found = replace(found, claims=claims_of(client, backend.namespace_name))
        if backend.ingress.hosts:
            found = replace(found, ingress_classes=classes_of(client))
        if backend.mesh != "none":
            found = replace(found, mesh=mesh_of(client, backend))
        if _beyond(backend):
            found = replace(found, route_fields=route_fields_of(client))
    except InspectionError as error:
        raise _silent(way, error) from None
    if found.nodes is None and len(way.zones) < 2 and backend.survive != "pod":
        problems.append(
            f"{way.zones_at}: the account may not list nodes, so nobody can tell whether survive: "
            f"{backend.survive} can hold: name two zones or more here, or let the account list nodes"
        )
    problems += [f"ha-backend:backend.{c.key}: {c.value!r} {c.message}" for c in conflicts(backend, found)]
    problems += _asked(way, overlaps(client, backend))
    return _whole(found, problems)


def _beyond(backend: BackendSettings) -> bool:
    """Whether a route asks for more than the oldest HTTPRoute has: its schema is long, and read for nothing else."""
    route = backend.route
    return bool(route.parent_refs) and (route.backend_timeout_seconds, route.retry.attempts) != (None, None)


def look(way: Way, warn: Callable[[str], None]) -> ClusterFacts:
    """The same without a backend in mind. Raises PreflightError when it does not answer, is too old, or has lost its zones."""
    _, found, problems = _found(way, warn)
    return _whole(found, problems)


def _whole(found: ClusterFacts, problems: list[str]) -> ClusterFacts:
    if problems:
        raise PreflightError("\n  ".join(["The cluster does not fit the settings; nothing was changed:", *problems]))
    return found


def _found(way: Way, warn: Callable[[str], None]) -> tuple[Client, ClusterFacts, list[str]]:
    try:
        client = Client(way.access, way.context)
        found = of_cluster(client)
    except InspectionError as error:
        raise _silent(way, error) from None
    problems = []
    if found.version and found.version < features.OLDEST:
        problems.append(
            f"{way.key}: {way.title} runs Kubernetes {features.text(found.version)}, and "
            f"{features.text(features.OLDEST)} or later is needed: upgrade it"
        )
    if found.nodes is None:  # the account may not list them: what their owner says must do
        found = replace(found, zones=tuple(way.zones), inventory=of_zones(way.zones).inventory)
    elif absent := sorted(set(way.zones) - set(found.zones)):
        there = ", ".join(found.zones) or "no zone (none carries the label)"
        if len(found.zones) < 2:
            problems.append(f"{way.zones_at}: no node is in {', '.join(absent)}; nodes are in {there}")
        else:  # a zone that is down may have lost its nodes: just then a release must still be possible
            warn(f"{way.zones_at}: no node is in {', '.join(absent)} at the moment; nodes are in {there}")
            found = replace(found, zones=tuple(sorted({*found.zones, *way.zones})))
    return client, found, problems


def _asked(way: Way, answers: Iterator[str]) -> list[str]:
    try:
        return list(answers)
    except InspectionError as error:
        raise _silent(way, error) from None


def _silent(way: Way, error: InspectionError) -> PreflightError:
    return PreflightError(f"{way.key}: {way.title}: {error}. Nothing was changed.")
