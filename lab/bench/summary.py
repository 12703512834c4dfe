"""A summary of a run for the documentation: the machine and the tables, a few kB of JSON instead of every round."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lab.bench.checkpoint import Figures
from lab.bench.table import Table, machine, tables


def dumps(raw: Figures) -> str:
    """Return the summary of raw figures as JSON text."""
    content = {"machine": raw.get("machine", {}), "tables": [asdict(table) for table in tables(raw)]}
    lines = json.dumps(content, indent=1, ensure_ascii=False)
    return lines + "\n"


def markdown(summary: Mapping[str, Any]) -> str:
    """Return the tables of a summary as Markdown."""
    parts = [machine(summary["machine"])]
    for one in summary["tables"]:
        parts.append(Table(one["note"], tuple(one["head"]), tuple(map(tuple, one["rows"]))).markdown())
    return "\n\n".join(part for part in parts if part) + "\n"
