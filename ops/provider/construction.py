"""Creates the components that a program in another language asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pulumi
from pulumi.provider import ConstructResult

from components import Cluster, Connection, FoundCluster, HighlyAvailableBackend, folders, look_up, preflight
from components.availability import UNKNOWN, ClusterFacts
from components.errors import clusters as errors
from components.errors import tagged
from components.inspection.client import Client, InspectionError
from components.inspection.cluster_reader import read_cluster_facts
from components.settings import BackendSettings, SettingsError
from components.settings.problems import Problem
from components.validation import validated, validated_cluster
from ops.provider.inputs import Inputs
from ops.provider.plugin_cluster import PluginCluster

DEFERRED = frozenset({"kubeconfig"})
"""Inputs of a backend that may be outputs: they are not settings, and no object depends on their value."""
_TWO_PROVIDERS = "must be omitted, because the resource's options name a Kubernetes provider: keep one of the two"
_NO_PROVIDER = (
    "is required: name a Cluster of this program, or a Kubernetes provider in the resource's options (providers). The "
    "current context of a kubeconfig is never used"
)
_TWO_KUBECONFIGS = "must be omitted, because cluster brings its own: keep one of the two"
_NO_CLUSTER = (
    "is not a Cluster that this program created with this version of the package: name a resource of type "
    "ha-backend:Cluster"
)
Checked = TypeVar("Checked")


@dataclass(frozen=True)
class _Created:
    cluster: Cluster
    found: FoundCluster


class Construction:
    """Remembers the clusters of this deployment, by URN, for the backends that refer to them."""

    def __init__(self) -> None:
        self._clusters: dict[str, _Created] = {}

    def cluster(self, name: str, inputs: Inputs, options: pulumi.ResourceOptions) -> ConstructResult:
        """Create a Cluster. Raises SettingsError or PreflightError before anything is registered."""
        settings = _checked(inputs, lambda: validated_cluster(inputs.values, name))
        # The engine starts a plugin in the directory of the program.
        folder = folders.cluster(Path.cwd(), pulumi.get_stack()) / name
        found = replace(look_up(name, settings, folder=str(folder)), embedded=PluginCluster)
        cluster = Cluster(name, settings, found=found, opts=options)

        def remember(urn: str) -> str:
            self._clusters[urn] = _Created(cluster, found)
            return urn

        return ConstructResult(
            cluster.urn.apply(remember),
            {"kubeconfig": cluster.kubeconfig, "identifier": cluster.identifier, "zones": list(cluster.facts.zones)},
        )

    def backend(self, name: str, inputs: Inputs, options: pulumi.ResourceOptions) -> ConstructResult:
        """Create a HighlyAvailableBackend. Raises SettingsError or PreflightError before anything is registered."""
        inputs.values.setdefault("name", name)  # a program has several backends
        created = self._cluster_of(name, inputs, options)
        facts = created.cluster.facts if created else _facts(name, inputs)
        settings = _checked(inputs, lambda: validated(inputs.values, name, facts, protect=bool(options.protect)))
        connection = Connection(pulumi.Output.secret(inputs.deferred["kubeconfig"])) if inputs.deferred else None
        if created:
            facts = _facts_for(created, settings, name)
            connection = created.cluster.connection
            provider = pulumi.ResourceOptions(providers=[created.cluster.provider])
            options = pulumi.ResourceOptions.merge(options, provider)
        backend = HighlyAvailableBackend(name, settings, cluster=facts, connection=connection, opts=options)
        return ConstructResult(
            backend.urn,
            {
                "endpoint": backend.endpoint,
                "namespaceName": backend.namespace_name,
                "deploymentName": backend.deployment_name,
                "serviceName": backend.service_name,
                "selector": backend.selector,
                "promise": backend.promise,
                "verified": backend.verified,
            },
        )

    def _cluster_of(self, name: str, inputs: Inputs, options: pulumi.ResourceOptions) -> _Created | None:
        """Return the cluster that a backend names. Add a problem unless there is exactly one provider."""
        urn = inputs.values.pop("cluster", None)
        if urn is not None and urn not in self._clusters and isinstance(urn, str):  # others have a problem already
            text = tagged(f"{urn!r} {_NO_CLUSTER}", errors.UNKNOWN_CLUSTER)
            inputs.problems.append(Problem(f"{name}.cluster", text))
        has_provider = "kubernetes" in (options.providers or {})
        if (urn is not None) == has_provider:
            text = tagged(_TWO_PROVIDERS if has_provider else _NO_PROVIDER, errors.PROVIDER_NOT_UNIQUE)
            inputs.problems.append(Problem(f"{name}.cluster", text))
        if urn is not None and "kubeconfig" in inputs.deferred:
            text = tagged(_TWO_KUBECONFIGS, errors.PROVIDER_NOT_UNIQUE)
            inputs.problems.append(Problem(f"{name}.kubeconfig", text))
        return self._clusters.get(urn) if isinstance(urn, str) else None


def _checked(inputs: Inputs, validate: Callable[[], Checked]) -> Checked:
    """Return the settings. Raises SettingsError with the problems of the inputs and of the settings."""
    try:
        settings = validate()
    except SettingsError as error:
        reported = {problem.key for problem in inputs.problems}
        # Without its kind, nothing is known about a cluster.
        reported |= {key.removesuffix(".kind") for key in reported if key.endswith(".kind")}
        further = [problem for problem in error.problems if problem.key not in reported]
        raise SettingsError([*inputs.problems, *further]) from None
    if inputs.problems:
        raise SettingsError(inputs.problems)
    return settings


def _facts_for(created: _Created, backend: BackendSettings, name: str) -> ClusterFacts:
    """Return what is known about a cluster, and check the backend against it. Raises PreflightError."""
    if not created.found.known:
        return created.cluster.facts
    options = preflight.LookUp(backend=backend, backend_key=name, warn=pulumi.log.warn)
    return preflight.facts(created.found.known, options)


def _facts(name: str, inputs: Inputs) -> ClusterFacts:
    """Return what the cluster of a kubeconfig reports, if there is a kubeconfig and its value is known."""
    if "kubeconfig" not in inputs.known:
        return UNKNOWN
    try:
        return read_cluster_facts(Client(str(inputs.known["kubeconfig"])))
    except InspectionError as error:
        inputs.problems.append(Problem(f"{name}.kubeconfig", f"{error.text}. Nothing was changed{_id(error)}"))
        return UNKNOWN


def _id(error: InspectionError) -> Any:
    return f" [{error.kind.id}]" if error.kind else ""
