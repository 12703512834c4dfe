"""Selectors of controllers: whether they match their own pods, and only these, and never have to change."""

from __future__ import annotations

from collections.abc import Iterator

from policy.known import whole
from policy.rule import ADVISORY, MANDATORY, Rule, Subject
from policy.selector import keys, matches

_CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
# Labels that charts and tools change with each release.
_CHANGING = (
    "app.kubernetes.io/version",
    "version",
    "release-version",
    "appVersion",
    "revision",
    "commit",
    "git-commit",
    "sha",
    "build",
    "tag",
    "image",
    "image-tag",
    "chart",
    "helm.sh/chart",
    "pod-template-hash",
    "date",
    "timestamp",
)


def _own_pods(subject: Subject) -> Iterator[str]:
    selector = subject.get("spec", "selector")
    if selector is not None and not matches(selector, subject.labels):
        yield (
            f"spec.selector is {whole(selector)}, which the labels of its own template, {whole(subject.labels)}, do "
            "not match: the API server rejects it; add the selector's labels to the template"
        )


def _changing(subject: Subject) -> Iterator[str]:
    for key in sorted(keys(subject.get("spec", "selector")) & set(_CHANGING)):
        yield (
            f"spec.selector uses the label {key}, which changes with a release: that replaces the "
            f"{subject.resource.kind}, "
            "and with a fixed name all pods are deleted first; remove it from the selector"
        )


def _all_labels(subject: Subject) -> Iterator[str]:
    own = set(subject.labels)
    if len(own) > 1 and own <= keys(subject.get("spec", "selector")):
        yield (
            f"spec.selector uses every label of the pods ({', '.join(sorted(own))}): changing any of them replaces the "
            f"{subject.resource.kind}; keep one or two that never change"
        )


def _overlapping(subject: Subject) -> Iterator[str]:
    own = subject.resource
    selector = own.get("spec", "selector")
    for other in subject.stack.selected(selector, own, _CONTROLLERS).resources if selector else ():
        if other.urn != own.urn:
            yield (
                f"spec.selector also matches the pods of the {other.kind} {other.name}: autoscalers and budgets count "
                "them too; add a distinct label to each, and select by it"
            )


RULES = (
    Rule("selector-own-pods", MANDATORY, "A selector matches the pods of its own template.", _CONTROLLERS, _own_pods),
    Rule(
        "selector-no-release",
        MANDATORY,
        "A selector uses no label that changes with a release.",
        _CONTROLLERS,
        _changing,
    ),
    Rule(
        "selector-few-labels",
        ADVISORY,
        "A selector does not use all labels of the pods.",
        _CONTROLLERS,
        _all_labels,
    ),
    Rule(
        "selector-apart",
        ADVISORY,
        "No two controllers select each other's pods.",
        _CONTROLLERS,
        _overlapping,
        across=True,
    ),
)
