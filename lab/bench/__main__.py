"""`python -m lab.bench`: measure, and print a table; raw figures, table and plot go to a folder. Progress on stderr.

A benchmark never fails because of its figures: the goals are listed next to them.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from components import folders
from components.devcluster import catalog
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.errors import DevClusterError
from lab.bench import embedded, many, plot, profile, single, summary, table
from lab.bench.checkpoint import Checkpoint
from lab.bench.options import Options, OptionsError, listing, parse
from lab.bench.process import StepError
from lab.bench.programs import PROJECT, Workspace
from ops.cli.pulumi_binary import Engine, find

NAME = "bench"
Part = Callable[[Path], None]


def log(text: str) -> None:
    """Print progress with the time of day: some steps take minutes."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if all parts were measured, 1 if one was not or the options are invalid, 130 after Ctrl-C."""
    try:
        options = parse(arguments)
    except OptionsError as error:
        print(error, file=sys.stderr)
        return 1
    if options.only_list:
        print(listing())
        return 0
    folder = options.report or folders.own(PROJECT) / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = Checkpoint(folder / f"{NAME}.json")
        checkpoint.put(_machine(), "machine")
    except OSError as error:
        print(
            f"--report: {folder} cannot be written ({error.strerror}): use a folder that you may write to",
            file=sys.stderr,
        )
        return 1
    code = _measure(options, checkpoint)
    _report(folder, checkpoint)
    return code


def _measure(options: Options, checkpoint: Checkpoint) -> int:
    engine = find(PROJECT, log, install=False)
    if isinstance(engine, Engine):
        checkpoint.put(engine.version, "machine", "pulumi")
    code = 0
    for name in options.parts:
        try:
            if not isinstance(engine, Engine):
                if name != "cluster":
                    raise StepError(f"it needs pulumi: {engine}")
                _without_engine(options, checkpoint)
            else:
                _part(name, engine, options, checkpoint)
        except KeyboardInterrupt:
            log("interrupted: the figures so far are kept")
            return 130
        except (StepError, DevClusterError) as error:
            log(f"{name} could not be measured completely: {error}")
            checkpoint.raw.setdefault("failed", {})[name] = str(error)
            checkpoint.write()
            code = 1
    return code


def _part(name: str, engine: Engine, options: Options, checkpoint: Checkpoint) -> None:
    with tempfile.TemporaryDirectory(prefix="ha-bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        if name == "many":
            many.measure(work, engine, options, checkpoint, log)
            return
        cluster = EmbeddedCluster(work / "cluster", many.ZONES, nodes_per_zone=1 if name == "cluster" else 3, log=log)
        try:
            if name == "cluster":
                embedded.starts(cluster, checkpoint, log)
                cluster.delete()
                embedded.warm_up(work, options, checkpoint, log)
                return
            cluster.start()
            workspace = Workspace(cluster, work, engine, options.bound)
            (single if name == "one" else profile).measure(workspace, options, checkpoint, log)
        finally:
            cluster.delete()


def _without_engine(options: Options, checkpoint: Checkpoint) -> None:
    with tempfile.TemporaryDirectory(prefix="ha-bench-") as folder:
        cluster = EmbeddedCluster(Path(folder) / "cluster", many.ZONES, log=log)
        try:
            embedded.starts(cluster, checkpoint, log)
        finally:
            cluster.delete()


def _machine() -> dict[str, str]:
    """Return the date, the machine's size and the pinned versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processors": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "Python": platform.python_version(),
        "Kubernetes": catalog.kubernetes_version(catalog.DEFAULT_VERSION).removeprefix("v"),
        "helm": catalog.program("helm").version.removeprefix("v"),
    }


def _report(folder: Path, checkpoint: Checkpoint) -> None:
    text = table.markdown(checkpoint.raw)
    (folder / f"{NAME}.md").write_text(text)
    if svg := plot.svg(checkpoint.raw):
        (folder / f"{NAME}.svg").write_text(svg)
    (folder / "summary.json").write_text(summary.dumps(checkpoint.raw))
    print(text, end="")
    log(f"written: {folder}/{NAME}.json, .md, summary.json" + (", .svg" if svg else ""))


if __name__ == "__main__":
    sys.exit(main())
