"""Every field that changes, before and after, in one folded table that is cut where the comment gets too long."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ops.review.difference import Difference
from ops.review.effect import Finding
from ops.review.escape import code
from ops.review.judge import Judged
from ops.review.preview import SECRET, UNKNOWN
from ops.review.promise import PROMISING

_VALUE, _FIELDS, _SHORT = 80, 3, 130
_HIDDEN = re.compile(r"^(data|stringData|binaryData)(\.|\[|$)")
_DIGEST = re.compile(r"(sha256:[0-9a-f]{8})[0-9a-f]{56}")
_CLOSING = "\n</details>\n"
_CUT = "\n*Cut here: the rest is too long for a comment. `--longest 1000000` prints all of it.*\n"


def table(judged: list[Judged], room: int, columns: tuple[str, str]) -> str:
    """At most ``room`` characters, closed again in any case; nothing where no field changes."""
    rows = list(_rows(judged))
    if not rows:
        return ""
    text = (
        f"\n<details><summary>Field by field: {len(rows)}</summary>\n\n"
        f"| Resource | Field | {columns[0]} | {columns[1]} |\n|---|---|---|---|\n"
    )
    if len(text) + len(_CLOSING) + len(_CUT) > room:
        return _CUT if len(_CUT) <= room else ""
    for number, row in enumerate(rows):
        needed = len(_CLOSING) if number == len(rows) - 1 else len(_CLOSING) + len(_CUT)
        if len(text) + len(row) + needed > room:
            return text + _CLOSING + _CUT
        text += row
    return text + _CLOSING


def named(one: Judged, finding: Finding) -> str:
    """A single field with what it was and will be, where that is short; else the first few, and how many more there are."""
    found = finding.fields
    if len(found) == 1 and one.step.type not in PROMISING:
        values = " → ".join(_value(found[0], value, _kind(one)) for value in (found[0].before, found[0].after))
        return f"{code(found[0].path)}: {values}" if len(values) <= _SHORT else code(found[0].path)
    more = f" and {len(found) - _FIELDS} more" if len(found) > _FIELDS else ""
    return ", ".join(code(field.path) for field in found[:_FIELDS]) + more


def _rows(judged: list[Judged]) -> Iterator[str]:
    for one in judged:
        if one.step.type in PROMISING:  # its promise has a table of its own
            continue
        kind = _kind(one)
        for path, field in {field.path: field for finding in one.findings for field in finding.fields}.items():
            before, after = _value(field, field.before, kind), _value(field, field.after, kind)
            yield f"| {code(one.name)} | {code(path)} | {before} | {after} |\n"


def _kind(one: Judged) -> str:
    return one.step.type.rpartition(":")[2]


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
