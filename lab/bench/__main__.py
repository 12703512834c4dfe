"""`python -m lab.bench`: measures, prints a table; raw figures, table and drawing go to a folder. Progress on stderr.

Nothing here passes or fails by what was measured: the goals stand beside the figures.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from components.devcluster import catalog
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.errors import LocalError
from components.runtime import folders
from lab.bench import embedded, many, options, plot, profile, single, table
from lab.bench.checkpoint import Notes
from lab.bench.options import Asked
from lab.bench.process import StepError
from lab.bench.programs import PROJECT, Site
from ops.cli.pulumi_binary import Engine, find

NAME = "bench"
Part = Callable[[Path], None]


def say(text: str) -> None:
    """Progress, with the time: some steps take minutes."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 0 where everything asked for was measured; 1 where a part could not be, or nothing was; 130 after Ctrl-C."""
    try:
        wanted = options.parse(words)
    except options.AskedError as error:
        print(error, file=sys.stderr)
        return 1
    if wanted.only_list:
        print(options.listing())
        return 0
    folder = wanted.report or folders.own(PROJECT) / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        notes = Notes(folder / f"{NAME}.json")
        notes.put(_machine(), "machine")
    except OSError as error:
        print(
            f"--report: {folder} cannot be written ({error.strerror}); right would be a folder of yours",
            file=sys.stderr,
        )
        return 1
    code = _measure(wanted, notes)
    _report(folder, notes)
    return code


def _measure(wanted: Asked, notes: Notes) -> int:
    engine = find(PROJECT, say, install=False)
    if isinstance(engine, Engine):
        notes.put(engine.version, "machine", "pulumi")
    code = 0
    for name in wanted.parts:
        try:
            if not isinstance(engine, Engine):
                if name != "cluster":
                    raise StepError(f"pulumi is needed: {engine}")
                _without_engine(wanted, notes)
            else:
                _part(name, engine, wanted, notes)
        except KeyboardInterrupt:
            say("interrupted: what was measured until now is kept")
            return 130
        except (StepError, LocalError) as error:
            say(f"{name} could not be measured to its end: {error}")
            notes.raw.setdefault("failed", {})[name] = str(error)
            notes.write()
            code = 1
    return code


def _part(name: str, engine: Engine, wanted: Asked, notes: Notes) -> None:
    with tempfile.TemporaryDirectory(prefix="ha-bench-", ignore_cleanup_errors=True) as made:
        work = Path(made)
        if name == "many":
            many.measure(work, engine, wanted, notes, say)
            return
        cluster = EmbeddedCluster(work / "cluster", many.ZONES, nodes_per_zone=1 if name == "cluster" else 3, log=say)
        try:
            if name == "cluster":
                embedded.starts(cluster, notes, say)
                cluster.delete()
                embedded.warm_up(work, wanted, notes, say)
                return
            cluster.start()
            site = Site(cluster, work, engine, wanted.bound)
            (single if name == "one" else profile).measure(site, wanted, notes, say)
        finally:
            cluster.delete()


def _without_engine(wanted: Asked, notes: Notes) -> None:
    with tempfile.TemporaryDirectory(prefix="ha-bench-") as made:
        cluster = EmbeddedCluster(Path(made) / "cluster", many.ZONES, log=say)
        try:
            embedded.starts(cluster, notes, say)
        finally:
            cluster.delete()


def _machine() -> dict[str, str]:
    """The machine's size, and the versions of what is pinned."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processors": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "Python": platform.python_version(),
        "Kubernetes": catalog.kubernetes_version(catalog.DEFAULT_VERSION).removeprefix("v"),
        "helm": catalog.program("helm").version.removeprefix("v"),
    }


def _report(folder: Path, notes: Notes) -> None:
    text = table.markdown(notes.raw)
    (folder / f"{NAME}.md").write_text(text)
    if drawing := plot.svg(notes.raw):
        (folder / f"{NAME}.svg").write_text(drawing)
    print(text, end="")
    say(f"written: {folder}/{NAME}.json, .md" + (", .svg" if drawing else ""))


if __name__ == "__main__":
    sys.exit(main())
