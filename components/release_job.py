"""The Job that runs once for each release, before the first new pod."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import PodTemplateSpecArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from .backend_scope import BackendScope
from .environment import Environment
from .hooks import of_release_job
from .network_policy import job_rules
from .pod import pod_spec
from .settings.well_known import NAME_LABEL

# Pulumi's own work around the Job: scheduling and pulling the image on top of the Job's time.
_MARGIN_SECONDS = 300


def release_job(
    scope: BackendScope, environment: Environment, depends_on: Sequence[pulumi.Resource]
) -> list[pulumi.Resource]:
    """Register the Job and its NetworkPolicy; return what the Deployment must wait for: nothing without a Job.

    Its name follows from what it runs: the same release finds its Job again, whenever `pulumi up` was interrupted, and
    never runs it twice.
    """
    backend = scope.settings
    job = backend.release_job
    if job is None:
        return []
    # Loaded by the stacks that need it.
    from pulumi_kubernetes.batch.v1 import JobSpecArgs

    policy = job_rules(scope, depends_on)
    digest = _digest(scope)
    # Not the backend's labels: no Service, budget or autoscaler may count these pods.
    labels = {**scope.labels, NAME_LABEL: f"{backend.name}-job"}
    pod = pod_spec(scope, backend.service_account_name, environment)
    pod.restart_policy = "Never"
    pod.topology_spread_constraints = pod.affinity = pod.termination_grace_period_seconds = None
    containers: Any = pod.containers
    container = containers[0]
    container.startup_probe = container.readiness_probe = container.liveness_probe = None
    container.lifecycle = container.ports = None
    container.command, container.args = job.command or None, job.args or None
    container.termination_message_policy = "FallbackToLogsOnError"  # the message of a failure is what it printed last
    timeout = f"{(job.retries + 1) * job.timeout_seconds + _MARGIN_SECONDS}s"
    made = kubernetes.batch.v1.Job(
        f"{scope.prefix}-job-{digest}",
        metadata=scope.metadata(suffix=digest),
        spec=JobSpecArgs(
            backoff_limit=job.retries,
            active_deadline_seconds=job.timeout_seconds,
            template=PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels=labels), spec=pod),
        ),
        opts=scope.replaceable_options(
            [*depends_on, policy],
            ignore_changes=["spec"],  # it is immutable, and another release has another name
            hooks=of_release_job(scope, f"{backend.name}-{digest}"),
            custom_timeouts=pulumi.CustomTimeouts(create=timeout, update=timeout),
        ),
    )
    return [made]


def _digest(scope: BackendScope) -> str:
    """Return what identifies a release: everything that its pods are made from."""
    kept = {"image", "environment", "files", "pod_template", "generated_secrets", "release_job"}
    release = scope.settings.model_dump(include=kept, mode="json")
    return hashlib.sha256(json.dumps(release, sort_keys=True).encode()).hexdigest()[:8]
