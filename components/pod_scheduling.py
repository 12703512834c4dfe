"""Where pods run: topology spread, anti-affinity, node affinity and tolerations."""

from __future__ import annotations

from pulumi_kubernetes.core.v1 import (
    AffinityArgs,
    NodeAffinityArgs,
    NodeSelectorArgs,
    NodeSelectorRequirementArgs,
    NodeSelectorTermArgs,
    PodAffinityTermArgs,
    PodAntiAffinityArgs,
    TolerationArgs,
    TopologySpreadConstraintArgs,
    WeightedPodAffinityTermArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

from .backend_scope import BackendScope
from .settings import BackendSettings
from .settings.pod_template.scheduling import ARCHITECTURE, HOST
from .settings.well_known import ZONE_LABEL


def affinity(scope: BackendScope) -> AffinityArgs:
    """Return the preference for separate nodes and, on edge nodes, the required architecture."""
    return AffinityArgs(node_affinity=_node_affinity(scope.settings), pod_anti_affinity=_pod_anti_affinity(scope))


def tolerations(backend: BackendSettings) -> list[TolerationArgs]:
    """Return the tolerations for lost nodes and for the taints of edge nodes."""
    return [
        *(
            TolerationArgs(
                key=f"node.kubernetes.io/{condition}",
                operator="Exists",
                effect="NoExecute",
                toleration_seconds=_toleration_seconds(backend),
            )
            for condition in ("not-ready", "unreachable")
        ),
        *(TolerationArgs(key=key, operator="Exists") for key in (backend.edge.taints if backend.edge else ())),
    ]


def topology_spread_constraints(scope: BackendScope) -> list[TopologySpreadConstraintArgs]:
    """Return the spread over zones and over nodes."""
    return [_topology_spread_constraint(scope, key) for key in (ZONE_LABEL, HOST)]


def _topology_spread_constraint(scope: BackendScope, topology_key: str) -> TopologySpreadConstraintArgs:
    # The template hash keeps pods of the old release from being counted during a rollout. Tainted nodes do not count as
    # empty domains in a drain or after the loss of a zone. No minDomains: it would leave pods pending in just that
    # case.
    hard = scope.settings.placement.spread == "hard"
    return TopologySpreadConstraintArgs(
        topology_key=topology_key,
        max_skew=1,
        when_unsatisfiable="DoNotSchedule" if hard else "ScheduleAnyway",
        match_label_keys=["pod-template-hash"],
        node_taints_policy="Honor",
        label_selector=LabelSelectorArgs(match_labels=scope.selector),
    )


def _toleration_seconds(backend: BackendSettings) -> int | None:
    # On edge nodes without a limit: when the link is down, the node still runs, and its pods serve the site.
    return None if backend.edge else backend.placement.toleration_seconds


def _node_affinity(backend: BackendSettings) -> NodeAffinityArgs | None:
    if not backend.edge:
        return None
    architecture = NodeSelectorRequirementArgs(key=ARCHITECTURE, operator="In", values=list(backend.edge.architectures))
    return NodeAffinityArgs(
        required_during_scheduling_ignored_during_execution=NodeSelectorArgs(
            node_selector_terms=[NodeSelectorTermArgs(match_expressions=[architecture])]
        )
    )


def _pod_anti_affinity(scope: BackendScope) -> PodAntiAffinityArgs | None:
    # Where nodes have no zone label, the scheduler excludes them from every soft spread, the one over nodes included
    # (all pods ran on one node). This preference does not depend on zones.
    return PodAntiAffinityArgs(
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
