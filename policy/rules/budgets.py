"""Disruption budgets: whether there is one, finds its pods, and lets a drain take some of them, but not all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.amount import all_of_them, none, of_pods
from policy.known import Unclear, whole
from policy.resource import ENDING, REPLICATED, Resource, labels
from policy.rule import ADVISORY, MANDATORY, Patch, Rule, Subject
from policy.selector import matches
from policy.stack import together

_KIND = ("PodDisruptionBudget",)


def _budget(subject: Subject) -> Iterator[str]:
    budget, stack = subject.resource, subject.stack
    selector = budget.get("spec", "selector")
    if selector is None:
        yield "spec.selector is left out, so that it guards no pod; use the labels of the pods that it is for"
        return
    found = stack.chosen(selector, budget)
    if not found.resources and not found.open and stack.shows(budget):
        yield (
            f"spec.selector is {whole(selector)}, and no pod of this stack in its namespace has these labels, so that it "
            "guards none; use the labels of the pods that it is for"
        )


def _budget_jobs(subject: Subject) -> Iterator[str]:
    for job in subject.stack.chosen(subject.get("spec", "selector"), subject.resource, ENDING).resources:
        yield (
            f"spec.selector also finds the pods of the {job.kind} {job.name}: the budget cannot be computed then and blocks "
            "every drain; ask for a label as well that only the serving pods have"
        )


def _blocks(subject: Subject) -> Iterator[str]:
    budget = subject.resource
    least, most = budget.get("spec", "minAvailable"), budget.get("spec", "maxUnavailable")
    if most is not None and none(most):
        yield f"spec.maxUnavailable is {most}: no pod may ever go, and every drain of a node waits for ever; use 1"
    elif least is not None and all_of_them(least):
        yield (
            f"spec.minAvailable is {least}: no pod may ever go, and every drain of a node waits for ever; use "
            "maxUnavailable: 1"
        )
    elif least is not None:
        pods, whose = _guarded(subject)
        if pods and of_pods(least, pods, up=True) >= pods:
            yield (
                f"spec.minAvailable is {least}, and there may be no more than {_count(pods)} of {whose}: none may go then, "
                "and every drain of a node waits; use maxUnavailable: 1, which follows the number of pods"
            )


def _allows_all(subject: Subject) -> Iterator[str]:
    budget = subject.resource
    least, most = budget.get("spec", "minAvailable"), budget.get("spec", "maxUnavailable")
    if least is None and most is None:
        yield "neither spec.maxUnavailable nor spec.minAvailable is there, so that it guards nothing; use maxUnavailable: 1"
    elif (least is not None and none(least)) or (most is not None and all_of_them(most)):
        yield f"spec allows a drain to take all pods at once ({_said(least, most)}); use maxUnavailable: 1"
    elif most is not None:
        pods, whose = _guarded(subject)
        if pods > 1 and of_pods(most, pods, up=True) >= pods:
            yield (
                f"spec.maxUnavailable is {most}, and there may be no more than {_count(pods)} of {whose}: a drain may take "
                "all at once; use 1"
            )


def _of_one(subject: Subject) -> Iterator[str]:
    pods, whose = _guarded(subject)
    if pods == 1:
        yield (
            f"{whose} may have a single pod: a budget for one either blocks every drain or guards nothing; keep two pods at "
            "the least, or take the budget away"
        )


def _unhealthy(subject: Subject) -> Iterator[str]:
    policy = subject.get("spec", "unhealthyPodEvictionPolicy")
    if policy != "AlwaysAllow":
        yield (
            f"spec.unhealthyPodEvictionPolicy is {policy or 'left out'}: pods that run and are not ready hold up every "
            "drain; use AlwaysAllow"
        )


def _always_allow(budget: Resource) -> Iterator[Patch]:
    if budget.get("spec", "unhealthyPodEvictionPolicy") is None:
        yield Patch(("spec", "unhealthyPodEvictionPolicy"), "AlwaysAllow")


def _missing(subject: Subject) -> Iterator[str]:
    workload, stack = subject.resource, subject.stack
    pods = stack.pods(workload)
    if pods < 2:
        return
    for budget in stack.of(*_KIND):
        where = together(budget, workload)
        if where is False:
            continue
        if budget.get("spec", "selector") is not None and matches(budget.get("spec", "selector"), labels(workload)):
            if where is None:
                raise Unclear
            return
    yield (
        f"{_count(pods)} and no disruption budget in this stack: a drain may take all of them at once; add a "
        "PodDisruptionBudget with maxUnavailable: 1"
    )


def _two(subject: Subject) -> Iterator[str]:
    found = subject.stack.chosen(subject.get("spec", "selector"), subject.resource).resources
    for other in subject.stack.of(*_KIND):
        if other.urn <= subject.resource.urn or not together(other, subject.resource):
            continue
        for workload in found:
            if matches(other.get("spec", "selector"), labels(workload)):
                yield (
                    f"it and the budget {other.name} both find the pods of the {workload.kind} {workload.name}: a pod with "
                    "two budgets cannot be evicted at all; keep one"
                )


def _guarded(subject: Subject) -> tuple[int, str]:
    """How many pods there are at the least of what a budget guards, and whose they are; 0 where that is more than one thing."""
    found = subject.stack.chosen(subject.get("spec", "selector"), subject.resource)
    if found.open or len(found.resources) != 1:
        return 0, ""
    [workload] = found.resources
    return subject.stack.pods(workload) if workload.kind in REPLICATED else 0, f"the {workload.kind} {workload.name}"


def _count(pods: int) -> str:
    return "1 pod" if pods == 1 else f"{pods} pods"


def _said(least: Any, most: Any) -> str:
    return f"minAvailable: {least}" if least is not None else f"maxUnavailable: {most}"


RULES = (
    Rule(
        "budget-present",
        MANDATORY,
        "Where there are two pods or more, a disruption budget keeps a drain from taking all.",
        REPLICATED,
        _missing,
        across=True,
    ),
    Rule("budget-has-pods", MANDATORY, "A disruption budget finds pods.", _KIND, _budget, across=True),
    Rule("budget-no-jobs", MANDATORY, "A disruption budget finds no pods of Jobs.", _KIND, _budget_jobs, across=True),
    Rule("budget-one-each", MANDATORY, "No pod has two disruption budgets.", _KIND, _two, across=True),
    Rule(
        "budget-lets-go",
        MANDATORY,
        "A disruption budget lets a drain take a pod, at the lowest number of pods as well.",
        _KIND,
        _blocks,
        across=True,
    ),
    Rule(
        "budget-keeps",
        MANDATORY,
        "A disruption budget does not let a drain take all pods.",
        _KIND,
        _allows_all,
        across=True,
    ),
    Rule("budget-of-many", ADVISORY, "There is no disruption budget for a single pod.", _KIND, _of_one, across=True),
    Rule(
        "budget-unhealthy-pods",
        ADVISORY,
        "Pods that are not ready do not hold up a drain.",
        _KIND,
        _unhealthy,
        remedy=_always_allow,
    ),
)
