"""The promise before and after, as the component's own inputs carry it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.review.difference import Difference
from ops.review.effect import Effect, Finding
from ops.review.preview import Preview, Step

# On one cluster, and over several.
COMPONENT, TOGETHER = "ha-backend:index:HighlyAvailableBackend", "ha-backend:index:Placements"
PROMISING = (COMPONENT, TOGETHER)
# Of each failure's figures, those of which more is worse, and those of which less is.
_WORSE_UP, _WORSE_DOWN = ("recoverySeconds", "errorWindowSeconds"), ("capacityLeftPercent",)
_NONE = object()
_FIGURES = {
    "recoverySeconds": "recovers in {:g} s",
    "errorWindowSeconds": "requests fail for {:g} s",
    "capacityLeftPercent": "{:g} % left",
}


@dataclass(frozen=True)
class Row:
    """One failure that is promised otherwise than before."""

    failure: str
    before: str
    after: str
    worse: bool


def rows(preview: Preview) -> dict[str, list[Row]]:
    """For each backend whose promise changes, what changes in it."""
    return {step.name: found for step in preview.steps if step.type in PROMISING and (found := _rows(step))}


def weaker(step: Step) -> Iterator[Finding]:
    """One finding, where less is promised than before."""
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
    found = []
    for failure in {**old, **new}:
        before, after = _told(old.get(failure), new.get(failure)), _told(new.get(failure), old.get(failure))
        if before != after:
            found.append(Row(failure, before, after, _worse(old.get(failure), new.get(failure))))
    return found


def _told(row: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> str:
    """The figures that differ from the other's; all of them where the other has none."""
    if row is None:
        return "not known"
    if not row["survived"]:
        return "not survived"
    compared = other if other and other["survived"] else {}
    return ", ".join(
        words.format(row[key]) if key in row else "recovers only with what is lost"
        for key, words in _FIGURES.items()
        if row.get(key) != compared.get(key, _NONE)
    )


def _worse(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool:
    if old is None or new is None:
        return new is None
    if old["survived"] != new["survived"]:
        return bool(old["survived"])
    return any(new.get(key, math.inf) > old.get(key, math.inf) for key in _WORSE_UP) or any(
        new[key] < old[key] for key in _WORSE_DOWN
    )
