"""Everything as JSON: for another program, or to measure the same recordings anew."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from drills import stored
from drills.report.content import Drill, Outcome, Report


def render(report: Report, recordings: bool = True) -> str:
    """The report as JSON text; without ``recordings`` only the figures, some kB."""
    return json.dumps({"title": report.title, "about": dict(report.about), "totals": report.statuses(),
                       "drills": [_drill(one, recordings) for one in report.drills]}, separators=(",", ":"))


def _drill(drill: Drill, recordings: bool) -> dict[str, Any]:
    return {"name": drill.name, "what": drill.what, "promise": drill.promise, "limits": dataclasses.asdict(drill.limits),
            "outcomes": [_outcome(one, recordings) for one in drill.outcomes]}


def _outcome(outcome: Outcome, recordings: bool) -> dict[str, Any]:
    verdict = outcome.verdict
    found = {"subject": outcome.subject, "status": verdict.status, "broken": list(verdict.broken),
             "doubts": list(verdict.doubts), "figures": dataclasses.asdict(outcome.figures)}
    return {**found, "recording": stored.as_json(outcome.recording)} if recordings else found
