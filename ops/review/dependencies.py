"""What goes, and pods still need it: those that run do not notice, and none can start."""

from __future__ import annotations

from collections.abc import Iterator

from ops.review.context import Around, Inputs, mentioned
from ops.review.effect import Effect, Finding

_NEEDED = {"ConfigMap", "Secret", "ServiceAccount"}


def needed(gone: Inputs, kind: str, around: Around) -> Iterator[Finding]:
    """One finding, where a workload's pods name what is deleted."""
    name = (gone.get("metadata") or {}).get("name")
    if kind in _NEEDED and any(
        name in mentioned(workload.after.get("spec", {}).get("template") or {}, kind)
        for workload in around.running(gone)
        if workload.after
    ):
        yield Finding(
            Effect.WEAKER,
            "pods still name it: those that run stay, and no new one can start",
            fix="take its name out of the pods first",
        )
