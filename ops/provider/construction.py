"""Makes the components that a program of another language asks for, from what it gave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pulumi
from pulumi.provider import ConstructResult

from components import Cluster, Connection, HighlyAvailableBackend
from components.availability import UNKNOWN, ClusterFacts
from components.preflight import Way
from components.runtime import folders
from components.settings import ClusterSettings, SettingsError
from components.settings.problems import Problem
from components.validation import validated, validated_cluster
from ops.provider import cluster_lookup
from ops.provider.inputs import Given
from ops.provider.plugin_cluster import ServedCluster

LATE = frozenset({"kubeconfig"})
"""Inputs of a backend that may be outputs: no setting, and no object depends on their value."""
_TWO_PLACES = "is given, and the resource's options name a Kubernetes provider as well: leave one of the two out"
_NO_PLACE = (
    "missing: name a Cluster of this program here, or a Kubernetes provider in the resource's options "
    "(providers): nothing is put wherever a kubeconfig happens to point"
)
_TWO_ACCESSES = "is given, and cluster brings its own: leave one of the two out"
_NO_CLUSTER = "is no Cluster that this program has made with this version of the package: name a ha-backend:Cluster"
Checked = TypeVar("Checked")
_Made = tuple[Cluster, ClusterSettings, Way | None]  # the way to it, where it was there before


class Construction:
    """Knows the clusters that were made in this deployment, by URN, for the backends that refer to them."""

    def __init__(self) -> None:
        self._clusters: dict[str, _Made] = {}

    def cluster(self, name: str, given: Given, options: pulumi.ResourceOptions) -> ConstructResult:
        """A Cluster. Raises SettingsError, or PreflightError before anything is made."""
        settings = _checked(given, lambda: validated_cluster(given.values, name))
        folder = (
            folders.cluster(Path.cwd(), pulumi.get_stack()) / name
        )  # the engine starts a plugin where the program is
        way = cluster_lookup.way(settings, name, folder)
        made = Cluster(
            name,
            settings,
            access=way.access if way else None,
            identifier=way.identifier if way else "",
            facts=cluster_lookup.look(way),
            folder=str(folder),
            embedded=ServedCluster,
            opts=options,
        )

        def remember(urn: str) -> str:
            self._clusters[urn] = made, settings, way
            return urn

        return ConstructResult(
            made.urn.apply(remember),
            {"kubeconfig": made.kubeconfig, "identifier": made.identifier, "zones": list(made.facts.zones)},
        )

    def backend(self, name: str, given: Given, options: pulumi.ResourceOptions) -> ConstructResult:
        """A HighlyAvailableBackend. Raises like the above."""
        given.values.setdefault("name", name)  # a program has several, and each its own
        on = given.values.pop("cluster", None)
        there = self._found(name, on, given) if on is not None else None
        with_provider = "kubernetes" in (options.providers or {})
        if (on is not None) == with_provider:
            given.problems.append(Problem(f"{name}.cluster", _TWO_PLACES if with_provider else _NO_PLACE))
        if on is not None and "kubeconfig" in given.late:
            given.problems.append(Problem(f"{name}.kubeconfig", _TWO_ACCESSES))
        facts = there[0].facts if there else _asked(name, given)
        settings = _checked(
            given,
            lambda: validated(given.values, name, facts, protect=bool(options.protect)),
        )

        if there:
            cluster, described, way = there
            facts = cluster_lookup.facts(described, way, settings, name)
            connection: Connection | None = cluster.connection
            options = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(providers=[cluster.provider]))
        else:
            connection = Connection(pulumi.Output.secret(given.late["kubeconfig"])) if given.late else None
        made = HighlyAvailableBackend(name, settings, cluster=facts, connection=connection, opts=options)
        return ConstructResult(
            made.urn,
            {
                "endpoint": made.endpoint,
                "namespaceName": made.namespace_name,
                "deploymentName": made.deployment_name,
                "serviceName": made.service_name,
                "selector": made.selector,
                "promise": made.promise,
                "verified": made.verified,
            },
        )

    def _found(self, name: str, urn: Any, given: Given) -> _Made | None:
        if urn not in self._clusters and isinstance(urn, str):  # else it has been told of already
            given.problems.append(Problem(f"{name}.cluster", f"{urn!r} {_NO_CLUSTER}"))
        return self._clusters.get(urn)


def _checked(given: Given, validate: Callable[[], Checked]) -> Checked:
    """What was given as settings, or every problem of it: those of the wire, and those that the settings tell."""
    try:
        settings = validate()
    except SettingsError as error:
        told = {problem.key for problem in given.problems}
        told |= {
            key.removesuffix(".kind") for key in told if key.endswith(".kind")
        }  # without it nothing is known of a cluster
        raise SettingsError([*given.problems, *(p for p in error.problems if p.key not in told)]) from None
    if given.problems:
        raise SettingsError(given.problems)
    return settings


def _asked(name: str, given: Given) -> ClusterFacts:
    """What the cluster behind a kubeconfig says of itself, where there is one and it is known already."""
    if "kubeconfig" not in given.known:
        return UNKNOWN
    try:
        return cluster_lookup.asked(str(given.known["kubeconfig"]))
    except cluster_lookup.InspectionError as error:
        given.problems.append(Problem(f"{name}.kubeconfig", f"{error}. Nothing was changed"))
        return UNKNOWN
