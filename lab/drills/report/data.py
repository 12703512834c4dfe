"""A report as JSON: for other programs, or to measure the same recordings again."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from lab.drills import recording_json
from lab.drills.report.content import Outcome, Report, Section


def render(report: Report) -> str:
    """Return the figures of a report as JSON text, some kB a drill; the recordings are separate."""
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
    """Return every request as JSON text, for ``lab.drills.recording_json``: some 100 kB for a minute of load."""
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
        "under_test": outcome.under_test,
        "status": verdict.status if verdict else None,
        "violations": list(verdict.violations) if verdict else [],
        "doubts": list(outcome.doubts),
        "limits": dataclasses.asdict(outcome.limits),
        "figures": dataclasses.asdict(outcome.figures),
    }
