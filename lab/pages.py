"""Pages of the documentation that are rendered from the summaries in lab/results at build time."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.bench import summary
from lab.drills.drill import Drill
from lab.drills.experiments import DRILLS
from lab.drills.report.words import STATUS

RESULTS = Path(__file__).parent / "results"
_DRILLS = """\
# Drills

A drill breaks running backends under load, and compares what their users lose with what the settings promise. The
same program in other packagings, the baselines, runs next to them. docs/how-to/drills.md shows how to run drills.

The promise follows from the settings of the testbed (`lab/testbed/setup.py`). "Well-behaved" and "naive" are two
programs: podinfo, which drains its connections, and one that exits at once on SIGTERM.
"""
_BENCHMARKS = """\
# Benchmarks

Seconds and memory of this project next to a hand-written Pulumi program with the same objects, helm and kubectl, from
the same run. docs/how-to/benchmarks.md shows how to run benchmarks, and how the figures are made.
"""


def drills_page() -> str:
    """Return the page of all drills as Markdown, with the drill's name as anchor of its section."""
    runs = [json.loads(file.read_text()) for file in sorted(RESULTS.glob("drills*.json"))]
    measured = {name: result for run in runs for name, result in run["drills"].items()}
    kept = sum(result["status"] == "kept" for result in measured.values())
    parts = [_DRILLS, f"{kept} of {len(measured)} measured drills kept their promise.", "\n".join(_overview(measured))]
    parts += ["\n".join(_section(drill, measured.get(name))) for name, drill in DRILLS.items()]
    parts += ["\n".join(_about(run)) for run in runs]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def benchmarks_page() -> str:
    """Return the page of the benchmarks as Markdown."""
    tables = summary.markdown(json.loads((RESULTS / "benchmarks.json").read_text()))
    plot = "![Seconds and MiB a backend, by the number of backends in one stack](../figures/bench.svg)"
    return f"{_BENCHMARKS}\n{plot}\n\n{tables}"


def _overview(measured: dict[str, Any]) -> Iterator[str]:
    yield "| Drill | Promise | Verdict |"
    yield "|---|---|---|"
    for name, drill in DRILLS.items():
        verdict = _verdict(measured[name]) if name in measured else "not measured"
        yield f"| [{drill.title}](#{name}) | {drill.promise} | {verdict} |"


def _section(drill: Drill, result: dict[str, Any] | None) -> Iterator[str]:
    yield f"## {_capitalized(drill.title)} {{#{drill.name}}}"
    yield ""
    yield f"{_description(drill)} Run it with `make drill DRILL={drill.name}`."
    if result is None:
        return
    yield ""
    yield "| Promised | Measured | Verdict |"
    yield "|---|---|---|"
    yield f"| {'<br>'.join(result['promised'])} | {'<br>'.join(result['measured'])} | {_verdict(result)} |"
    if result["baselines"]:
        yield ""
        yield "| Baseline | Failed requests, until when after the fault |"
        yield "|---|---|"
        yield from (f"| {title} | {lost} |" for title, lost in result["baselines"].items())
    if result["remark"]:
        yield ""
        yield f"{_capitalized(result['remark'])}."


def _description(drill: Drill) -> str:
    """Return the first line of the drill's module, without the name in front of it."""
    line = (sys.modules[drill.act.__module__].__doc__ or "").strip().splitlines()[0]
    head, colon, rest = line.partition(": ")
    return _capitalized(rest) if colon and len(head) < 30 else line


def _capitalized(text: str) -> str:
    return text[0].upper() + text[1:]


def _verdict(result: dict[str, Any]) -> str:
    return " ".join(STATUS[result["status"]])


def _about(run: dict[str, Any]) -> Iterator[str]:
    yield f"## Run of {run['about']['date']}"
    yield ""
    yield ", ".join(f"`{name}`" for name in run["drills"]) + "."
    yield ""
    yield from (f"- {name}: {value}" for name, value in run["about"].items() if name != "date")
