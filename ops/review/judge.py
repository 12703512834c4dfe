"""What a preview's changes do to availability, resource by resource, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ops.review import dependencies, disruption_budget, network_policy, scaling_bounds, traffic, workload
from ops.review.context import Around
from ops.review.difference import Difference, differences
from ops.review.effect import Effect, Finding
from ops.review.preview import Preview, Step
from ops.review.promise import PROMISING, weaker

Rule = Callable[[Mapping[str, Any], Mapping[str, Any], tuple[Difference, ...], Around], Iterator[Finding]]
_RULES: dict[str, Rule] = {
    "Deployment": workload.workload,
    "StatefulSet": workload.workload,
    "DaemonSet": workload.workload,
    "Service": traffic.service,
    "NetworkPolicy": network_policy.network_policy,
    "Ingress": traffic.route,
    "HTTPRoute": traffic.route,
    "GRPCRoute": traffic.route,
    "HorizontalPodAutoscaler": scaling_bounds.autoscaler,
    "PodDisruptionBudget": disruption_budget.budget,
    "ResourceQuota": scaling_bounds.quota,
}
# What is new harms what runs already.
_MADE: dict[str, Callable[[Mapping[str, Any], Around], Iterator[Finding]]] = {
    "NetworkPolicy": network_policy.made,
    "HorizontalPodAutoscaler": scaling_bounds.autoscaler_made,
    "ResourceQuota": scaling_bounds.quota_made,
}
# What nobody has without them.
_GONE = {
    "Deployment": "its pods",
    "StatefulSet": "its pods",
    "DaemonSet": "its pods",
    "Service": "the address of its clients",
    "Namespace": "everything in it",
    "Ingress": "the way from outside",
    "HTTPRoute": "the way from outside",
    "GRPCRoute": "the way from outside",
    "Gateway": "the way from outside",
    "EmbeddedCluster": "everything on it",
    "Cluster": "everything on it",
}
_WEAKER_WITHOUT = {
    "PodDisruptionBudget": "a drain may take all pods at once",
    "HorizontalPodAutoscaler": "the number of pods does not follow the load any more",
    "NetworkPolicy": "what it refused is let through, unless another policy refuses it",
    "PrometheusRule": "nobody is told any more when less is kept than the objective",
}
_LEAD = {"Service", "Ingress", "HTTPRoute", "GRPCRoute"}
_AT_RUNTIME = {"ConfigMap", "Secret"}
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
_FIX_REPLACE = "take the change of {} back, or release the new one under another name beside the old one"


@dataclass(frozen=True)
class Judged:
    """One resource that changes, and what follows from it."""

    step: Step
    findings: tuple[Finding, ...]
    known: bool = True
    """Whether what such a resource does to availability is known here."""

    @property
    def name(self) -> str:
        """For people: its kind and its name in the program."""
        return f"{self.step.type.rpartition(':')[2]} {self.step.name}"

    @property
    def effect(self) -> Effect:
        """The worst of it."""
        return max((finding.effect for finding in self.findings), default=Effect.NONE)


def judge(preview: Preview) -> list[Judged]:
    """Every resource to which something happens, the worst first."""
    around = Around(preview.steps, preview.fresh)
    found = [judged for step in preview.steps if not step.quiet and (judged := _judged(step, around)).findings]
    return sorted(found, key=lambda judged: (-judged.effect, judged.step.urn))


def worst(judged: list[Judged]) -> Effect:
    """The worst of all."""
    return max((one.effect for one in judged), default=Effect.NONE)


def _judged(step: Step, around: Around) -> Judged:
    kind = step.type.rpartition(":")[2]
    if step.type in PROMISING:
        return Judged(step, tuple(weaker(step)))
    if kind in ("EmbeddedCluster", "Resource") and step.type.startswith("pulumi-python:dynamic"):
        kind = "EmbeddedCluster"
    if not step.type.startswith(("kubernetes:", _PROVIDER)) and kind not in _GONE:
        return Judged(step, tuple(_elsewhere(step)), known=step.type.startswith(("random:", "pulumi:")))
    rule = _RULES.get(kind)
    known = rule is not None or kind in _GONE or kind in _AT_RUNTIME | _ONLY_NEW_PODS or step.type == _PROVIDER
    new = any(one.urn == step.provider and one.op == "create" for one in around.steps)  # the first time on that cluster
    around = replace(around, waits=step.waits, cluster=step.provider, fresh=around.fresh or new)
    return Judged(step, tuple(_of_kubernetes(step, kind, rule, around)), known)


def _of_kubernetes(step: Step, kind: str, rule: Rule | None, around: Around) -> Iterator[Finding]:
    if step.op in ("create", "import"):
        made = list(_MADE[kind](step.new or {}, around)) if step.op == "create" and kind in _MADE else []
        yield from made or [Finding(Effect.NONE, "new" if step.op == "create" else "taken over as it runs")]
    elif step.op == "delete":
        yield from _deleted(step, kind, around)
    elif "replace" in step.op:
        yield from _replaced(step, kind)
    else:
        found = differences(step)
        findings = list(rule(step.old or {}, step.new or {}, found, around)) if rule else []
        if rule and kind in _LEAD and step.deployed is not None:
            there = differences(replace(step, old=step.deployed))
            findings = _back(findings, rule(step.deployed, step.new or {}, there, around))
        explained = {one.path for finding in findings for one in finding.fields}
        rest = tuple(one for one in found if one.path not in explained)
        if kind in _AT_RUNTIME and rest:
            findings.append(Finding(Effect.NONE, "changed in place: running pods keep what they started with", rest))
        elif rest or not findings:
            findings.append(Finding(Effect.NONE, "changed in place", rest))
        yield from findings


def _back(findings: list[Finding], changed: Iterator[Finding]) -> list[Finding]:
    """What was changed by hand, and only that, leads to where it was deployed to: that is no outage, it may end one."""
    if any(finding.effect is Effect.OUTAGE for finding in changed):
        return findings
    return [
        Finding(Effect.NONE, "requests are led again to where they were deployed to", finding.fields)
        if finding.effect is Effect.OUTAGE
        else finding
        for finding in findings
    ]


def _deleted(step: Step, kind: str, around: Around) -> Iterator[Finding]:
    if step.keeps:
        yield Finding(Effect.NONE, "left on the cluster, and forgotten here")
    elif kind in _GONE:
        yield Finding(Effect.OUTAGE, f"gone with it: {_GONE[kind]}", fix="keep it until nothing uses it any more")
    elif kind in _WEAKER_WITHOUT:
        yield Finding(Effect.WEAKER, _WEAKER_WITHOUT[kind])
        if kind == "HorizontalPodAutoscaler":
            yield from scaling_bounds.autoscaler_gone(step.old or {}, around)
    else:
        yield next(dependencies.needed(step.old or {}, kind, around), Finding(Effect.NONE, "deleted"))


def _replaced(step: Step, kind: str) -> Iterator[Finding]:
    found = differences(step)
    forcing = tuple(one for one in found if any(one.path.startswith(path) for path in step.forces)) or found
    named = ", ".join(step.forces) or "what forces it"
    if step.type == _PROVIDER:
        yield Finding(
            Effect.OUTAGE, "everything on the cluster is replaced with it", forcing, _FIX_REPLACE.format(named)
        )
    elif kind in _GONE:
        yield Finding(
            Effect.OUTAGE,
            f"replaced: until the new one is there, gone with the old: {_GONE[kind]}",
            forcing,
            _FIX_REPLACE.format(named),
        )
    elif kind in _WEAKER_WITHOUT:
        yield Finding(
            Effect.WEAKER, f"replaced: meanwhile {_WEAKER_WITHOUT[kind]}", forcing, _FIX_REPLACE.format(named)
        )
    else:
        yield Finding(Effect.NONE, "replaced", forcing)


def _elsewhere(step: Step) -> Iterator[Finding]:
    """A resource of another provider: what it does to pods shows in the Kubernetes resources that use it."""
    yield Finding(
        Effect.NONE,
        {"create": "new", "delete": "deleted", "import": "taken over as it is"}.get(
            step.op, "replaced" if "replace" in step.op else "changed"
        ),
        differences(step) if step.old and step.new else (),
    )
