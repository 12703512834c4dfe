"""Make one change: predict it, deploy it, observe it, and compare."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from components.inspection.client import Client
from lab.changes.change import Change
from lab.changes.observed import NONE, OUTAGE, outcome, worst
from lab.changes.snapshot import Place, Snapshot, pending, take_snapshot
from lab.changes.subject import Subject, review
from lab.changes.watching import Watcher

SETTLE_SECONDS = 20


@dataclass(frozen=True)
class Result:
    """The predicted and the observed effects of a change. ``failed`` says why they are unknown; empty otherwise."""

    name: str
    predicted: list[str]
    observed: list[str]
    predicted_deletions: dict[str, int]
    observed_deletions: dict[str, int]
    reasons: list[str]
    replaced: str
    """Pods that were replaced: ``3 of 3``."""
    least_ready: int | None
    seconds: float
    failed: str = ""

    @property
    def agrees(self) -> bool:
        """Report whether effects and deletions are equal. Next to an outage, no other effect counts."""
        if (
            self.failed
            or worst(set(self.predicted)) != worst(set(self.observed))
            or self.predicted_deletions != self.observed_deletions
        ):
            return False
        return worst(set(self.predicted)) == OUTAGE or self.predicted == self.observed

    def plain(self) -> dict[str, Any]:
        """Return the result for JSON."""
        return {**asdict(self), "agrees": self.agrees}


def attempt(subject: Subject, change: Change, folder: Path) -> Result:
    """Make a change to a deployed stack. Raises InspectionError if nothing can be observed."""
    began = time.monotonic()
    place = subject.place
    before = take_snapshot(subject.client, place, subject.promise)
    client = subject.client
    subject.write(change.make(subject.state))
    file = folder / f"{change.name.replace('/', '-').replace(' ', '-')}.json"
    failed = subject.preview(file)
    plan = review(file) if not failed else {"resources": []}
    with Watcher(client, place) as watcher:
        failed = failed or subject.up()
        after = _settled(subject.client, place)
    observed = outcome(before, watcher.moments, Snapshot(after.objects, subject.promise))
    return Result(
        change.name,
        _effects(plan),
        sorted(observed.effects),
        _deletions(plan, before),
        dict(sorted(observed.deletions.items())),
        list(observed.reasons),
        observed.replaced,
        observed.least_ready,
        round(time.monotonic() - began, 1),
        failed,
    )


def _settled(client: Client, place: Place) -> Snapshot:
    """Return the snapshot once the controllers have processed the change."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while pending(snapshot := take_snapshot(client, place)) and time.monotonic() < deadline:
        time.sleep(0.3)
    return snapshot


def _effects(review: dict[str, Any]) -> list[str]:
    return sorted({finding["effect"] for one in review["resources"] for finding in one["findings"]} - {NONE})


def _deletions(review: dict[str, Any], before: Snapshot) -> dict[str, int]:
    """Count the predicted deletions and replacements by kind, for the kinds in the snapshot."""
    kinds_before = set(before.identities.values())
    kinds = Counter(
        kind
        for one in review["resources"]
        if one["op"] == "delete" or "replace" in one["op"]
        if (kind := one["urn"].split("::")[2].rpartition(":")[2]) in kinds_before
    )
    return dict(sorted(kinds.items()))
