"""Show every field that changes, before and after, in one folded table that is cut if the comment gets too long."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ops.review.difference import Difference
from ops.review.effect import Finding
from ops.review.escape import code
from ops.review.judge import Assessment
from ops.review.preview import SECRET, UNKNOWN
from ops.review.promise import PROMISING

_VALUE, _FIELDS, _SHORT = 80, 3, 130
_HIDDEN = re.compile(r"^(data|stringData|binaryData)(\.|\[|$)")
_DIGEST = re.compile(r"(sha256:[0-9a-f]{8})[0-9a-f]{56}")
_CLOSING = "\n</details>\n"
_CUT = "\n*Cut here: the rest is too long for a comment. `--longest 1000000` prints all of it.*\n"


def table(assessments: list[Assessment], limit: int, columns: tuple[str, str]) -> str:
    """Return the table in at most ``limit`` characters, always closed; empty if no field changes."""
    rows = list(_rows(assessments))
    if not rows:
        return ""
    text = (
        f"\n<details><summary>Field by field: {len(rows)}</summary>\n\n"
        f"| Resource | Field | {columns[0]} | {columns[1]} |\n|---|---|---|---|\n"
    )
    if len(text) + len(_CLOSING) + len(_CUT) > limit:
        return _CUT if len(_CUT) <= limit else ""
    for number, row in enumerate(rows):
        needed = len(_CLOSING) if number == len(rows) - 1 else len(_CLOSING) + len(_CUT)
        if len(text) + len(row) + needed > limit:
            return text + _CLOSING + _CUT
        text += row
    return text + _CLOSING


def summary(assessment: Assessment, finding: Finding) -> str:
    """Return a single short field with both values, else the first fields and the count of the others."""
    fields = finding.fields
    if len(fields) == 1 and assessment.step.type not in PROMISING:
        [field] = fields
        values = " → ".join(_value(field, value, assessment.step.kind) for value in (field.before, field.after))
        return f"{code(field.path)}: {values}" if len(values) <= _SHORT else code(field.path)
    more = f" and {len(fields) - _FIELDS} more" if len(fields) > _FIELDS else ""
    return ", ".join(code(field.path) for field in fields[:_FIELDS]) + more


def _rows(assessments: list[Assessment]) -> Iterator[str]:
    for one in assessments:
        if one.step.type in PROMISING:  # the promise has its own table
            continue
        kind = one.step.kind
        for path, field in {field.path: field for finding in one.findings for field in finding.fields}.items():
            before, after = _value(field, field.before, kind), _value(field, field.after, kind)
            yield f"| {code(one.name)} | {code(path)} | {before} | {after} |\n"


def _value(field: Difference, value: Any, kind: str) -> str:
    if value is None:
        return "*none*"
    if (kind == "Secret" and _HIDDEN.match(field.path)) or SECRET in json.dumps(value, default=str):
        return "*secret*"
    if value == UNKNOWN:
        return "*known after the update*"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = _DIGEST.sub(r"\1…", text.replace(UNKNOWN, "(known after the update)"))
    return code(text if len(text) <= _VALUE else f"{text[:_VALUE]}…")
