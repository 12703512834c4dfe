"""The promise before and after a change, as the component records it in its inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.review.difference import Difference
from ops.review.effect import Effect, Finding
from ops.review.preview import Preview, Step

# The components that record a promise: on one cluster, and over several.
COMPONENT, PLACEMENTS = "ha-backend:index:HighlyAvailableBackend", "ha-backend:index:Placements"
PROMISING = (COMPONENT, PLACEMENTS)
# The figures of a failure: a higher value is worse, and a lower value is worse.
_WORSE_UP, _WORSE_DOWN = ("recoverySeconds", "errorWindowSeconds"), ("capacityLeftPercent",)
_FIGURES = {
    "recoverySeconds": "recovers in {:g} s",
    "errorWindowSeconds": "requests fail for {:g} s",
    "capacityLeftPercent": "{:g} % left",
}


@dataclass(frozen=True)
class Row:
    """One failure whose promise changes."""

    failure: str
    before: str
    after: str
    worse: bool


def rows(preview: Preview) -> dict[str, list[Row]]:
    """Return what changes in the promise of each backend whose promise changes."""
    return {step.name: changed for step in preview.steps if step.type in PROMISING and (changed := _rows(step))}


def weaker(step: Step) -> Iterator[Finding]:
    """Yield a finding if the component promises less than before."""
    if "replace" in step.op or not step.old or not step.new:
        return
    worse = [row for row in _rows(step) if row.worse]
    if worse:
        yield Finding(
            Effect.WEAKER,
            f"less is promised for: {', '.join(row.failure for row in worse)}",
            tuple(Difference(f"promise.{row.failure}", row.before, row.after) for row in worse),
            "see the promise below",
        )


def _rows(step: Step) -> list[Row]:
    old, new = ((inputs or {}).get("promise") or {} for inputs in (step.old, step.new))
    if not old or not new:
        return []
    changed = []
    for failure in {**old, **new}:
        before, after = _words(old.get(failure), new.get(failure)), _words(new.get(failure), old.get(failure))
        if before != after:
            changed.append(Row(failure, before, after, _worse(old.get(failure), new.get(failure))))
    return changed


def _words(row: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> str:
    """Return the figures that differ from the other row's, or all figures if there is no other."""
    if row is None:
        return "not known"
    if not row["survived"]:
        return "not survived"
    compared = other if other and other["survived"] else None
    return ", ".join(
        words.format(row[key]) if key in row else "recovers only when what failed returns"
        for key, words in _FIGURES.items()
        if compared is None or (_comparable(key, row, compared) and row.get(key) != compared.get(key))
    )


def _comparable(key: str, row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether both rows have a figure. Without `recoverySeconds`, a pod is not replaced elsewhere.

    The state of an older program has other names for some figures, which says nothing about the promise.
    """
    return key == "recoverySeconds" or (key in row and key in other)


def _worse(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    if old is None or new is None:
        return new is None
    if old["survived"] != new["survived"]:
        return bool(old["survived"])
    return any(new.get(key, math.inf) > old.get(key, math.inf) for key in _WORSE_UP) or any(
        new[key] < old[key] for key in _WORSE_DOWN
    )
