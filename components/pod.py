"""The pod: the backend's container with its probes, its shutdown, its resources and its security context."""

from __future__ import annotations

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
    VolumeArgs,
    VolumeMountArgs,
)

from . import pod_template
from .availability import timing
from .backend_scope import BackendScope
from .pod_scheduling import affinity, tolerations, topology_spread_constraints
from .settings import BackendSettings
from .settings.pod import Amounts
from .settings.pod_template import reader
from .settings.pod_template.volumes import TMP, TMP_PATH
from .settings.well_known import CONTAINER

USER = 10001  # above the range of user ids that a node assigns
# The container's security context in the API's field names, for containers of the pod template.
_SECURITY_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": USER,
    "runAsGroup": USER,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod_spec(scope: BackendScope, account: str, environment: Sequence[EnvFromSourceArgs]) -> PodSpecArgs:
    """Return the pod of a backend, which Pod Security level ``restricted`` admits."""
    container, edge = _container(scope.settings, environment), scope.settings.edge
    pod = PodSpecArgs(
        service_account_name=account,
        automount_service_account_token=False,
        enable_service_links=False,  # otherwise the names of other Services enter the environment
        termination_grace_period_seconds=timing.grace_period(scope.settings),
        security_context=PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=USER,
            run_as_group=USER,
            fs_group=USER,
            seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
        ),
        priority_class_name=scope.settings.placement.priority_class_name,
        tolerations=tolerations(scope.settings),
        node_selector=dict(edge.pool) or None if edge else None,
        topology_spread_constraints=topology_spread_constraints(scope),
        affinity=affinity(scope),
        containers=[container],
        volumes=[
            VolumeArgs(name=TMP, empty_dir=EmptyDirVolumeSourceArgs(size_limit=scope.settings.resources.tmp_size_limit))
        ],
    )
    pod_template.merge(scope, pod, container, _SECURITY_CONTEXT)
    return pod


def _container(backend: BackendSettings, environment: Sequence[EnvFromSourceArgs]) -> ContainerArgs:
    ports = [ContainerPortArgs(name="http", container_port=backend.port, protocol="TCP")]
    if backend.metrics_port:
        ports.append(ContainerPortArgs(name="metrics", container_port=backend.metrics_port, protocol="TCP"))
    return ContainerArgs(
        name=CONTAINER,
        image=backend.image,
        image_pull_policy="IfNotPresent",
        ports=ports,
        env_from=list(environment),
        resources=ResourceRequirementsArgs(
            requests=_amounts(backend, backend.resources.requests), limits=_amounts(backend, backend.resources.limits)
        ),
        startup_probe=_startup_probe(backend),
        readiness_probe=_readiness_probe(backend),
        liveness_probe=_liveness_probe(backend),
        lifecycle=_lifecycle(backend),
        security_context=SecurityContextArgs(
            allow_privilege_escalation=False,
            privileged=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
            run_as_user=USER,
            run_as_group=USER,
            capabilities=CapabilitiesArgs(drop=["ALL"]),
            seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
        ),
        volume_mounts=[VolumeMountArgs(name=TMP, mount_path=TMP_PATH)],
    )


def _amounts(backend: BackendSettings, amounts: Amounts) -> dict[str, str]:
    # Request and limit of ephemeral storage are equal: a full node evicts the pods that wrote more than they requested.
    # The volumes of the pod template count too, because a pod that fills them must not be evicted.
    storage = timing.ephemeral_storage(backend, reader.disk_bytes(backend.pod_template))
    return {"cpu": amounts.cpu, "memory": amounts.memory, "ephemeral-storage": storage}


def _startup_probe(backend: BackendSettings) -> ProbeArgs:
    # Every second, so that the pod is ready as soon as the program is, and fails as soon as its time is over.
    health = backend.health
    return _probe(backend, health.startup_path, health.startup_seconds, period=1, timeout=1)


def _readiness_probe(backend: BackendSettings) -> ProbeArgs | None:
    return _probe(backend, backend.health.readiness_path, timing.READINESS_FAILURES)


def _liveness_probe(backend: BackendSettings) -> ProbeArgs:
    # Tolerates more failures than readiness: to take a pod out of load balancing is cheap, a restart is not.
    return _probe(backend, backend.health.liveness_path, timing.LIVENESS_FAILURES)


def _probe(
    backend: BackendSettings,
    path: str,
    failures: int,
    *,
    period: int = timing.PROBE_PERIOD,
    timeout: int = timing.PROBE_TIMEOUT,
) -> ProbeArgs:
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=path, port=backend.port),
        period_seconds=period,
        timeout_seconds=timeout,
        failure_threshold=failures,
    )


def _lifecycle(backend: BackendSettings) -> LifecycleArgs | None:
    # The kubelet itself sleeps, so that the image needs no shell.
    return LifecycleArgs(
        pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=backend.shutdown.deregistration_seconds))
    )
