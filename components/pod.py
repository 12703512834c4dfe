"""The pod: one container with its health checks, its end, its limits, and where it may run."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ContainerArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvFromSourceArgs,
    HTTPGetActionArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    ProbeArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    SleepActionArgs,
    TolerationArgs,
    TopologySpreadConstraintArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

from availability import timing
from components.scope import Scope
from settings import BackendSettings

CONTAINER = "backend"
USER = 10001  # outside the range of users that a node itself has
PROBE_PERIOD = 5
ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"


def pod_spec(scope: Scope, account: str, environment: Sequence[EnvFromSourceArgs]) -> PodSpecArgs:
    """The pod of one backend, which the API server admits under Pod Security's `restricted` level."""
    return PodSpecArgs(
        service_account_name=account,
        automount_service_account_token=False,
        enable_service_links=False,  # the names of other services would otherwise enter the environment
        termination_grace_period_seconds=timing.grace_period(scope.settings),
        security_context=PodSecurityContextArgs(
            run_as_non_root=True, run_as_user=USER, run_as_group=USER, fs_group=USER,
            seccomp_profile=SeccompProfileArgs(type="RuntimeDefault")),
        tolerations=[
            TolerationArgs(key=f"node.kubernetes.io/{state}", operator="Exists", effect="NoExecute",
                           toleration_seconds=timing.NODE_LOSS_TOLERATION)
            for state in ("not-ready", "unreachable")],
        topology_spread_constraints=[_spread(scope, ZONE), _spread(scope, HOST)],
        containers=[_container(scope.settings, environment)],
        volumes=[VolumeArgs(name="tmp", empty_dir=EmptyDirVolumeSourceArgs(size_limit="64Mi"))])


def _container(backend: BackendSettings, environment: Sequence[EnvFromSourceArgs]) -> ContainerArgs:
    ports = [ContainerPortArgs(name="http", container_port=backend.port, protocol="TCP")]
    if backend.metrics_port:
        ports.append(ContainerPortArgs(name="metrics", container_port=backend.metrics_port, protocol="TCP"))
    health = backend.health
    return ContainerArgs(
        name=CONTAINER, image=backend.image, image_pull_policy="IfNotPresent", ports=ports, env_from=list(environment),
        resources=ResourceRequirementsArgs(
            requests={"cpu": backend.resources.requests.cpu, "memory": backend.resources.requests.memory},
            limits={"cpu": backend.resources.limits.cpu, "memory": backend.resources.limits.memory}),
        startup_probe=_probe(backend, health.startup_path, math.ceil(health.startup_seconds / PROBE_PERIOD)),
        readiness_probe=_probe(backend, health.readiness_path, 2),
        # Slower to judge than readiness by design: taking a pod out of load balancing is cheap, a restart is not.
        liveness_probe=_probe(backend, health.liveness_path, 6),
        lifecycle=_lifecycle(backend),
        security_context=SecurityContextArgs(
            allow_privilege_escalation=False, privileged=False, read_only_root_filesystem=True, run_as_non_root=True,
            run_as_user=USER, run_as_group=USER, capabilities=CapabilitiesArgs(drop=["ALL"]),
            seccomp_profile=SeccompProfileArgs(type="RuntimeDefault")),
        volume_mounts=[VolumeMountArgs(name="tmp", mount_path="/tmp")])  # noqa: S108 (the pod's own volume)


def _probe(backend: BackendSettings, path: str, failures: int) -> ProbeArgs:
    return ProbeArgs(http_get=HTTPGetActionArgs(path=path, port=backend.port), period_seconds=PROBE_PERIOD,
                     timeout_seconds=2, failure_threshold=failures)


def _lifecycle(backend: BackendSettings) -> LifecycleArgs | None:
    # The kubelet's own sleep: needs no shell in the image. Zero seconds is refused by clusters before 1.34, so left out.
    seconds = backend.shutdown.deregistration_seconds
    return LifecycleArgs(pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=seconds))) if seconds else None


def _spread(scope: Scope, domain: str) -> TopologySpreadConstraintArgs:
    # Soft: a hard rule leaves pods pending where the domain is gone or unlabelled. The template's hash keeps the pods of the
    # old release from being counted during a rollout; tainted nodes do not count as empty domains during a drain.
    return TopologySpreadConstraintArgs(
        topology_key=domain, max_skew=1, when_unsatisfiable="ScheduleAnyway", match_label_keys=["pod-template-hash"],
        node_taints_policy="Honor", label_selector=LabelSelectorArgs(match_labels=scope.selector))
