"""Loss of a node: how soon its pods are replaced elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from policy.known import entries, get, number
from policy.rule import ADVISORY, Parameter, Rule, Subject

_STATES = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_DEFAULT = 300  # seconds; what Kubernetes adds to a pod without a toleration


def _tolerations(subject: Subject) -> Iterator[str]:
    maximum = subject.parameters["maxSeconds"]
    tolerations = entries(subject.pod, "tolerations")
    for state in _STATES:
        # Without a key a toleration matches all taints, without an effect all effects.
        matching = [
            one for one in tolerations if get(one, "key") in (state, None) and get(one, "effect") in ("NoExecute", None)
        ]
        seconds = [number(one, "tolerationSeconds", default=-1) for one in matching]
        path = f"{subject.path}.tolerations"
        if -1 in seconds:
            yield (
                f"{path} for {state} has no tolerationSeconds: the pods of a lost node are never replaced elsewhere; "
                f"use {maximum}, or add an exception for the Deployment if links to its nodes may drop (edge)"
            )
        elif not seconds:
            yield (
                f"{path}: none for {state}, so the pods of a lost node are replaced after {_DEFAULT} s; add one with "
                f"tolerationSeconds: {maximum} or less"
            )
        elif min(seconds) > maximum:
            yield f"{path} for {state}: tolerationSeconds is {min(seconds)}; use {maximum} or less"


RULES = (
    Rule(
        "node-loss-seconds",
        ADVISORY,
        "The pods of a lost node are replaced quickly.",
        ("Deployment",),
        _tolerations,
        parameters={"maxSeconds": Parameter("Highest tolerationSeconds.", 120, {"type": "integer", "minimum": 1})},
    ),
)
