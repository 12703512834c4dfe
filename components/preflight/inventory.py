"""What an existing cluster is, and whether the settings can hold on it. Nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..availability import ClusterFacts, conflicts, facts_from_zones, features
from ..errors import clusters as errors
from ..errors import tagged
from ..inspection.client import Client, InspectionError
from ..inspection.cluster_reader import read_claims, read_cluster_facts, read_ingress_classes, read_route_fields
from ..inspection.mesh_reader import read_mesh_facts
from ..inspection.selector_overlap import find_overlaps
from ..settings import BackendSettings
from ..settings.pod_template import reader
from ..settings.pod_template.references import references
from ..settings.problems import Problem, shown
from .lookup import BACKEND_KEY, KnownCluster, LookUp
from .problems import PreflightError, not_inspected

_TITLE = "The cluster does not fit the settings; nothing was changed:"


def facts(known: KnownCluster, options: LookUp) -> ClusterFacts:
    """Return the cluster's failure domains, version and abilities.

    Raises PreflightError with every problem: the cluster does not answer, is too old, or has nodes in fewer than two of
    the zones that its owner names. With a backend, also if its settings cannot hold there, or if another Deployment in
    its namespace would share its pods.
    """
    try:
        client = Client(known.access.kubeconfig, known.access.context)
        found, problems = _cluster(client, known, options.warn)
        if options.backend:
            found = _with_backend(client, found, options.backend)
            _warn_of_missing_objects(client, options, options.backend)
            problems += _backend_problems(client, found, known, options, options.backend)
    except InspectionError as error:
        raise not_inspected(known.key, known.title, error) from None
    if problems:
        raise PreflightError(*problems, title=_TITLE)
    return found


def _cluster(client: Client, known: KnownCluster, warn: Callable[[str], None]) -> tuple[ClusterFacts, list[Problem]]:
    found, problems = read_cluster_facts(client), []
    if found.version and found.version < features.MIN_VERSION:
        text = (
            f"{known.title} runs Kubernetes {features.format_version(found.version)}: upgrade it to "
            f"{features.format_version(features.MIN_VERSION)} or later"
        )
        problems.append(Problem(known.key, tagged(text, errors.KUBERNETES_TOO_OLD)))
    if found.nodes is None:  # the account cannot list nodes: use the zones that the owner names
        found = replace(found, zones=tuple(known.zones), inventory=facts_from_zones(known.zones).inventory)
    elif absent := sorted(set(known.zones) - set(found.zones)):
        zones = ", ".join(found.zones) or "no zone (no node has the zone label)"
        if len(found.zones) < 2:
            text = f"no node is in {', '.join(absent)}: nodes are in {zones}: correct the zones, or add nodes"
            problems.append(Problem(known.zones_key, tagged(text, errors.ZONES_WITHOUT_NODES)))
        else:  # a zone that is down may have lost its nodes, and a release must still be possible then
            warn(f"{known.zones_key}: no node is in {', '.join(absent)} at the moment; nodes are in {zones}")
            found = replace(found, zones=tuple(sorted({*found.zones, *known.zones})))
    return found, problems


def _with_backend(client: Client, found: ClusterFacts, backend: BackendSettings) -> ClusterFacts:
    """Return the facts with those that only some backends need. Each takes a request of its own."""
    if reader.volume_claims(backend.pod_template):
        found = replace(found, claims=read_claims(client, backend.namespace_name))
    if backend.ingress.hosts:
        found = replace(found, ingress_classes=read_ingress_classes(client))
    if backend.mesh != "none":
        found = replace(found, mesh=read_mesh_facts(client, backend))
    if _needs_route_fields(backend):
        found = replace(found, route_fields=read_route_fields(client))
    return found


def _warn_of_missing_objects(client: Client, options: LookUp, backend: BackendSettings) -> None:
    """Report references to objects that do not exist: new pods would wait for them, while the old ones serve."""
    for reference in references(backend):
        path = f"/api/v1/namespaces/{backend.namespace_name}/{reference.kind.lower()}s/{reference.name}"
        if client.exists(path) is False:
            options.warn(
                f"{options.backend_key}.{reference.key}: {reference.kind} {reference.name!r} does not exist in "
                f"namespace {backend.namespace_name}, and new pods wait until it does: create it, or add it to "
                "extraObjects"
            )


def _needs_route_fields(backend: BackendSettings) -> bool:
    """Return whether a route uses fields that the oldest HTTPRoute lacks. Only then is its long schema read."""
    route = backend.route
    return bool(route.parent_refs) and (route.backend_timeout_seconds, route.retry.attempts) != (None, None)


def _backend_problems(
    client: Client, found: ClusterFacts, known: KnownCluster, options: LookUp, backend: BackendSettings
) -> list[Problem]:
    problems = []
    if found.nodes is None and len(known.zones) < 2 and backend.survives_nodes:
        text = (
            f"the account cannot list nodes, so survive: {backend.survive} cannot be checked: name two or more zones "
            "here, or permit the account to list nodes"
        )
        problems.append(Problem(known.zones_key, tagged(text, errors.ZONES_UNKNOWN)))
    problems += [
        Problem(f"{options.backend_key}.{conflict.key}", f"{shown(conflict.value)} {conflict.message}")
        for conflict in conflicts(backend, found)
    ]
    return [*problems, *(_keyed(text, options) for text in find_overlaps(client, backend))]


def _keyed(text: str, options: LookUp) -> Problem:
    """Return the problem that a line of a stack file's message describes, with the key that the caller uses."""
    key, _, rest = text.partition(": ")
    return Problem(f"{options.backend_key}{key.removeprefix(BACKEND_KEY)}", rest)
