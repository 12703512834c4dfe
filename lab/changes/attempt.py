"""One change made: said beforehand, done, looked at, and compared."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from components.inspection.client import Client
from lab.changes.change import Change
from lab.changes.observed import NONE, OUTAGE, outcome, worst
from lab.changes.snapshot import Place, Snapshot, behind, take
from lab.changes.subject import Subject, review
from lab.changes.watching import Watching

SETTLE_SECONDS = 20


@dataclass(frozen=True)
class Result:
    """What was said and what was done, as it is written down; ``failed`` is why it could not be found out."""

    name: str
    said: list[str]
    did: list[str]
    said_gone: dict[str, int]
    did_gone: dict[str, int]
    reasons: list[str]
    pods: str
    least: int | None
    seconds: float
    failed: str = ""

    @property
    def agrees(self) -> bool:
        """The same effects, and the same objects gone. In an outage nothing else matters any more."""
        if self.failed or worst(set(self.said)) != worst(set(self.did)) or self.said_gone != self.did_gone:
            return False
        return worst(set(self.said)) == OUTAGE or self.said == self.did

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "agrees": self.agrees}


def attempt(subject: Subject, change: Change, folder: Path) -> Result:
    """Makes one change to a stack that is deployed. Raises InspectionError where nothing can be seen of it at all."""
    began = time.monotonic()
    place = subject.place
    before = take(subject.client, place, subject.promise)
    client = subject.client
    subject.write(change.make(subject.state))
    file = folder / f"{change.name.replace('/', '-').replace(' ', '-')}.json"
    failed = subject.preview(file)
    said = review(file) if not failed else {"resources": []}
    with Watching(client, place) as watching:
        failed = failed or subject.up()
        after = _settled(subject.client, place)
    found = outcome(before, watching.moments, Snapshot(after.objects, subject.promise))
    return Result(
        change.name,
        _said(said),
        sorted(found.effects),
        _gone(said, before),
        dict(sorted(found.gone.items())),
        list(found.reasons),
        found.pods,
        found.least,
        round(time.monotonic() - began, 1),
        failed,
    )


def _settled(client: Client, place: Place) -> Snapshot:
    """Once the cluster's controllers are done with it."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while behind(found := take(client, place)) and time.monotonic() < deadline:
        time.sleep(0.3)
    return found


def _said(review: dict[str, Any]) -> list[str]:
    return sorted({finding["effect"] for one in review["resources"] for finding in one["findings"]} - {NONE})


def _gone(review: dict[str, Any], before: Snapshot) -> dict[str, int]:
    """Of the kinds that are looked at, what was said to be deleted or replaced."""
    seen = set(before.identities.values())
    kinds = Counter(
        kind
        for one in review["resources"]
        if one["op"] == "delete" or "replace" in one["op"]
        if (kind := one["urn"].split("::")[2].rpartition(":")[2]) in seen
    )
    return dict(sorted(kinds.items()))
