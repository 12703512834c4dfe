"""The results as a Markdown table, and as JSON that later runs of other changes extend."""

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
_ABOUT = """# Review calibration

`make changes` writes this page, on the real engine and embedded clusters. Each change is previewed and judged by
`make review`. Then it is made, while pods, endpoints and objects are observed five times a second. What the cluster did
is derived from these observations and from the objects as stored before and after, by rules that do not know the
review's. Both must come to the same effects, and to the same objects replaced or deleted. Next to an outage no other
effect counts. "Least ready" is the number of ready endpoints at the worst moment.
"""


def load(file: Path) -> dict[str, dict[str, Any]]:
    """Return the results of earlier runs by name."""
    try:
        results: list[dict[str, Any]] = json.loads(file.read_text())["changes"]
    except FileNotFoundError:
        return {}
    return {one["name"]: one for one in results}


def save(file: Path, results: list[dict[str, Any]]) -> None:
    """Write all results, with the number of those that agree."""
    file.parent.mkdir(parents=True, exist_ok=True)
    agree = sum(one["agrees"] for one in results)
    file.write_text(json.dumps({"agree": agree, "of": len(results), "changes": results}, indent=1) + "\n")


def markdown(results: list[dict[str, Any]]) -> str:
    """Return a table with one row for each change."""
    agree = sum(one["agrees"] for one in results)
    lines = [
        _ABOUT,
        f"**{agree} of {len(results)} agree.** {'; '.join(sorted({one['versions'] for one in results}))}",
        "",
        "| Change | Review said | The cluster did | Pods replaced | Least ready | Replaced or deleted | Seen | Agree |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_line, results)]) + "\n"


def _line(one: dict[str, Any]) -> str:
    deletions = (
        _deletions(one["observed_deletions"])
        if one["predicted_deletions"] == one["observed_deletions"]
        else f"predicted: {_deletions(one['predicted_deletions'])}; observed: {_deletions(one['observed_deletions'])}"
    )
    seen = one["failed"][-300:] if one["failed"] else "; ".join(one["reasons"][:2])
    cells = [
        one["name"],
        _effects(one["predicted"]),
        _effects(one["observed"]),
        one["replaced"],
        "" if one["least_ready"] is None else str(one["least_ready"]),
        deletions,
        seen,
        "yes" if one["agrees"] else "**no**",
    ]
    return f"| {' | '.join(' '.join(cell.split()).replace('|', '/') for cell in cells)} |"


def _effects(effects: list[str]) -> str:
    """Return all effects; only "outage" if there is one."""
    if worst(set(effects)) == "outage" or not effects:
        return _WORDS[worst(set(effects))]
    return " + ".join(words for effect, words in _WORDS.items() if effect in effects)


def _deletions(kinds: dict[str, int]) -> str:
    return ", ".join(f"{number} {kind}" if number > 1 else kind for kind, number in kinds.items()) or "nothing"
