"""The Deployment: how many pods run, and how one release replaces another."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs, DeploymentStrategyArgs, RollingUpdateDeploymentArgs
from pulumi_kubernetes.core.v1 import PodTemplateSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from .availability import timing
from .backend_scope import BackendScope
from .environment import Environment
from .hooks import of_deployment
from .merge import merge
from .pod import pod_spec
from .settings import BackendSettings, mesh
from .settings.pod_template import reader


def deployment(
    scope: BackendScope, depends_on: Sequence[pulumi.Resource], environment: Environment
) -> kubernetes.apps.v1.Deployment:
    """Register the Deployment. Pulumi waits until the rollout is complete, and fails if it does not complete."""
    backend = scope.settings
    timeout = f"{timing.rollout_timeout(backend)}s"
    annotations = {
        **mesh.pod_annotations(backend.mesh, backend.mesh_options),
        **reader.pod_annotations(backend.pod_template),
    }
    metadata = scope.metadata(annotations=_annotations(backend))
    merge(metadata, backend.overrides.metadata("deployment"))
    return kubernetes.apps.v1.Deployment(
        f"{scope.prefix}-deployment",
        metadata=metadata,
        spec=DeploymentSpecArgs(
            replicas=backend.replicas,
            selector=LabelSelectorArgs(match_labels=scope.selector),
            strategy=_strategy(backend),
            min_ready_seconds=backend.rollout.min_ready_seconds,
            progress_deadline_seconds=backend.rollout.progress_deadline_seconds,
            revision_history_limit=backend.overrides.spec("deployment").get("revisionHistoryLimit", 5),
            template=PodTemplateSpecArgs(
                metadata=ObjectMetaArgs(labels=scope.pod_labels, annotations=annotations or None),
                spec=pod_spec(scope, backend.service_account_name, environment),
            ),
        ),
        opts=scope.options(
            depends_on,
            ignore_changes=_ignored_changes(backend),
            hooks=of_deployment(scope),
            custom_timeouts=pulumi.CustomTimeouts(
                create=timeout, update=timeout, delete=f"{timing.deletion_timeout(backend)}s"
            ),
        ),
    )


def _annotations(backend: BackendSettings) -> dict[str, str] | None:
    # Without an autoscaler this program owns the whole spec. patchForce takes spec.replicas back from a former
    # autoscaler, whose value would otherwise be a conflict. It also makes Pulumi see a change when the autoscaler is
    # removed: the replica count itself is the same in the program.
    return None if backend.autoscaling.enabled else {"pulumi.com/patchForce": "true"}


def _strategy(backend: BackendSettings) -> DeploymentStrategyArgs:
    # maxUnavailable 0, the default: a pod terminates only after a new one is ready.
    pace = backend.rolling_update
    return DeploymentStrategyArgs(
        type="RollingUpdate",
        rolling_update=RollingUpdateDeploymentArgs(max_surge=pace["maxSurge"], max_unavailable=pace["maxUnavailable"]),
    )


def _ignored_changes(backend: BackendSettings) -> list[str]:
    # With an autoscaler, the autoscaler owns spec.replicas after the creation.
    return ["spec.replicas"] if backend.autoscaling.enabled else []
