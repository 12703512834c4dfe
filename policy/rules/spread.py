"""Spread of pods over zones and nodes: evenly, after a rollout too, and never tied to one node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from policy.known import entries, get, number, whole
from policy.resource import REPLICATED, Resource, pod
from policy.rule import ADVISORY, MANDATORY, Patch, Rule, Subject, clear
from policy.selector import matches

_ZONE, _HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
_HASH = "pod-template-hash"
_PREFERRED, _REQUIRED = (
    "preferredDuringSchedulingIgnoredDuringExecution",
    "requiredDuringSchedulingIgnoredDuringExecution",
)


def _constraints(resource: Resource) -> list[Any]:
    return entries(pod(resource), "topologySpreadConstraints")


def _terms(resource: Resource) -> Iterator[tuple[str, Any]]:
    """Yield the pod anti-affinity terms, each with its strength."""
    anti_affinity = get(pod(resource), "affinity", "podAntiAffinity")
    for strength in (_PREFERRED, _REQUIRED):
        for one in entries(anti_affinity, strength):
            yield strength, get(one, "podAffinityTerm") if strength == _PREFERRED else one


def _spread_over(resource: Resource, domain: str) -> bool:
    return any(get(one, "topologyKey") == domain for one in _constraints(resource)) or any(
        get(term, "topologyKey") == domain for _, term in _terms(resource)
    )


def _over(domain: str, loss: str) -> Any:
    def check(subject: Subject) -> Iterator[str]:
        if subject.stack.min_pods(subject.resource) > 1 and not _spread_over(subject.resource, domain):
            yield (
                f"{subject.path}: nothing spreads the pods over {domain}: {loss} may lose all of them; add a "
                "topologySpreadConstraint"
            )

    return check


def _must_be_apart(subject: Subject) -> Iterator[str]:
    for strength, term in _terms(subject.resource):
        if (
            strength == _REQUIRED
            and get(term, "topologyKey") == _HOST
            and matches(get(term, "labelSelector"), subject.labels)
        ):
            yield (
                f"{subject.path}.affinity requires a node for each pod: with no more nodes than pods, what a "
                f"rollout or the autoscaler adds stays pending; use {_PREFERRED}, or a topologySpreadConstraint"
            )


def _one_place(subject: Subject) -> Iterator[str]:
    spec = subject.pod
    for path, value in (
        ("nodeName", get(spec, "nodeName")),
        (f"nodeSelector[{_HOST}]", get(spec, "nodeSelector", _HOST)),
    ):
        if value:
            yield (
                f"{subject.path}.{path} is {value}: all pods run on that node and are lost with it; remove it, "
                "and select nodes by their properties"
            )


def _each(check: Callable[[Subject, Any], Iterator[str]]) -> Callable[[Subject], Iterator[str]]:
    """Return a check of every spread constraint of a workload."""

    def rule(subject: Subject) -> Iterator[str]:
        for one in _constraints(subject.resource):
            yield from clear(check(subject, one))

    return rule


def _counts_nothing(subject: Subject, one: Any) -> Iterator[str]:
    selector = get(one, "labelSelector")
    if selector is None or not matches(selector, subject.labels):
        reason = "has no labelSelector" if selector is None else f"counts the pods with {whole(selector)}, not its own"
        yield (
            f"{subject.path}.topologySpreadConstraints over {get(one, 'topologyKey')} {reason}, so it "
            "spreads nothing; use the labels of these pods"
        )


def _old_release(subject: Subject, one: Any) -> Iterator[str]:
    if _HASH not in entries(one, "matchLabelKeys"):
        yield (
            f"{subject.path}.topologySpreadConstraints over {get(one, 'topologyKey')} counts the pods of the "
            f"old release too, so the new ones end up uneven; add matchLabelKeys: [{_HASH}]"
        )


def _match_label_keys(resource: Resource) -> Iterator[Patch]:
    for index, one in enumerate(_constraints(resource)):
        keys = get(one, "matchLabelKeys")
        if keys is None and get(one, "labelSelector") is not None:
            yield Patch(("spec", "template", "spec", "topologySpreadConstraints", index, "matchLabelKeys"), [_HASH])


def _domains(subject: Subject) -> Iterator[str]:
    for one in _constraints(subject.resource):
        domains = number(one, "minDomains", default=0)
        if domains > 1 and get(one, "whenUnsatisfiable") == "DoNotSchedule":
            yield (
                f"{subject.path}.topologySpreadConstraints: minDomains is {domains} with DoNotSchedule: once a "
                "zone is lost, replacements of its pods stay pending; omit minDomains"
            )


RULES = (
    Rule(
        "spread-zones",
        ADVISORY,
        "Pods are spread over zones.",
        REPLICATED,
        _over(_ZONE, "the loss of a zone"),
        across=True,
    ),
    Rule(
        "spread-nodes",
        ADVISORY,
        "Pods are spread over nodes.",
        REPLICATED,
        _over(_HOST, "the loss of a node"),
        across=True,
    ),
    Rule(
        "spread-own-pods",
        MANDATORY,
        "A spread constraint counts the pods that it spreads.",
        REPLICATED,
        _each(_counts_nothing),
    ),
    Rule(
        "spread-releases-apart",
        ADVISORY,
        "A spread constraint does not count the pods of the old release.",
        ("Deployment",),
        _each(_old_release),
        remedy=_match_label_keys,
    ),
    Rule(
        "spread-soft-nodes",
        ADVISORY,
        "Pods may share a node if there are not enough nodes.",
        ("Deployment",),
        _must_be_apart,
    ),
    Rule(
        "spread-lost-zone",
        ADVISORY,
        "After the loss of a zone, pods can start in the other zones.",
        REPLICATED,
        _domains,
    ),
    Rule("spread-any-node", MANDATORY, "Pods are not tied to one node.", REPLICATED, _one_place),
)
