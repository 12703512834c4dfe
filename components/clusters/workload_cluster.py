"""A cluster that Cluster API makes: its templates, its class and itself, on a management cluster; awaited like all else."""

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

from ..inspection import client, workload
from ..inspection.access import Access
from ..settings import ClusterApiCluster
from ..settings.well_known import MANAGER, MANAGER_LABEL
from .clouds.parts import Template
from .topology import CORE, blueprint

_GONE_MINUTES = 45  # even of a cluster that was to be ready, in vain, within a minute
# Cluster API deletes the workers, then the control plane, then what they are in, each when the one before is gone. Deleted in
# the foreground, as the engine does by default, all go at once: a machine then waits for ever for one that is gone already.
_IN_ORDER = {"pulumi.com/deletionPropagationPolicy": "background"}


class WorkloadCluster:
    """The children of a ``Cluster`` of the kind cluster-api.

    ``management`` is a kubeconfig of one context. Where ``asking``, it is awaited: RunError, through its outputs, where
    it does not become ready. Otherwise, as in a preview, it is what is ``known`` of it: None, that it is to be made.
    ``in_use``: the ClusterClass that it has now, if it is there.
    """

    kubeconfig: pulumi.Output[str]
    """Full access to it, as a secret."""
    identity: pulumi.Output[str]
    """Another one whenever the cluster is made anew."""

    def __init__(
        self,
        name: str,
        settings: ClusterApiCluster,
        management: str,
        parent: pulumi.Resource,
        *,
        known: Access | None,
        asking: bool,
        in_use: str = "",
    ) -> None:
        wanted = blueprint(settings)
        provider = _provider(name, settings, management, parent)
        minutes = f"{settings.ready_minutes}m"
        gone = f"{max(settings.ready_minutes, _GONE_MINUTES)}m"
        below = pulumi.ResourceOptions(
            parent=parent,
            provider=provider,
            custom_timeouts=pulumi.CustomTimeouts(create=minutes, update=minutes, delete=gone),
        )
        labels = {MANAGER_LABEL: MANAGER}

        def meta(own: str | None, **more: Any) -> ObjectMetaArgs:
            return ObjectMetaArgs(name=own, namespace=settings.namespace, labels=labels, **more)

        def replaced(
            part: str, version: str, kind: str, spec: dict[str, Any], after: Sequence[pulumi.Resource] = ()
        ) -> Any:
            # Cluster API refuses to change a template, and to take a pool that is in use out of a class: a new one with another
            # name exists before the old one goes, and what names it follows in between.
            return CustomResource(
                f"{name}-{part}",
                api_version=version,
                kind=kind,
                metadata=meta(None),
                spec=spec,
                opts=pulumi.ResourceOptions.merge(
                    below, pulumi.ResourceOptions(replace_on_changes=["spec"], depends_on=list(after))
                ),
            )

        templates = {
            part: replaced(part, template.api_version, template.kind, _nested(template))
            for part, template in wanted.templates.items()
        }
        class_name: Any = settings.cluster_class.name if settings.cluster_class else None
        after: list[pulumi.Resource] = []
        if templates:
            names = {part: made.metadata["name"] for part, made in templates.items()}
            made = replaced("class", CORE, "ClusterClass", wanted.class_spec(names), list(templates.values()))
            class_name, after = made.metadata["name"], [made]
            if in_use and pulumi.runtime.is_dry_run():
                # Asked whether a Cluster may change, Cluster API looks at its class, and another one is not there yet.
                class_name = class_name.apply(lambda one: one if one == in_use else _unknown())
        self.cluster = CustomResource(
            f"{name}-workload",
            api_version=CORE,
            kind="Cluster",
            metadata=meta(settings.name, annotations=_IN_ORDER),
            spec=wanted.cluster_spec(class_name),
            opts=pulumi.ResourceOptions.merge(below, pulumi.ResourceOptions(depends_on=after)),
        )
        # Its settings are among what is waited for: an upgrade is carried out by then.
        found = _said(known)
        if asking:
            stored: Any = self.cluster
            found = pulumi.Output.all(stored.id, stored.spec).apply(lambda _: _made(management, settings))
        self.kubeconfig = pulumi.Output.secret(found.apply(lambda one: one.kubeconfig))
        self.identity = pulumi.Output.unsecret(found.apply(lambda one: one.identity))


_shared: WeakKeyDictionary[Any, dict[tuple[str, str], kubernetes.Provider]] = WeakKeyDictionary()
"""By who records the run of a program."""


def _provider(name: str, settings: ClusterApiCluster, management: str, parent: pulumi.Resource) -> kubernetes.Provider:
    """One for all clusters of a program that are of the same management cluster: the engine runs a process for each."""
    given, stack = settings.management, pulumi.runtime.get_root_resource()
    made = _shared.setdefault(pulumi.runtime.settings.get_monitor(), {}) if stack else {}
    if found := made.get((given.kubeconfig, given.context)):
        return found
    # Known by what the settings say, so that it outlives the cluster that was first in the program.
    own = hashlib.sha256(f"{given.kubeconfig} {given.context}".encode()).hexdigest()[:8] if stack else name
    made[given.kubeconfig, given.context] = kubernetes.Provider(
        f"{own}-management",
        kubeconfig=pulumi.Output.secret(management),
        context=given.context,
        cluster_identifier=given.context,
        opts=pulumi.ResourceOptions(parent=None if stack else parent),
    )
    return made[given.kubeconfig, given.context]


def _nested(template: Template) -> dict[str, Any]:
    return {"template": {"spec": json.loads(json.dumps(template.spec))}}


def _said(known: Access | None) -> pulumi.Output[Access]:
    return pulumi.Output.from_input(known) if known else _unknown()


def _unknown() -> pulumi.Output[Any]:
    """What a preview does not know yet."""

    async def answer(value: Any) -> Any:
        return value

    later = (asyncio.ensure_future(answer(value)) for value in (None, False, True))
    return pulumi.Output(set(), *later)


async def _made(management: str, settings: ClusterApiCluster) -> Access:
    """The way to the cluster, once it is ready."""
    way = client.shared(management, settings.management.context)
    try:
        for step in workload.becoming(
            way, settings.name, settings.namespace, settings.ready_minutes * 60.0, pulumi.log.info
        ):
            if isinstance(step, Access):
                return step
            await asyncio.sleep(step)
    except workload.NotReadyError as error:
        raise pulumi.RunError(str(error)) from None
    raise AssertionError("it ends with a way, or an error")
