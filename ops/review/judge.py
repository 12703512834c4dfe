"""Judge what the changes of a preview do to availability, resource by resource, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ops.review import dependencies, disruption_budget, network_policy, routes, scaling_bounds, services, workload
from ops.review.context import ReviewContext
from ops.review.difference import Difference, differences
from ops.review.effect import Effect, Finding
from ops.review.preview import Preview, Step
from ops.review.promise import PROMISING, weaker

Rule = Callable[[Mapping[str, Any], Mapping[str, Any], tuple[Difference, ...], ReviewContext], Iterator[Finding]]
_RULES: dict[str, Rule] = {
    "Deployment": workload.workload,
    "StatefulSet": workload.workload,
    "DaemonSet": workload.workload,
    "Service": services.service,
    "NetworkPolicy": network_policy.network_policy,
    "Ingress": routes.route,
    "HTTPRoute": routes.route,
    "GRPCRoute": routes.route,
    "HorizontalPodAutoscaler": scaling_bounds.autoscaler,
    "PodDisruptionBudget": disruption_budget.budget,
    "ResourceQuota": scaling_bounds.quota,
}
# New objects that can harm what already runs.
_CREATED: dict[str, Callable[[Mapping[str, Any], ReviewContext], Iterator[Finding]]] = {
    "NetworkPolicy": network_policy.created,
    "HorizontalPodAutoscaler": scaling_bounds.autoscaler_created,
    "ResourceQuota": scaling_bounds.quota_created,
}
# Deleting one of these is an outage: what is lost with it.
_LOST_WITH = {
    "Deployment": "its pods",
    "StatefulSet": "its pods",
    "DaemonSet": "its pods",
    "Service": "the address of its clients",
    "Namespace": "everything in it",
    "Ingress": "the route from outside",
    "HTTPRoute": "the route from outside",
    "GRPCRoute": "the route from outside",
    "Gateway": "the route from outside",
    "EmbeddedCluster": "everything on it",
    "Cluster": "everything on it",
}
_WEAKER_WITHOUT = {
    "PodDisruptionBudget": "a drain may evict all pods at once",
    "HorizontalPodAutoscaler": "the replica count no longer follows the load",
    "NetworkPolicy": "what it denied is allowed, unless another policy denies it",
    "PrometheusRule": "no alert fires when the objective is missed",
}
_ROUTING = {"Service", "Ingress", "HTTPRoute", "GRPCRoute"}
_READ_AT_START = {"ConfigMap", "Secret"}
_ONLY_NEW_PODS = {
    "ServiceAccount",
    "LimitRange",
    "NamespacePatch",
    "PriorityClass",
    "Role",
    "RoleBinding",
    "ServiceMonitor",
    "PodMonitor",
    "PrometheusRule",
}
_PROVIDER = "pulumi:providers:kubernetes"
_FIX_REPLACE = "revert the change of {}, or release the new one under another name next to the old one"


@dataclass(frozen=True)
class Assessment:
    """One resource that changes, and the findings about it."""

    step: Step
    findings: tuple[Finding, ...]
    known: bool = True
    """Whether the review has rules for this type of resource."""

    @property
    def name(self) -> str:
        """The kind and the program's name of the resource, for people."""
        return f"{self.step.kind} {self.step.name}"

    @property
    def effect(self) -> Effect:
        """The worst effect of the findings."""
        return max((finding.effect for finding in self.findings), default=Effect.NONE)


def judge(preview: Preview) -> list[Assessment]:
    """Return an assessment of every resource that changes, the worst first."""
    context = ReviewContext(preview.steps, preview.new_stack)
    assessments = [
        assessment for step in preview.steps if not step.unchanged and (assessment := _assess(step, context)).findings
    ]
    return sorted(assessments, key=lambda assessment: (-assessment.effect, assessment.step.urn))


def worst(assessments: list[Assessment]) -> Effect:
    """Return the worst effect of all."""
    return max((one.effect for one in assessments), default=Effect.NONE)


def _assess(step: Step, context: ReviewContext) -> Assessment:
    kind = step.kind
    if step.type in PROMISING:
        return Assessment(step, tuple(weaker(step)))
    if kind in ("EmbeddedCluster", "Resource") and step.type.startswith("pulumi-python:dynamic"):
        kind = "EmbeddedCluster"
    if not step.type.startswith(("kubernetes:", _PROVIDER)) and kind not in _LOST_WITH:
        return Assessment(step, tuple(_other_provider(step)), known=step.type.startswith(("random:", "pulumi:")))
    rule = _RULES.get(kind)
    known = rule is not None or kind in _LOST_WITH or kind in _READ_AT_START | _ONLY_NEW_PODS or step.type == _PROVIDER
    new_cluster = any(one.urn == step.provider and one.op == "create" for one in context.steps)
    context = replace(
        context,
        dependencies=step.dependencies,
        cluster=step.provider,
        nothing_runs=context.nothing_runs or new_cluster,
    )
    return Assessment(step, tuple(_kubernetes_object(step, kind, rule, context)), known)


def _kubernetes_object(step: Step, kind: str, rule: Rule | None, context: ReviewContext) -> Iterator[Finding]:
    if step.op in ("create", "import"):
        harm = list(_CREATED[kind](step.new or {}, context)) if step.op == "create" and kind in _CREATED else []
        yield from harm or [Finding(Effect.NONE, "new" if step.op == "create" else "adopted as it runs")]
    elif step.op == "delete":
        yield from _deleted(step, kind, context)
    elif "replace" in step.op:
        yield from _replaced(step, kind)
    else:
        changes = differences(step)
        findings = list(rule(step.old or {}, step.new or {}, changes, context)) if rule else []
        if rule and kind in _ROUTING and step.deployed is not None:
            since_deployed = differences(replace(step, old=step.deployed))
            findings = _restored(findings, rule(step.deployed, step.new or {}, since_deployed, context))
        explained = {one.path for finding in findings for one in finding.fields}
        rest = tuple(one for one in changes if one.path not in explained)
        if kind in _READ_AT_START and rest:
            findings.append(Finding(Effect.NONE, "changed in place: running pods keep what they started with", rest))
        elif rest or not findings:
            findings.append(Finding(Effect.NONE, "changed in place", rest))
        yield from findings


def _restored(findings: list[Finding], since_deployed: Iterator[Finding]) -> list[Finding]:
    """Return the findings without outages if the change only reverts a manual one: it may end an outage."""
    if any(finding.effect is Effect.OUTAGE for finding in since_deployed):
        return findings
    return [
        Finding(Effect.NONE, "requests are routed again to where they were deployed to", finding.fields)
        if finding.effect is Effect.OUTAGE
        else finding
        for finding in findings
    ]


def _deleted(step: Step, kind: str, context: ReviewContext) -> Iterator[Finding]:
    if step.retained:
        yield Finding(Effect.NONE, "left on the cluster, and removed from the state")
    elif kind in _LOST_WITH:
        yield Finding(Effect.OUTAGE, f"deleted with it: {_LOST_WITH[kind]}", fix="keep it until nothing uses it")
    elif kind in _WEAKER_WITHOUT:
        yield Finding(Effect.WEAKER, _WEAKER_WITHOUT[kind])
        if kind == "HorizontalPodAutoscaler":
            yield from scaling_bounds.autoscaler_deleted(step.old or {}, context)
    else:
        yield next(dependencies.still_needed(step.old or {}, kind, context), Finding(Effect.NONE, "deleted"))


def _replaced(step: Step, kind: str) -> Iterator[Finding]:
    changes = differences(step)
    forcing = tuple(one for one in changes if any(one.path.startswith(path) for path in step.replace_paths)) or changes
    fix = _FIX_REPLACE.format(", ".join(step.replace_paths) or "what forces it")
    if step.type == _PROVIDER:
        yield Finding(Effect.OUTAGE, "everything on the cluster is replaced with it", forcing, fix)
    elif kind in _LOST_WITH:
        yield Finding(Effect.OUTAGE, f"replaced: missing until the new one exists: {_LOST_WITH[kind]}", forcing, fix)
    elif kind in _WEAKER_WITHOUT:
        yield Finding(Effect.WEAKER, f"replaced: meanwhile {_WEAKER_WITHOUT[kind]}", forcing, fix)
    else:
        yield Finding(Effect.NONE, "replaced", forcing)


def _other_provider(step: Step) -> Iterator[Finding]:
    """Yield a neutral finding: its effect on pods shows in the Kubernetes objects that use the resource."""
    yield Finding(
        Effect.NONE,
        {"create": "new", "delete": "deleted", "import": "adopted as it is"}.get(
            step.op, "replaced" if "replace" in step.op else "changed"
        ),
        differences(step) if step.old and step.new else (),
    )
