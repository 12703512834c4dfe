"""A summary of a report for the documentation: what each drill promised and measured, a few kB of JSON."""

from __future__ import annotations

import json
from typing import Any

from lab.drills.report import lines
from lab.drills.report.content import Report, Section

_SETTINGS = "settings of "  # long, and the same as in lab.testbed


def render(report: Report) -> str:
    """Return the summary as JSON text."""
    content = {
        "about": {name: value for name, value in report.about if not name.startswith(_SETTINGS)},
        "drills": {section.name: _section(section) for section in report.sections},
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _section(section: Section) -> dict[str, Any]:
    return {
        "status": section.status,
        "promised": lines.promised(section),
        "measured": lines.measured(section),
        "baselines": {title: lines.baseline(one) for title, one in section.baselines.items()},
        "remark": section.remark,
    }
