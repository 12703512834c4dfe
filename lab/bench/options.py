"""What a run of the bench is asked for, in words, and what of it cannot be meant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PARTS = {
    "cluster": "the embedded cluster: until it is ready, what it keeps resident; `make up` in a fresh copy",
    "one": "one backend: preview, up without a change, first up; ours, hand-written, helm, kubectl",
    "many": "several backends in one stack: seconds and MiB of preview and up; ours, hand-written, and floors",
    "program": "the program's own part of a no-change preview, by profile",
}
SIZES = (1, 10, 100, 300)
ROUNDS, MOST_ROUNDS = 7, 100
FIRST_ROUNDS = 3  # of first deployments, which take half a minute each and are removed again
MOST_BACKENDS = 1000
BOUND, LEAST_BOUND = 1800, 30


class AskedError(Exception):
    """Something was asked for that there is not; the text says what would be right, all of it at once."""


@dataclass(frozen=True)
class Asked:
    """One run. ``bound``: seconds that any one command may take. ``report``: None, the checkout's own folder."""

    parts: tuple[str, ...] = tuple(PARTS)
    sizes: tuple[int, ...] = SIZES
    rounds: int = ROUNDS
    first_rounds: int = FIRST_ROUNDS
    bound: int = BOUND
    parallel: int = 64
    report: Path | None = None
    only_list: bool = False


def parse(words: Sequence[str] | None = None) -> Asked:
    """The command line; left out, this program's own. Raises AskedError, or SystemExit where argparse knows better."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.bench",
        allow_abbrev=False,
        description=(
            "Measures ours and its rivals in turn on an embedded cluster, and prints a table. Nothing passes or fails: the goals "
            "stand beside the figures. A part that cannot be measured is named, the others go on; the exit code is then 1."
        ),
    )
    parser.add_argument("--parts", default="", metavar="A,B", help=f"only these: {', '.join(PARTS)}; left out: all")
    parser.add_argument(
        "--sizes",
        default="",
        metavar="N,M",
        help=f"of the part many: numbers of backends; left out: {','.join(map(str, SIZES))}",
    )
    parser.add_argument("--rounds", default=str(ROUNDS), metavar="N", help=f"of each comparison (default {ROUNDS})")
    parser.add_argument(
        "--first-rounds",
        default=str(FIRST_ROUNDS),
        metavar="N",
        help=f"of first deployments, a minute and more each (default {FIRST_ROUNDS})",
    )
    parser.add_argument("--bound", default=str(BOUND), metavar="SECONDS", help=f"for any one command (default {BOUND})")
    parser.add_argument(
        "--parallel",
        default="64",
        metavar="N",
        help="of the part many: resources that the engine works on at a time, for all alike (default 64)",
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="where bench.json, bench.svg and bench.md go; left out: .ha-backend/bench",
    )
    parser.add_argument("--list", action="store_true", help="name the parts, and do nothing else")
    given = parser.parse_args(words)
    problems: list[str] = []
    chosen = _words(given.parts)
    if unknown := [name for name in dict.fromkeys(chosen) if name not in PARTS]:
        problems.append(f"--parts: {', '.join(map(repr, unknown))} is not known; right would be: {', '.join(PARTS)}")
    sizes = [_number("--sizes", word, 1, MOST_BACKENDS, problems) for word in _words(given.sizes)]
    numbers = {
        key: _number(f"--{key}", getattr(given, key.replace("-", "_")), least, most, problems)
        for key, least, most in (
            ("rounds", 1, MOST_ROUNDS),
            ("first-rounds", 1, MOST_ROUNDS),
            ("bound", LEAST_BOUND, 86400),
            ("parallel", 1, 1000),
        )
    }
    if given.report and given.report.exists() and not given.report.is_dir():
        problems.append(f"--report: {given.report} is no folder; right would be a folder, or a path where nothing is")
    if problems:
        raise AskedError("\n".join(problems))
    return Asked(
        tuple(name for name in PARTS if name in chosen or not chosen),
        tuple(sorted(set(sizes))) or SIZES,
        numbers["rounds"],
        numbers["first-rounds"],
        numbers["bound"],
        numbers["parallel"],
        given.report,
        given.list,
    )


def listing() -> str:
    """The parts, by the names that they are asked for with."""
    return "\n".join(f"{name:8}  {said}" for name, said in PARTS.items())


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[,\s]+", text) if word]


def _number(key: str, word: str, least: int, most: int, problems: list[str]) -> int:
    """The number, or the least one beside a problem more."""
    if re.fullmatch(r"[0-9]{1,9}", word) and least <= int(word) <= most:
        return int(word)
    problems.append(f"{key}: {word!r} is not a whole number from {least} to {most}")
    return least
