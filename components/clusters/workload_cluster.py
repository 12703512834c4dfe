"""The registration of a cluster that Cluster API creates: its templates, its class and itself, awaited by Pulumi."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from ..inspection import client, cluster_api_wait
from ..inspection.access import ClusterAccess
from ..settings.well_known import MANAGER, MANAGER_LABEL
from .clouds.parts import Template
from .cluster_api import ClusterApiCluster
from .found import FoundCluster, RegisteredCluster
from .topology import CORE, Blueprint, blueprint

_DELETION_MINUTES = 45  # at least, even for a cluster that was to be ready within a minute
# Cluster API deletes the workers, then the control plane, then the infrastructure, each once the one before is gone.
# With the engine's default, a foreground deletion, all are deleted at once: a machine then waits forever for one that
# is gone.
_IN_ORDER = {"pulumi.com/deletionPropagationPolicy": "background"}


def register(name: str, settings: ClusterApiCluster, parent: pulumi.Resource, found: FoundCluster) -> RegisteredCluster:
    """Register templates, ClusterClass and Cluster below ``parent``.

    The outputs of the cluster become known when it is ready; RunError if it is not in time. In a preview, they are what
    is known about it: unknown if it is to be created.
    """
    management = found.management
    if management is None:
        raise ValueError("a cluster of this kind is registered with the result of its look-up")
    provider = _provider(name, settings, management.kubeconfig, parent)
    minutes = f"{settings.ready_minutes}m"
    below = pulumi.ResourceOptions(
        parent=parent,
        provider=provider,
        custom_timeouts=pulumi.CustomTimeouts(
            create=minutes, update=minutes, delete=f"{max(settings.ready_minutes, _DELETION_MINUTES)}m"
        ),
    )
    wanted = blueprint(settings)
    class_name, dependencies = _class(name, settings, wanted, management.class_in_use, below)
    cluster = CustomResource(
        f"{name}-workload",
        api_version=CORE,
        kind="Cluster",
        metadata=_metadata(settings, name=settings.name, annotations=_IN_ORDER),
        spec=wanted.cluster_spec(class_name),
        opts=pulumi.ResourceOptions.merge(below, pulumi.ResourceOptions(depends_on=dependencies)),
    )
    access: pulumi.Output[ClusterAccess]
    if management.awaited and not pulumi.runtime.is_dry_run():
        # The settings are among what is awaited: an upgrade is complete by then.
        stored: Any = cluster
        access = pulumi.Output.all(stored.id, stored.spec).apply(lambda _: _ready(management.kubeconfig, settings))
    else:
        access = pulumi.Output.from_input(management.known.access) if management.known else _unknown()
    return RegisteredCluster(
        pulumi.Output.secret(access.apply(lambda one: one.kubeconfig)),
        pulumi.Output.unsecret(access.apply(lambda one: one.identifier)),
        resource=cluster,
    )


def _class(
    name: str, settings: ClusterApiCluster, wanted: Blueprint, in_use: str, below: pulumi.ResourceOptions
) -> tuple[Any, list[pulumi.Resource]]:
    """Register the ClusterClass and its templates. Return the name of the class, and what the Cluster depends on."""
    if settings.cluster_class:
        return settings.cluster_class.name, []

    def replaced(
        part: str, version: str, kind: str, spec: dict[str, Any], dependencies: Sequence[pulumi.Resource] = ()
    ) -> Any:
        # Cluster API rejects a changed template, and a class without a pool that is in use: a new object with another
        # name exists before the old one is deleted, and what refers to it is updated in between.
        return CustomResource(
            f"{name}-{part}",
            api_version=version,
            kind=kind,
            metadata=_metadata(settings),
            spec=spec,
            opts=pulumi.ResourceOptions.merge(
                below, pulumi.ResourceOptions(replace_on_changes=["spec"], depends_on=list(dependencies))
            ),
        )

    templates = {
        part: replaced(part, template.api_version, template.kind, _nested(template))
        for part, template in wanted.templates.items()
    }
    names = {part: template.metadata["name"] for part, template in templates.items()}
    cluster_class = replaced("class", CORE, "ClusterClass", wanted.class_spec(names), list(templates.values()))
    class_name = cluster_class.metadata["name"]
    if in_use and pulumi.runtime.is_dry_run():
        # To validate a change of the Cluster, Cluster API reads its class. A new class does not exist in a preview.
        class_name = class_name.apply(lambda planned: planned if planned == in_use else _unknown())
    return class_name, [cluster_class]


def _metadata(settings: ClusterApiCluster, *, name: str | None = None, **more: Any) -> ObjectMetaArgs:
    return ObjectMetaArgs(name=name, namespace=settings.namespace, labels={MANAGER_LABEL: MANAGER}, **more)


_shared: WeakKeyDictionary[Any, dict[tuple[str, str], kubernetes.Provider]] = WeakKeyDictionary()
"""The provider of each management cluster, by the monitor of the program's run."""


def _provider(name: str, settings: ClusterApiCluster, kubeconfig: str, parent: pulumi.Resource) -> kubernetes.Provider:
    """Return one provider for all clusters of a management cluster: the engine starts a process for each provider."""
    management, stack = settings.management, pulumi.runtime.get_root_resource()
    providers = _shared.setdefault(pulumi.runtime.settings.get_monitor(), {}) if stack else {}
    key = (management.kubeconfig, management.context)
    if key not in providers:
        # Named for the settings, so that it outlives the cluster that was first in the program.
        own = hashlib.sha256(" ".join(key).encode()).hexdigest()[:8] if stack else name
        providers[key] = kubernetes.Provider(
            f"{own}-management",
            kubeconfig=pulumi.Output.secret(kubeconfig),
            context=management.context,
            cluster_identifier=management.context,
            opts=pulumi.ResourceOptions(parent=None if stack else parent),
        )
    return providers[key]


def _nested(template: Template) -> dict[str, Any]:
    return {"template": {"spec": json.loads(json.dumps(template.spec))}}


def _unknown() -> pulumi.Output[Any]:
    """Return an output whose value a preview does not know."""

    async def resolve(value: Any) -> Any:
        return value

    futures = (asyncio.ensure_future(resolve(value)) for value in (None, False, True))
    return pulumi.Output(set(), *futures)


async def _ready(kubeconfig: str, settings: ClusterApiCluster) -> ClusterAccess:
    """Wait until the cluster is ready, and return how to reach it."""
    management = client.shared_client(kubeconfig, settings.management.context)
    seconds = settings.ready_minutes * 60.0
    try:
        for step in cluster_api_wait.readiness_steps(management, settings.managed, seconds, pulumi.log.info):
            if isinstance(step, ClusterAccess):
                return step
            await asyncio.sleep(step)
    except cluster_api_wait.ClusterNotReadyError as error:
        raise pulumi.RunError(str(error)) from None
    raise AssertionError("the steps end with the access, or with an error")
