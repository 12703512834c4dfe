"""The results as a table, and as JSON that later runs of other changes are added to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab.changes.observed import worst

_WORDS = {
    "none": "no effect on pods",
    "restart": "rolling restart",
    "lower": "capacity lower",
    "weaker": "guarantee weaker",
    "outage": "outage",
}
_ABOUT = """# What the review says, and what the cluster does

Written by `make changes`, on the real engine and embedded clusters. Each change is previewed and judged by `review`; then it is
made, while pods, endpoints and objects are looked at five times a second. What the cluster did is told from that, and from the
objects as they are stored before and after, by rules that know nothing of the review's. Both must come to the same effects, and
to the same objects replaced or deleted. Beside an outage no other effect counts. Least ready: endpoints at the worst moment.
"""


def kept(file: Path) -> dict[str, dict[str, Any]]:
    """Results of earlier runs, by name."""
    try:
        found: list[dict[str, Any]] = json.loads(file.read_text())["changes"]
    except FileNotFoundError:
        return {}
    return {one["name"]: one for one in found}


def store(file: Path, results: list[dict[str, Any]]) -> None:
    """All results, with how many agree."""
    file.parent.mkdir(parents=True, exist_ok=True)
    agree = sum(one["agrees"] for one in results)
    file.write_text(json.dumps({"agree": agree, "of": len(results), "changes": results}, indent=1) + "\n")


def markdown(results: list[dict[str, Any]]) -> str:
    """One line a change."""
    agree = sum(one["agrees"] for one in results)
    lines = [
        _ABOUT,
        f"**{agree} of {len(results)} agree.** {'; '.join(sorted({one['versions'] for one in results}))}",
        "",
        "| change | review said | the cluster did | pods replaced | least ready | replaced or deleted | seen | agree |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_line, results)]) + "\n"


def _line(one: dict[str, Any]) -> str:
    gone = (
        _gone(one["did_gone"])
        if one["said_gone"] == one["did_gone"]
        else (f"said: {_gone(one['said_gone'])}; seen: {_gone(one['did_gone'])}")
    )
    seen = one["failed"][-300:] if one["failed"] else "; ".join(one["reasons"][:2])
    cells = [
        one["name"],
        _effects(one["said"]),
        _effects(one["did"]),
        one["pods"],
        "" if one["least"] is None else str(one["least"]),
        gone,
        seen,
        "yes" if one["agrees"] else "**no**",
    ]
    return f"| {' | '.join(' '.join(cell.split()).replace('|', '/') for cell in cells)} |"


def _effects(effects: list[str]) -> str:
    """All of them; nothing counts beside an outage."""
    if worst(set(effects)) == "outage" or not effects:
        return _WORDS[worst(set(effects))]
    return " + ".join(words for effect, words in _WORDS.items() if effect in effects)


def _gone(kinds: dict[str, int]) -> str:
    return ", ".join(f"{number} {kind}" if number > 1 else kind for kind, number in kinds.items()) or "nothing"
