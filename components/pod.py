"""The pod: the backend's container with its health checks, its end, its limits, and where it may run."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_kubernetes.core.v1 import (
    AffinityArgs,
    CapabilitiesArgs,
    ContainerArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvFromSourceArgs,
    HTTPGetActionArgs,
    LifecycleArgs,
    LifecycleHandlerArgs,
    NodeAffinityArgs,
    NodeSelectorArgs,
    NodeSelectorRequirementArgs,
    NodeSelectorTermArgs,
    PodAffinityTermArgs,
    PodAntiAffinityArgs,
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
    WeightedPodAffinityTermArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

from . import pod_template
from .availability import timing
from .backend_scope import Scope
from .settings import BackendSettings
from .settings.pod import Amounts
from .settings.pod_template import reader
from .settings.pod_template.scheduling import ARCHITECTURE, HOST
from .settings.pod_template.volumes import TMP, TMP_PATH
from .settings.well_known import CONTAINER, ZONE_LABEL

USER = 10001  # outside the range of users that a node itself has
# The same in Kubernetes' own words, for the containers that are added.
_SECURE = {
    "allowPrivilegeEscalation": False,
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": USER,
    "runAsGroup": USER,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod_spec(scope: Scope, account: str, environment: Sequence[EnvFromSourceArgs]) -> PodSpecArgs:
    """The pod of one backend, which the API server admits under Pod Security's `restricted` level."""
    container, edge = _container(scope.settings, environment), scope.settings.edge
    pod = PodSpecArgs(
        service_account_name=account,
        automount_service_account_token=False,
        enable_service_links=False,  # the names of other services would otherwise enter the environment
        termination_grace_period_seconds=timing.grace_period(scope.settings),
        security_context=PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=USER,
            run_as_group=USER,
            fs_group=USER,
            seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
        ),
        priority_class_name=scope.settings.placement.priority_class_name,
        tolerations=_tolerations(scope.settings),
        node_selector=dict(edge.pool) or None if edge else None,
        topology_spread_constraints=[_spread(scope, ZONE_LABEL), _spread(scope, HOST)],
        affinity=_apart(scope),
        containers=[container],
        volumes=[
            VolumeArgs(name=TMP, empty_dir=EmptyDirVolumeSourceArgs(size_limit=scope.settings.resources.tmp_size_limit))
        ],
    )
    pod_template.add(scope, pod, container, _SECURE)
    return pod


def _container(backend: BackendSettings, environment: Sequence[EnvFromSourceArgs]) -> ContainerArgs:
    ports = [ContainerPortArgs(name="http", container_port=backend.port, protocol="TCP")]
    if backend.metrics_port:
        ports.append(ContainerPortArgs(name="metrics", container_port=backend.metrics_port, protocol="TCP"))
    health = backend.health
    return ContainerArgs(
        name=CONTAINER,
        image=backend.image,
        image_pull_policy="IfNotPresent",
        ports=ports,
        env_from=list(environment),
        resources=ResourceRequirementsArgs(
            requests=_amounts(backend, backend.resources.requests), limits=_amounts(backend, backend.resources.limits)
        ),
        # Every second, so that a start takes no longer than it does, and no longer than it may.
        startup_probe=_probe(backend, health.startup_path, health.startup_seconds, period=1, timeout=1),
        readiness_probe=_probe(backend, health.readiness_path, timing.READINESS_FAILURES),
        # Slower to judge than readiness by design: taking a pod out of load balancing is cheap, a restart is not.
        liveness_probe=_probe(backend, health.liveness_path, timing.LIVENESS_FAILURES),
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
    # Request and limit of what is written are the same: a full node evicts whoever wrote more than it asked for.
    # The volumes that are added are counted here: a pod that fills them must not be evicted.
    written = timing.ephemeral_storage(backend, reader.disk_bytes(backend.pod_template))
    return {"cpu": amounts.cpu, "memory": amounts.memory, "ephemeral-storage": written}


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


def _lifecycle(backend: BackendSettings) -> LifecycleArgs:
    # The kubelet's own sleep: needs no shell in the image.
    return LifecycleArgs(
        pre_stop=LifecycleHandlerArgs(sleep=SleepActionArgs(seconds=backend.shutdown.deregistration_seconds))
    )


def _tolerations(backend: BackendSettings) -> list[TolerationArgs]:
    # Without seconds: a link that is down says nothing of the node, and its pods serve the site all the while.
    seconds = None if backend.edge else backend.placement.toleration_seconds
    lost = [
        TolerationArgs(
            key=f"node.kubernetes.io/{state}", operator="Exists", effect="NoExecute", toleration_seconds=seconds
        )
        for state in ("not-ready", "unreachable")
    ]
    return [
        *lost,
        *(TolerationArgs(key=key, operator="Exists") for key in (backend.edge.taints if backend.edge else ())),
    ]


def _processors(backend: BackendSettings) -> NodeAffinityArgs | None:
    if not backend.edge:
        return None
    able = NodeSelectorRequirementArgs(key=ARCHITECTURE, operator="In", values=list(backend.edge.architectures))
    return NodeAffinityArgs(
        required_during_scheduling_ignored_during_execution=NodeSelectorArgs(
            node_selector_terms=[NodeSelectorTermArgs(match_expressions=[able])]
        )
    )


def _apart(scope: Scope) -> AffinityArgs:
    # Where nodes carry no zone label, the scheduler leaves them out of every soft spread, over hosts as well (all pods went to
    # one node): this preference does not depend on zones.
    others = PodAntiAffinityArgs(
        preferred_during_scheduling_ignored_during_execution=[
            WeightedPodAffinityTermArgs(
                weight=100,
                pod_affinity_term=PodAffinityTermArgs(
                    topology_key=HOST,
                    label_selector=LabelSelectorArgs(match_labels=scope.selector),
                    match_label_keys=["pod-template-hash"],
                ),
            )
        ]
    )
    return AffinityArgs(node_affinity=_processors(scope.settings), pod_anti_affinity=others)


def _spread(scope: Scope, domain: str) -> TopologySpreadConstraintArgs:
    # The template's hash keeps the pods of the old release from being counted during a rollout; tainted nodes do not count as
    # empty domains, during a drain or when a zone is lost. No minDomains: it would leave pods pending in just that case.
    hard = scope.settings.placement.spread == "hard"
    return TopologySpreadConstraintArgs(
        topology_key=domain,
        max_skew=1,
        when_unsatisfiable="DoNotSchedule" if hard else "ScheduleAnyway",
        match_label_keys=["pod-template-hash"],
        node_taints_policy="Honor",
        label_selector=LabelSelectorArgs(match_labels=scope.selector),
    )
