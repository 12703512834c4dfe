"""A lost node: how soon its pods are replaced elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from policy.known import entries, get, number
from policy.rule import ADVISORY, Parameter, Rule, Subject

_STATES = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_DEFAULT = 300  # what Kubernetes adds where a pod says nothing


def _tolerations(subject: Subject) -> Iterator[str]:
    most = subject.given["mostSeconds"]
    found = entries(subject.pod, "tolerations")
    for state in _STATES:
        # Without a key all taints are meant, without an effect all effects.
        meant = [one for one in found if get(one, "key") in (state, None) and get(one, "effect") in ("NoExecute", None)]
        seconds = [number(one, "tolerationSeconds", default=-1) for one in meant]
        path = f"{subject.path}.tolerations"
        if -1 in seconds:
            yield (
                f"{path} for {state} has no tolerationSeconds: the pods of a lost node are never replaced elsewhere; use "
                f"{most}, or, where that is meant because links to nodes drop (edge), give the Deployment an exception"
            )
        elif not seconds:
            yield (
                f"{path}: none for {state}, so that the pods of a lost node are replaced after {_DEFAULT} s; add one with "
                f"tolerationSeconds: {most} or less"
            )
        elif min(seconds) > most:
            yield f"{path} for {state}: tolerationSeconds is {min(seconds)}; use {most} or less"


RULES = (
    Rule(
        "node-loss-seconds",
        ADVISORY,
        "The pods of a lost node are replaced soon.",
        ("Deployment",),
        _tolerations,
        parameters={"mostSeconds": Parameter("Seconds at the most.", 120, {"type": "integer", "minimum": 1})},
    ),
)
