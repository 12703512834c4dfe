"""The Deployment: how many pods, and how one release becomes the next."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs, DeploymentStrategyArgs, RollingUpdateDeploymentArgs
from pulumi_kubernetes.core.v1 import EnvFromSourceArgs, PodTemplateSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from .availability import timing
from .backend_scope import Scope
from .hooks import of_deployment
from .pod import pod_spec
from .settings import mesh
from .settings.pod_template import reader


def deployment(
    scope: Scope, after: Sequence[pulumi.Resource], environment: Sequence[EnvFromSourceArgs]
) -> kubernetes.apps.v1.Deployment:
    """The pods. The engine waits until a release is rolled out, or says that it is not."""
    backend = scope.settings
    timeout = f"{timing.rollout_timeout(backend)}s"
    scaled = backend.autoscaling.enabled
    annotations = {
        **mesh.pod_annotations(backend.mesh, backend.mesh_options),
        **reader.pod_annotations(backend.pod_template),
    }
    return kubernetes.apps.v1.Deployment(
        f"{scope.prefix}-deployment",
        # With a fixed number all of the spec is ours; a number that an autoscaler left would otherwise be a conflict. It also
        # tells the engine that something changes when the autoscaler goes: the number itself is the same in the program.
        metadata=scope.meta(annotations=None if scaled else {"pulumi.com/patchForce": "true"}),
        spec=DeploymentSpecArgs(
            replicas=backend.replicas,
            selector=LabelSelectorArgs(match_labels=scope.selector),
            strategy=DeploymentStrategyArgs(
                type="RollingUpdate",
                rolling_update=RollingUpdateDeploymentArgs(max_surge=f"{timing.SURGE_PERCENT}%", max_unavailable=0),
            ),
            min_ready_seconds=backend.rollout.min_ready_seconds,
            progress_deadline_seconds=backend.rollout.progress_deadline_seconds,
            revision_history_limit=5,
            template=PodTemplateSpecArgs(
                metadata=ObjectMetaArgs(labels=scope.pod_labels, annotations=annotations or None),
                spec=pod_spec(scope, backend.name, environment),
            ),
        ),
        opts=scope.options(
            after,
            # With an autoscaler the number is its own after the first creation; without one it is ours to set.
            ignore_changes=["spec.replicas"] if scaled else [],
            hooks=of_deployment(scope),
            custom_timeouts=pulumi.CustomTimeouts(
                create=timeout, update=timeout, delete=f"{timing.deletion_timeout(backend)}s"
            ),
        ),
    )
