"""Where pods are: over zones and nodes, evenly after a release too, and none that can only be in one place."""

from __future__ import annotations

from collections.abc import Iterator
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
    """Each wish of the pods to be apart from others, with how strong it is."""
    apart = get(pod(resource), "affinity", "podAntiAffinity")
    for strength in (_PREFERRED, _REQUIRED):
        for one in entries(apart, strength):
            yield strength, get(one, "podAffinityTerm") if strength == _PREFERRED else one


def _spread_over(resource: Resource, domain: str) -> bool:
    return any(get(one, "topologyKey") == domain for one in _constraints(resource)) or any(
        get(term, "topologyKey") == domain for _, term in _terms(resource)
    )


def _over(domain: str, loss: str) -> Any:
    def check(subject: Subject) -> Iterator[str]:
        if subject.stack.pods(subject.resource) > 1 and not _spread_over(subject.resource, domain):
            yield (
                f"{subject.path}: nothing spreads the pods over {domain}: all may be lost with {loss}; add a "
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
                f"release or the autoscaler adds stays pending; use {_PREFERRED}, or a topologySpreadConstraint"
            )


def _one_place(subject: Subject) -> Iterator[str]:
    spec = subject.pod
    for path, value in (
        ("nodeName", get(spec, "nodeName")),
        (f"nodeSelector[{_HOST}]", get(spec, "nodeSelector", _HOST)),
    ):
        if value:
            yield (
                f"{subject.path}.{path} is {value}: all pods are on that node and lost with it; take it out, "
                "and select nodes by what they are"
            )


def _counts_nothing(subject: Subject) -> Iterator[str]:
    for one in _constraints(subject.resource):
        yield from clear(_counts_nothing_in(subject, one))


def _counts_nothing_in(subject: Subject, one: Any) -> Iterator[str]:
    selector = get(one, "labelSelector")
    if selector is None or not matches(selector, subject.labels):
        said = "has no labelSelector" if selector is None else f"counts the pods with {whole(selector)}, not its own"
        yield (
            f"{subject.path}.topologySpreadConstraints over {get(one, 'topologyKey')} {said}, so that it "
            "spreads nothing; use the labels of these pods"
        )


def _old_release(subject: Subject) -> Iterator[str]:
    for one in _constraints(subject.resource):
        yield from clear(_old_release_in(subject, one))


def _old_release_in(subject: Subject, one: Any) -> Iterator[str]:
    if _HASH not in entries(one, "matchLabelKeys"):
        yield (
            f"{subject.path}.topologySpreadConstraints over {get(one, 'topologyKey')} counts the pods of the "
            f"old release too, so that the new ones end up uneven; add matchLabelKeys: [{_HASH}]"
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
                "zone is lost, what replaces its pods stays pending; leave minDomains out"
            )


RULES = (
    Rule("spread-zones", ADVISORY, "Pods are spread over zones.", REPLICATED, _over(_ZONE, "one zone"), across=True),
    Rule("spread-nodes", ADVISORY, "Pods are spread over nodes.", REPLICATED, _over(_HOST, "one node"), across=True),
    Rule("spread-own-pods", MANDATORY, "A spread counts the pods that it is to spread.", REPLICATED, _counts_nothing),
    Rule(
        "spread-releases-apart",
        ADVISORY,
        "A spread does not count the pods of the old release.",
        ("Deployment",),
        _old_release,
        remedy=_match_label_keys,
    ),
    Rule(
        "spread-soft-nodes", ADVISORY, "Pods may share a node where there are no more.", ("Deployment",), _must_be_apart
    ),
    Rule("spread-lost-zone", ADVISORY, "With a zone lost, pods may be started in the others.", REPLICATED, _domains),
    Rule("spread-any-node", MANDATORY, "Pods are not tied to one node.", REPLICATED, _one_place),
)
