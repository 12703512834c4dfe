"""`python -m lab.changes [NAME,...]`: what `review` said of a change and what the cluster then did must agree.

Each change is made on the real engine. Two clusters at a time, each with its own changes one after the other. A change that
needs another one before it brings that along. Exit code 0 only where all that were made agree.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from components.runtime import folders
from lab.changes import run, table
from lab.changes.attempt import Result
from lab.changes.catalog import ALL
from ops.cli.pulumi_binary import Engine, find

PROJECT = Path(__file__).parent.parent.parent


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """0 where all agree, 1 where one does not, 2 where a name is not known."""
    parser = argparse.ArgumentParser(prog="python -m lab.changes", description=__doc__.split("`:", 1)[1].strip())
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="only these, and what they need before them; or a TRACK/"
    )
    parser.add_argument("--list", action="store_true", help="name them all")
    parser.add_argument(
        "--results",
        type=Path,
        default=folders.own(PROJECT) / "changes.json",
        metavar="FILE",
        help="JSON that the results are added to",
    )
    parser.add_argument("--table", type=Path, metavar="FILE", help="write all results in it as Markdown, too")
    parser.add_argument("--rest", action="store_true", help="only what the results do not hold yet")
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin no other change after so many")
    given = parser.parse_args()
    if given.list:
        print("\n".join(f"{track:<10} {change.name}" for track, changes in ALL.items() for change in changes))
        return 0
    names = [name.strip() for word in given.names for name in word.split(",") if name.strip()]
    known = table.kept(given.results)
    try:
        if given.rest:
            names = [name for name in run.names(names) if name not in known]
        chosen = run.chosen(names) if names or not given.rest else {}
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    engine = find(PROJECT, say, install=False)
    if not isinstance(engine, Engine):
        print(f"SKIPPED  changes: {engine}", file=sys.stderr)
        return 1
    return _run(engine, chosen, known, given) if chosen else 0


def _run(engine: Engine, chosen: run.Chosen, known: dict[str, Any], given: argparse.Namespace) -> int:
    made: list[bool] = []

    def keep(result: Result) -> None:
        made.append(result.agrees)
        known[result.name] = {**result.plain(), "versions": run.versions(engine)}
        ordered = [known[change.name] for changes in ALL.values() for change in changes if change.name in known]
        table.store(given.results, ordered)
        if given.table:
            given.table.write_text(table.markdown(ordered))

    progress = run.Progress(sum(map(len, chosen.values())), given.seconds, say, keep)
    with tempfile.TemporaryDirectory(prefix="changes-") as name, ThreadPoolExecutor(2) as pool:
        workers = [pool.submit(work, Path(name), engine, chosen, progress) for work in (run.embedded, run.existing)]
        for worker in workers:
            worker.result()
    print(f"changes: {sum(made)} of {len(made)} agree; results in {given.results}")
    return int(not made or not all(made))


if __name__ == "__main__":
    sys.exit(main())
