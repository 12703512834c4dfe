"""PodDisruptionBudgets: one exists, it matches pods, and it lets a drain evict some of them, but not all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.amount import is_all, is_zero, pod_count
from policy.known import Unclear, whole
from policy.resource import COMPLETING, REPLICATED, Resource, labels
from policy.rule import ADVISORY, MANDATORY, Patch, Rule, Subject
from policy.selector import matches
from policy.stack import together

_KIND = ("PodDisruptionBudget",)


def _budget(subject: Subject) -> Iterator[str]:
    budget, stack = subject.resource, subject.stack
    selector = budget.get("spec", "selector")
    if selector is None:
        yield "spec.selector is unset, so it protects no pod; use the labels of the pods to protect"
        return
    found = stack.selected(selector, budget)
    if not found.resources and not found.may_match_more and stack.shows_all(budget):
        yield (
            f"spec.selector is {whole(selector)}, and no pod of this stack in its namespace has these labels, so it "
            "protects none; use the labels of the pods to protect"
        )


def _budget_jobs(subject: Subject) -> Iterator[str]:
    for job in subject.stack.selected(subject.get("spec", "selector"), subject.resource, COMPLETING).resources:
        yield (
            f"spec.selector also matches the pods of the {job.kind} {job.name}: the budget cannot be computed then and "
            "blocks every drain; add a label that only the serving pods have"
        )


def _blocks(subject: Subject) -> Iterator[str]:
    budget = subject.resource
    min_available, max_unavailable = budget.get("spec", "minAvailable"), budget.get("spec", "maxUnavailable")
    if max_unavailable is not None and is_zero(max_unavailable):
        yield f"spec.maxUnavailable is {max_unavailable}: no pod may be evicted, and every drain waits forever; use 1"
    elif min_available is not None and is_all(min_available):
        yield (
            f"spec.minAvailable is {min_available}: no pod may be evicted, and every drain waits forever; use "
            "maxUnavailable: 1"
        )
    elif min_available is not None:
        pods, workload = _protected(subject)
        if pods and pod_count(min_available, pods, up=True) >= pods:
            yield (
                f"spec.minAvailable is {min_available}, and {workload} may have no more than {_count(pods)}: none may "
                "be evicted then, and every drain waits; use maxUnavailable: 1, which follows the replica count"
            )


def _allows_all(subject: Subject) -> Iterator[str]:
    budget = subject.resource
    min_available, max_unavailable = budget.get("spec", "minAvailable"), budget.get("spec", "maxUnavailable")
    if min_available is None and max_unavailable is None:
        yield "neither spec.maxUnavailable nor spec.minAvailable is set, so it protects nothing; use maxUnavailable: 1"
    elif (min_available is not None and is_zero(min_available)) or (
        max_unavailable is not None and is_all(max_unavailable)
    ):
        limit = _limit(min_available, max_unavailable)
        yield f"spec allows a drain to evict all pods at once ({limit}); use maxUnavailable: 1"
    elif max_unavailable is not None:
        pods, workload = _protected(subject)
        if pods > 1 and pod_count(max_unavailable, pods, up=True) >= pods:
            yield (
                f"spec.maxUnavailable is {max_unavailable}, and {workload} may have no more than {_count(pods)}: a "
                "drain may evict all at once; use 1"
            )


def _of_one(subject: Subject) -> Iterator[str]:
    pods, workload = _protected(subject)
    if pods == 1:
        yield (
            f"{workload} may have a single pod: a budget for one either blocks every drain or protects nothing; keep "
            "at least two pods, or remove the budget"
        )


def _unhealthy(subject: Subject) -> Iterator[str]:
    policy = subject.get("spec", "unhealthyPodEvictionPolicy")
    if policy != "AlwaysAllow":
        yield (
            f"spec.unhealthyPodEvictionPolicy is {policy or 'unset'}: running pods that are not ready block every "
            "drain; use AlwaysAllow"
        )


def _always_allow(budget: Resource) -> Iterator[Patch]:
    if budget.get("spec", "unhealthyPodEvictionPolicy") is None:
        yield Patch(("spec", "unhealthyPodEvictionPolicy"), "AlwaysAllow")


def _missing(subject: Subject) -> Iterator[str]:
    workload, stack = subject.resource, subject.stack
    pods = stack.min_pods(workload)
    if pods < 2:
        return
    for budget in stack.of(*_KIND):
        near = together(budget, workload)
        if near is False:
            continue
        if budget.get("spec", "selector") is not None and matches(budget.get("spec", "selector"), labels(workload)):
            if near is None:
                raise Unclear
            return
    yield (
        f"{_count(pods)} and no disruption budget in this stack: a drain may evict all of them at once; add a "
        "PodDisruptionBudget with maxUnavailable: 1"
    )


def _second_budget(subject: Subject) -> Iterator[str]:
    workloads = subject.stack.selected(subject.get("spec", "selector"), subject.resource).resources
    for other in subject.stack.of(*_KIND):
        if other.urn <= subject.resource.urn or not together(other, subject.resource):
            continue
        for workload in workloads:
            if matches(other.get("spec", "selector"), labels(workload)):
                yield (
                    f"it and the budget {other.name} both match the pods of the {workload.kind} {workload.name}: a pod "
                    "with two budgets cannot be evicted at all; keep one"
                )


def _protected(subject: Subject) -> tuple[int, str]:
    """Return the lowest replica count of the one workload that a budget protects, and its name; 0 if it is not one."""
    found = subject.stack.selected(subject.get("spec", "selector"), subject.resource)
    if found.may_match_more or len(found.resources) != 1:
        return 0, ""
    [workload] = found.resources
    return subject.stack.min_pods(
        workload
    ) if workload.kind in REPLICATED else 0, f"the {workload.kind} {workload.name}"


def _count(pods: int) -> str:
    return "1 pod" if pods == 1 else f"{pods} pods"


def _limit(min_available: Any, max_unavailable: Any) -> str:
    if min_available is not None:
        return f"minAvailable: {min_available}"
    return f"maxUnavailable: {max_unavailable}"


RULES = (
    Rule(
        "budget-present",
        MANDATORY,
        "A workload with at least two pods has a disruption budget, so a drain cannot evict all.",
        REPLICATED,
        _missing,
        across=True,
    ),
    Rule("budget-has-pods", MANDATORY, "A disruption budget matches pods.", _KIND, _budget, across=True),
    Rule("budget-no-jobs", MANDATORY, "A disruption budget matches no pods of Jobs.", _KIND, _budget_jobs, across=True),
    Rule("budget-one-each", MANDATORY, "No pod has two disruption budgets.", _KIND, _second_budget, across=True),
    Rule(
        "budget-lets-go",
        MANDATORY,
        "A disruption budget lets a drain evict a pod, even at the lowest replica count.",
        _KIND,
        _blocks,
        across=True,
    ),
    Rule(
        "budget-keeps",
        MANDATORY,
        "A disruption budget does not let a drain evict all pods.",
        _KIND,
        _allows_all,
        across=True,
    ),
    Rule("budget-of-many", ADVISORY, "A single pod has no disruption budget.", _KIND, _of_one, across=True),
    Rule(
        "budget-unhealthy-pods",
        ADVISORY,
        "Pods that are not ready do not block a drain.",
        _KIND,
        _unhealthy,
        remedy=_always_allow,
    ),
)
