"""Runs the tracks: makes their clusters and stacks, and one change after the other."""

from __future__ import annotations

import importlib.metadata
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import yaml

from components.devcluster.catalog import DEFAULT_VERSION, kubernetes_version
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.kubeconfig import write_private
from components.runtime import folders
from lab.changes import ours, plain
from lab.changes.attempt import Result, attempt
from lab.changes.catalog import ALL, EMBEDDED, EXISTING, PLAIN
from lab.changes.change import Change
from lab.changes.edits import ANOTHER
from lab.changes.observed import worst
from lab.changes.subject import STACK, Subject
from ops.cli.pulumi_binary import Engine

ZONES = ["zone-a", "zone-b", "zone-c"]
Chosen = dict[str, list[Change]]
_STARTING = threading.Lock()  # clusters one after the other: one that starts takes all of a small machine


class Progress:
    """Keeps each result and says how many are left. After ``seconds`` no other change is begun."""

    def __init__(self, number: int, seconds: float, say: Callable[[str], None], keep: Callable[[Result], None]) -> None:
        self._number, self._seconds, self.say, self._keep = number, seconds, say, keep
        self._done, self._began, self._lock = 0, time.monotonic(), threading.Lock()

    @property
    def over(self) -> bool:
        """Whether time is up."""
        return time.monotonic() - self._began > self._seconds

    def told(self, result: Result) -> None:
        """One more is done."""
        with self._lock:
            self._done += 1
            self._keep(result)
        verdict = "agree" if result.agrees else "DISAGREE"
        self.say(
            f"[{self._done}/{self._number}, {time.monotonic() - self._began:.0f} s] {result.name}: said "
            f"{worst(set(result.said))}, did {worst(set(result.did))}: {verdict} ({result.seconds:.0f} s)"
        )
        if not result.agrees:
            self.say(
                f"    said {result.said} {result.said_gone}; did {result.did} {result.did_gone}: {result.reasons} "
                f"{result.failed}"
            )


def names(asked: Sequence[str]) -> list[str]:
    """The names of changes, where a whole track may be asked for; all of them where none is. Raises ValueError."""
    known = {change.name for changes in ALL.values() for change in changes}
    if unknown := sorted({name for name in asked if name not in known and name.rstrip("/") not in ALL}):
        raise ValueError(f"{', '.join(unknown)}: no such change; --list names them all")
    wanted = {*asked, *(change.name for name in asked for change in ALL.get(name.rstrip("/"), ()))}
    return [change.name for changes in ALL.values() for change in changes if not asked or change.name in wanted]


def chosen(asked: Sequence[str]) -> Chosen:
    """The changes of these names, with what each needs before it and its way back. Raises ValueError."""
    known = {change.name: change for changes in ALL.values() for change in changes}
    wanted: set[str] = set()
    for name in names(asked):
        while name in known:
            wanted.add(name)
            name = known[name].after  # noqa: PLW2901
    wanted |= {back for name in wanted if (back := f"{name}: back") in known}
    return {track: [change for change in changes if change.name in wanted] for track, changes in ALL.items()}


def versions(engine: Engine) -> str:
    """What it was run with, and when."""
    sdk = importlib.metadata.version("pulumi-kubernetes")
    return (
        f"{date.today().isoformat()}: pulumi {engine.version}, pulumi-kubernetes {sdk}, Kubernetes "
        f"{kubernetes_version(DEFAULT_VERSION).removeprefix('v')}"
    )


def embedded(work: Path, engine: Engine, changes: Chosen, progress: Progress) -> None:
    """On the cluster that the stack makes itself."""
    if not changes[EMBEDDED]:
        return
    folder = work / EMBEDDED
    try:
        _made(Subject(folder, engine, ours.LOCAL), changes[EMBEDDED], work, progress)
    finally:
        EmbeddedCluster(folders.cluster(folder, STACK), ZONES).delete()


def existing(work: Path, engine: Engine, changes: Chosen, progress: Progress) -> None:
    """On a cluster that is there already: this project's own program, and then the one written by hand."""
    if not changes[EXISTING] and not changes[PLAIN]:
        return
    with _cluster(work / "one") as one, _cluster(work / "two", ANOTHER in changes[EXISTING]) as two:
        access = work / "kubeconfig"
        context = _accesses(one, two, access)
        if changes[EXISTING]:
            own = Subject(work / EXISTING, engine, ours.existing(access, context))
            _made(own, changes[EXISTING], work, progress)
        if changes[PLAIN] and not progress.over:
            by_hand = Subject(work / PLAIN, engine, plain.QUICK, plain=access)
            _made(by_hand, changes[PLAIN], work, progress)


def _made(subject: Subject, changes: Sequence[Change], work: Path, progress: Progress) -> None:
    began = time.monotonic()
    with _STARTING:
        failed = subject.create()
    if failed:
        raise RuntimeError(f"the stack could not be made: {failed}")
    progress.say(f"{subject.folder.name}: deployed in {time.monotonic() - began:.0f} s")
    for change in changes:
        if progress.over:
            return
        progress.told(attempt(subject, change, work))


@contextmanager
def _cluster(folder: Path, wanted: bool = True) -> Iterator[EmbeddedCluster]:
    cluster = EmbeddedCluster(folder, ZONES, log=lambda _: None)
    try:
        if wanted:
            with _STARTING:
                cluster.start()
        yield cluster
    finally:
        cluster.delete()


def _accesses(one: EmbeddedCluster, two: EmbeddedCluster, file: Path) -> str:
    """The kubeconfig of one, and beside it others: by another address, under another name, of another cluster."""
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
