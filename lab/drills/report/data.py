"""Everything as JSON: for another program, or to measure the same recordings anew."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from lab.drills import recording_json
from lab.drills.report.content import Outcome, Report, Section


def render(report: Report) -> str:
    """The report's figures as JSON text, some kB a drill; the recordings are apart."""
    return (
        json.dumps(
            {
                "title": report.title,
                "about": dict(report.about),
                "totals": report.statuses(),
                "drills": [_section(one) for one in report.sections],
                "skipped": [dataclasses.asdict(one) for one in report.skipped],
            },
            indent=1,
        )
        + "\n"
    )


def recordings(report: Report) -> str:
    """Every request of every subject as JSON text: a list of what ``lab.drills.recording_json`` reads, some 100 kB a minute of load."""
    return json.dumps(
        [recording_json.as_json(one.recording) for section in report.sections for one in section.outcomes],
        separators=(",", ":"),
    )


def _section(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title,
        "promise": section.promise,
        "status": section.status,
        "failed": section.failed,
        "remark": section.remark,
        "outcomes": [_outcome(one) for one in section.outcomes],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    verdict = outcome.verdict
    return {
        "title": outcome.title,
        "subject": outcome.recording.subject,
        "ours": outcome.ours,
        "status": verdict.status if verdict else None,
        "broken": list(verdict.broken) if verdict else [],
        "doubts": list(outcome.doubts),
        "limits": dataclasses.asdict(outcome.limits),
        "figures": dataclasses.asdict(outcome.figures),
    }
