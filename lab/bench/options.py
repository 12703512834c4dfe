"""The command line of the benchmarks, and its validation."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PARTS = {
    "cluster": "the embedded cluster: time until ready, resident memory; `make up` in a fresh copy",
    "one": "one backend: preview, up without a change, first up; compared with hand-written, helm, kubectl",
    "many": "several backends in one stack: seconds and MiB of preview and up; compared with hand-written and floors",
    "program": "the program's own share of a no-change preview, by profile",
}
SIZES = (1, 10, 100, 300)
ROUNDS, MAX_ROUNDS = 7, 100
FIRST_ROUNDS = 3  # of first deployments, which take half a minute each and are removed again
MAX_BACKENDS = 1000
BOUND, MIN_BOUND = 1800, 30


class OptionsError(Exception):
    """Invalid options; the message has one line for each, with valid values."""


@dataclass(frozen=True)
class Options:
    """A run. ``bound``: maximum of seconds for any one command. ``report``: None for this checkout's own folder."""

    parts: tuple[str, ...] = tuple(PARTS)
    sizes: tuple[int, ...] = SIZES
    rounds: int = ROUNDS
    first_rounds: int = FIRST_ROUNDS
    bound: int = BOUND
    parallel: int = 64
    report: Path | None = None
    only_list: bool = False


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Parse the command line; by default this process' own. Raises OptionsError, or SystemExit by argparse."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.bench",
        allow_abbrev=False,
        description=(
            "Measure this project and its baselines in turn on an embedded cluster, and print a table. Figures never "
            "fail a run: goals are listed next to them. If a part cannot be measured, the others continue and the "
            "exit code is 1."
        ),
    )
    parser.add_argument(
        "--parts", default="", metavar="A,B", help=f"parts to measure: {', '.join(PARTS)}; default: all"
    )
    parser.add_argument(
        "--sizes",
        default="",
        metavar="N,M",
        help=f"numbers of backends for the part many; default: {','.join(map(str, SIZES))}",
    )
    parser.add_argument(
        "--rounds", default=str(ROUNDS), metavar="N", help=f"rounds of each comparison; default: {ROUNDS}"
    )
    parser.add_argument(
        "--first-rounds",
        default=str(FIRST_ROUNDS),
        metavar="N",
        help=f"rounds of first deployments, a minute and more each; default: {FIRST_ROUNDS}",
    )
    parser.add_argument(
        "--bound", default=str(BOUND), metavar="SECONDS", help=f"maximum time of any command; default: {BOUND}"
    )
    parser.add_argument(
        "--parallel",
        default="64",
        metavar="N",
        help="resources that the engine processes in parallel, for every program of the part many; default: 64",
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="folder for bench.json, summary.json, bench.svg and bench.md; default: .ha-backend/bench",
    )
    parser.add_argument("--list", action="store_true", help="list the parts, and exit")
    options = parser.parse_args(arguments)
    problems: list[str] = []
    parts = _words(options.parts)
    if unknown := [name for name in dict.fromkeys(parts) if name not in PARTS]:
        problems.append(f"--parts: {', '.join(map(repr, unknown))} is invalid: valid values: {', '.join(PARTS)}")
    sizes = [_number("--sizes", word, 1, MAX_BACKENDS, problems) for word in _words(options.sizes)]
    numbers = {
        key: _number(f"--{key}", getattr(options, key.replace("-", "_")), least, most, problems)
        for key, least, most in (
            ("rounds", 1, MAX_ROUNDS),
            ("first-rounds", 1, MAX_ROUNDS),
            ("bound", MIN_BOUND, 86400),
            ("parallel", 1, 1000),
        )
    }
    if options.report and options.report.exists() and not options.report.is_dir():
        problems.append(f"--report: {options.report} is not a folder: use a folder, or a new path")
    if problems:
        raise OptionsError("\n".join(problems))
    return Options(
        tuple(name for name in PARTS if name in parts or not parts),
        tuple(sorted(set(sizes))) or SIZES,
        numbers["rounds"],
        numbers["first-rounds"],
        numbers["bound"],
        numbers["parallel"],
        options.report,
        options.list,
    )


def listing() -> str:
    """List the parts by name."""
    return "\n".join(f"{name:8}  {text}" for name, text in PARTS.items())


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


def _number(key: str, word: str, least: int, most: int, problems: list[str]) -> int:
    """Return the number; for an invalid one, add a problem and return the minimum."""
    if re.fullmatch(r"[0-9]{1,9}", word) and least <= int(word) <= most:
        return int(word)
    problems.append(f"{key}: {word!r} is invalid: use an integer from {least} to {most}")
    return least
