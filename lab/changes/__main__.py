"""`python -m lab.changes [NAME,...]`: compare what `review` predicts of a change with what the cluster then does.

Each change is made on the real engine, on two clusters in parallel, each with its own changes one after the other. A
change that needs another one runs after it. The exit code is 0 only if all changes agree.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from components import folders
from lab.changes import run, table
from lab.changes.attempt import Result
from lab.changes.catalog import ALL
from ops.cli.pulumi_binary import Engine, find

PROJECT = Path(__file__).parent.parent.parent


def log(text: str) -> None:
    """Print progress."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Return 0 if all changes agree, 1 if one does not, 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m lab.changes", description=__doc__.split("`:", 1)[1].strip())
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these changes, and those they need; or a TRACK/")
    parser.add_argument("--list", action="store_true", help="list all changes, and exit")
    parser.add_argument(
        "--results",
        type=Path,
        default=folders.own(PROJECT) / "changes.json",
        metavar="FILE",
        help="JSON file to add the results to; default: %(default)s",
    )
    parser.add_argument("--table", type=Path, metavar="FILE", help="also write all results as Markdown")
    parser.add_argument("--rest", action="store_true", help="only changes without a result")
    parser.add_argument("--seconds", type=float, default=math.inf, help="start no further change after this time")
    options = parser.parse_args()
    if options.list:
        print("\n".join(f"{track:<10} {change.name}" for track, changes in ALL.items() for change in changes))
        return 0
    names = [name.strip() for word in options.names for name in word.split(",") if name.strip()]
    results = table.load(options.results)
    try:
        if options.rest:
            names = [name for name in run.names(names) if name not in results]
        selection = run.select(names) if names or not options.rest else {}
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    engine = find(PROJECT, log, install=False)
    if not isinstance(engine, Engine):
        print(f"SKIPPED  changes: {engine}", file=sys.stderr)
        return 1
    return _run(engine, selection, results, options) if selection else 0


def _run(engine: Engine, selection: run.Selection, results: dict[str, Any], options: argparse.Namespace) -> int:
    agreed: list[bool] = []

    def keep(result: Result) -> None:
        agreed.append(result.agrees)
        results[result.name] = {**result.plain(), "versions": run.versions(engine)}
        ordered = [results[change.name] for changes in ALL.values() for change in changes if change.name in results]
        table.save(options.results, ordered)
        if options.table:
            options.table.write_text(table.markdown(ordered))

    progress = run.Progress(sum(map(len, selection.values())), options.seconds, log, keep)
    with tempfile.TemporaryDirectory(prefix="changes-") as name, ThreadPoolExecutor(2) as pool:
        workers = [pool.submit(work, Path(name), engine, selection, progress) for work in (run.embedded, run.existing)]
        for worker in workers:
            worker.result()
    print(f"changes: {sum(agreed)} of {len(agreed)} agree; results in {options.results}")
    return int(not agreed or not all(agreed))


if __name__ == "__main__":
    sys.exit(main())
