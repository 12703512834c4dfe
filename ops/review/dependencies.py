"""Deleted objects that pods still need: running pods do not notice, and new ones cannot start."""

from __future__ import annotations

from collections.abc import Iterator

from ops.review.context import Inputs, ReviewContext, required_names
from ops.review.effect import Effect, Finding

_REQUIRED = {"ConfigMap", "Secret", "ServiceAccount"}


def still_needed(deleted: Inputs, kind: str, context: ReviewContext) -> Iterator[Finding]:
    """Yield a finding if the pods of a workload name the object that is deleted."""
    name = (deleted.get("metadata") or {}).get("name")
    if kind in _REQUIRED and any(
        name in required_names(workload.after.get("spec", {}).get("template") or {}, kind)
        for workload in context.running(deleted)
        if workload.after
    ):
        yield Finding(
            Effect.WEAKER,
            "pods still name it: running pods stay, and new ones cannot start",
            fix="first remove its name from the pods",
        )
