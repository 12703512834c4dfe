"""The pod: the backend's container with its probes, its shutdown, its resources and its security context."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ContainerArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    GRPCActionArgs,
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
    SysctlArgs,
    TCPSocketActionArgs,
    VolumeArgs,
    VolumeMountArgs,
)

from . import files, pod_template
from .availability import timing
from .backend_scope import BackendScope
from .environment import Environment
from .merge import merge, without_nulls
from .pod_scheduling import affinity, tolerations, topology_spread_constraints
from .settings import BackendSettings, probes
from .settings.pod import Amounts, Limits
from .settings.pod_template import reader
from .settings.pod_template.volumes import TMP, TMP_PATH
from .settings.well_known import CONTAINER, PORT_START

_UNPRIVILEGED_PORTS = 1024
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


def pod_spec(scope: BackendScope, account: str, environment: Environment) -> PodSpecArgs:
    """Return the pod of a backend, which Pod Security level ``restricted`` admits."""
    container, edge = _container(scope, environment), scope.settings.edge
    pod = PodSpecArgs(
        service_account_name=account,
        automount_service_account_token=scope.settings.mounts_token,
        enable_service_links=False,  # otherwise the names of other Services enter the environment
        termination_grace_period_seconds=timing.grace_period(scope.settings),
        security_context=PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=USER,
            run_as_group=USER,
            fs_group=USER,
            seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
            sysctls=_sysctls(scope.settings),
        ),
        priority_class_name=scope.settings.placement.priority_class_name,
        tolerations=tolerations(scope.settings),
        node_selector=dict(edge.pool) or None if edge else None,
        topology_spread_constraints=topology_spread_constraints(scope),
        affinity=affinity(scope),
        containers=[container],
        volumes=[
            VolumeArgs(
                name=TMP, empty_dir=EmptyDirVolumeSourceArgs(size_limit=scope.settings.resources.tmp_size_limit)
            ),
            *([files.volume(environment.files)] if environment.files else []),
        ],
    )
    _set_for_all_containers(scope.settings, container)
    pod_template.merge(scope, pod, container, _security_context(scope.settings))
    _share_environment(scope, pod, environment)
    return pod


def _share_environment(scope: BackendScope, pod: PodSpecArgs, environment: Environment) -> None:
    """Give the containers that the settings name what the backend's own container has."""
    shared: dict[str, list[Any]] = {
        "envFrom": list(environment.sources),
        "env": list(environment.variables),
        "volumeMounts": files.mounts(scope),
    }
    containers: Any = pod.init_containers or []
    if not scope.settings.share_environment:
        return
    given: Any = [
        {**each, **{key: [*value, *(each.get(key) or [])] for key, value in shared.items() if value}}
        if each["name"] in scope.settings.share_environment
        else each
        for each in containers
    ]
    pod.init_containers = given


def _sysctls(backend: BackendSettings) -> list[SysctlArgs] | None:
    # A safe sysctl, which the Pod Security Standard restricted allows: the process needs no capability for the port.
    low = any(number < _UNPRIVILEGED_PORTS for number in backend.port_names.values())
    stated = (reader.pod_spec(backend.pod_template).get("securityContext") or {}).get("sysctls") or ()
    if not low or any(each["name"] == PORT_START for each in stated):
        return None
    return [SysctlArgs(name=PORT_START, value="0")]


def _pod_context(backend: BackendSettings) -> Mapping[str, Any]:
    """Return what the pod template states for all containers, as the containers' own fields."""
    context = reader.pod_spec(backend.pod_template).get("securityContext") or {}
    return {
        key: context[key] for key in ("runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile") if key in context
    }


def _set_for_all_containers(backend: BackendSettings, container: ContainerArgs) -> None:
    merge(container.security_context, dict.fromkeys(_pod_context(backend)))


def _security_context(backend: BackendSettings) -> Mapping[str, Any]:
    stated = _pod_context(backend)
    return {key: value for key, value in _SECURITY_CONTEXT.items() if key not in stated}


def _container(scope: BackendScope, environment: Environment) -> ContainerArgs:
    backend = scope.settings
    ports = [ContainerPortArgs(name=backend.port_name, container_port=backend.port, protocol=backend.transport)]
    if backend.metrics_port and backend.metrics_port != backend.port:
        ports.append(ContainerPortArgs(name="metrics", container_port=backend.metrics_port, protocol="TCP"))
    return ContainerArgs(
        name=CONTAINER,
        image=backend.image,
        image_pull_policy="IfNotPresent",
        ports=ports,
        env_from=list(environment.sources),
        env=list(environment.variables) or None,
        resources=ResourceRequirementsArgs(
            requests=_amounts(backend, backend.resources.requests), limits=_amounts(backend, backend.resources.limits)
        ),
        startup_probe=_probe(probes.startup(backend)),
        readiness_probe=_readiness_probe(backend),
        liveness_probe=_probe(probes.liveness(backend)),
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
        volume_mounts=[VolumeMountArgs(name=TMP, mount_path=TMP_PATH), *files.mounts(scope)],
    )


def _amounts(backend: BackendSettings, amounts: Amounts | Limits) -> dict[str, str]:
    # Request and limit of ephemeral storage are equal: a full node evicts the pods that wrote more than they requested.
    # The volumes of the pod template count too, because a pod that fills them must not be evicted.
    storage = timing.ephemeral_storage(backend, reader.disk_bytes(backend.pod_template))
    return without_nulls({"cpu": amounts.cpu, "memory": amounts.memory, "ephemeral-storage": storage})


def _readiness_probe(backend: BackendSettings) -> Any:
    return _probe(probes.readiness(backend))


def _probe(probe: probes.Probe | None) -> Any:
    if probe is None or probe.key.startswith("podTemplate"):
        return dict(probe.spec) if probe else None  # in Kubernetes' words already
    spec = probe.spec
    return ProbeArgs(
        http_get=HTTPGetActionArgs(**spec["httpGet"]) if "httpGet" in spec else None,
        grpc=GRPCActionArgs(**spec["grpc"]) if "grpc" in spec else None,
        tcp_socket=TCPSocketActionArgs(**spec["tcpSocket"]) if "tcpSocket" in spec else None,
        period_seconds=spec["periodSeconds"],
        timeout_seconds=spec["timeoutSeconds"],
        failure_threshold=spec["failureThreshold"],
    )


def _lifecycle(backend: BackendSettings) -> LifecycleArgs | None:
    if reader.pre_stop(backend.pod_template):
        return LifecycleArgs()
    # The kubelet itself sleeps, so that the image needs no shell.
    return LifecycleArgs(
        pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=backend.shutdown.deregistration_seconds))
    )
