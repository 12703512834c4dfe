"""Run the tracks: create their clusters and stacks, and make one change after the other."""

from __future__ import annotations

import importlib.metadata
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import yaml

from components import folders
from components.devcluster.catalog import DEFAULT_VERSION, kubernetes_version
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.kubeconfig import write_private
from lab.changes import plain, states
from lab.changes.attempt import Result, attempt
from lab.changes.catalog import ALL, EMBEDDED, EXISTING, PLAIN
from lab.changes.change import Change
from lab.changes.edits import ANOTHER
from lab.changes.observed import worst
from lab.changes.subject import STACK, Subject
from ops.cli.pulumi_binary import Engine

ZONES = ["zone-a", "zone-b", "zone-c"]
Selection = dict[str, list[Change]]
_STARTING = threading.Lock()  # start one cluster at a time: it uses all of a small machine


class Progress:
    """Keeps each result and logs how many are left. After ``seconds``, no further change starts."""

    def __init__(self, number: int, seconds: float, log: Callable[[str], None], keep: Callable[[Result], None]) -> None:
        self._number, self._seconds, self.log, self._keep = number, seconds, log, keep
        self._done, self._began, self._lock = 0, time.monotonic(), threading.Lock()

    @property
    def time_is_up(self) -> bool:
        """Report whether the time is up."""
        return time.monotonic() - self._began > self._seconds

    def report(self, result: Result) -> None:
        """Keep and log a result."""
        with self._lock:
            self._done += 1
            self._keep(result)
        verdict = "agree" if result.agrees else "DISAGREE"
        self.log(
            f"[{self._done}/{self._number}, {time.monotonic() - self._began:.0f} s] {result.name}: "
            f"predicted {worst(set(result.predicted))}, observed {worst(set(result.observed))}: {verdict} "
            f"({result.seconds:.0f} s)"
        )
        if not result.agrees:
            self.log(
                f"    predicted {result.predicted} {result.predicted_deletions}; observed {result.observed} "
                f"{result.observed_deletions}: {result.reasons} {result.failed}"
            )


def names(selected: Sequence[str]) -> list[str]:
    """Return the names of changes, with tracks (``plain/``) expanded; all by default. Raises ValueError."""
    known = {change.name for changes in ALL.values() for change in changes}
    if unknown := sorted({name for name in selected if name not in known and name.rstrip("/") not in ALL}):
        raise ValueError(f"{', '.join(unknown)}: no such change: --list prints all names")
    expanded = {*selected, *(change.name for name in selected for change in ALL.get(name.rstrip("/"), ()))}
    return [change.name for changes in ALL.values() for change in changes if not selected or change.name in expanded]


def select(selected: Sequence[str]) -> Selection:
    """Return the changes of these names, with those they need and those that undo them. Raises ValueError."""
    known = {change.name: change for changes in ALL.values() for change in changes}
    needed: set[str] = set()
    for name in names(selected):
        while name in known:
            needed.add(name)
            name = known[name].after  # noqa: PLW2901
    needed |= {back for name in needed if (back := f"{name}: back") in known}
    return {track: [change for change in changes if change.name in needed] for track, changes in ALL.items()}


def versions(engine: Engine) -> str:
    """Return the date and the versions of a run."""
    sdk = importlib.metadata.version("pulumi-kubernetes")
    return (
        f"{date.today().isoformat()}: pulumi {engine.version}, pulumi-kubernetes {sdk}, Kubernetes "
        f"{kubernetes_version(DEFAULT_VERSION).removeprefix('v')}"
    )


def embedded(work: Path, engine: Engine, changes: Selection, progress: Progress) -> None:
    """Make changes on the cluster that the stack creates."""
    if not changes[EMBEDDED]:
        return
    folder = work / EMBEDDED
    try:
        _run_track(Subject(folder, engine, states.LOCAL), changes[EMBEDDED], work, progress)
    finally:
        EmbeddedCluster(folders.cluster(folder, STACK), ZONES).delete()


def existing(work: Path, engine: Engine, changes: Selection, progress: Progress) -> None:
    """Make changes on an existing cluster: to this project's program, then to the hand-written one."""
    if not changes[EXISTING] and not changes[PLAIN]:
        return
    with _cluster(work / "one") as one, _cluster(work / "two", ANOTHER in changes[EXISTING]) as two:
        access = work / "kubeconfig"
        context = _write_kubeconfigs(one, two, access)
        if changes[EXISTING]:
            own = Subject(work / EXISTING, engine, states.existing(access, context))
            _run_track(own, changes[EXISTING], work, progress)
        if changes[PLAIN] and not progress.time_is_up:
            by_hand = Subject(work / PLAIN, engine, plain.QUICK, plain=access)
            _run_track(by_hand, changes[PLAIN], work, progress)


def _run_track(subject: Subject, changes: Sequence[Change], work: Path, progress: Progress) -> None:
    began = time.monotonic()
    with _STARTING:
        failed = subject.create()
    if failed:
        raise RuntimeError(f"the stack could not be created: {failed}")
    progress.log(f"{subject.folder.name}: deployed in {time.monotonic() - began:.0f} s")
    for change in changes:
        if progress.time_is_up:
            return
        progress.report(attempt(subject, change, work))


@contextmanager
def _cluster(folder: Path, needed: bool = True) -> Iterator[EmbeddedCluster]:
    cluster = EmbeddedCluster(folder, ZONES, log=lambda _: None)
    try:
        if needed:
            with _STARTING:
                cluster.start()
        yield cluster
    finally:
        cluster.delete()


def _write_kubeconfigs(one: EmbeddedCluster, two: EmbeddedCluster, file: Path) -> str:
    """Write a cluster's kubeconfig, and next to it others: by another address, context name, and cluster."""
    text = one.kubeconfig.read_text()
    context: str = yaml.safe_load(text)["current-context"]
    write_private(file, text)
    write_private(file.with_name(f"{file.name}+address"), text.replace("//127.0.0.1:", "//localhost:"))
    write_private(file.with_name(f"{file.name}+context"), _renamed(text, "renamed"))
    if two.exists():
        write_private(file.with_name(f"{file.name}+cluster"), _renamed(two.kubeconfig.read_text(), "other"))
    return context


def _renamed(text: str, context: str) -> str:
    config = yaml.safe_load(text)
    config["contexts"][0]["name"] = config["current-context"] = context
    return str(yaml.safe_dump(config))
