"""Several backends in one stack, ours and the hand-written ones; and as many of the smallest resources there are."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from components.devcluster import processes
from components.devcluster.cluster import EmbeddedCluster
from lab.bench.checkpoint import Notes
from lab.bench.options import Asked
from lab.bench.process import Run
from lab.bench.programs import SMALL_BY_HAND, Program, Site
from ops.cli.pulumi_binary import Engine

Say = Callable[[str], None]
# The engine writes its whole state after each resource, the larger the longer: at a thousand of them that is most of the time,
# for all alike. What is to be compared here is the programs.
ONCE = {"PULUMI_SKIP_CHECKPOINTS": "true"}
RESOURCES = 13  # of one backend, the component among them (a test counts)
_PODS, _PODS_A_NODE = 3, 60  # each has room for 110: half of it stays free for whatever moves
# "component": the hand-written ones, each in a component that is empty: what that alone takes, whoever writes it.
CONTENDERS = ("ours", "handwritten", "component")
ZONES = ["zone-a", "zone-b", "zone-c"]


def measure(work: Path, engine: Engine, asked: Asked, notes: Notes, say: Say) -> None:
    """Notes the runs under ``many``, by size, by what was done and by whom. Raises StepError and LocalError."""
    for number, size in enumerate(asked.sizes):
        first = number % len(CONTENDERS)
        order = CONTENDERS[first:] + CONTENDERS[:first]
        with ExitStack() as ending:
            _Size(size, work / str(size), engine, asked, notes, say).measure(order, ending)


def nodes_a_zone(size: int) -> int:
    """Simulated nodes of each zone for so many backends."""
    return 1 + size * _PODS // (_PODS_A_NODE * len(ZONES))


@dataclass(frozen=True)
class _Size:
    """What is measured at one number of backends."""

    size: int
    work: Path
    engine: Engine
    asked: Asked
    notes: Notes
    say: Say

    def measure(self, order: Sequence[str], ending: ExitStack) -> None:
        """Each on a cluster of its own, so that none has another's pods to wait for; then previews in turn."""
        programs: dict[str, Program] = {}
        sites: list[Site] = []
        for name in order:
            cluster = EmbeddedCluster(self.work / f"cluster-{name}", ZONES, nodes_a_zone(self.size), log=self.say)
            ending.callback(cluster.delete)
            cluster.start()
            sites.append(Site(cluster, self.work, self.engine, self.asked.bound))
            programs[name] = self._deployed(name, sites[-1])
            _rest(cluster)
        rounds = previews(self.asked.rounds, self.size)
        for number in range(rounds + 1):
            for name, program in programs.items():
                self.say(
                    f"{self.size} backends: no-change preview, {name}, round {number} of {rounds} (0 is not counted)"
                )
                made = program.preview()
                if number:
                    self._note(made, "preview", name)
        for kind in ("objects", "random"):
            self._floor(sites[0], kind, rounds)

    def _deployed(self, name: str, site: Site) -> Program:
        kind = {"BENCH_KIND": name} if name == "component" else {}
        program = (
            site.ours(many=self.size)
            if name == "ours"
            else site.written("handwritten", BENCH_COUNT=str(self.size), **SMALL_BY_HAND, **kind)
        )
        program = replace(program, environment={**program.environment, **ONCE})
        self.say(f"{self.size} backends: compiling {name}")
        program.begin()
        self.say(f"{self.size} backends: first up, {name}")
        self._note(program.up(parallel=self.asked.parallel), "up", name)
        return program

    def _floor(self, site: Site, kind: str, rounds: int) -> None:
        count = self.size * RESOURCES
        floor = site.written("floor", BENCH_KIND=kind, BENCH_COUNT=str(count), **ONCE)
        self.say(f"the floor: {count} resources ({kind})")
        floor.begin()
        self._note(floor.up(parallel=self.asked.parallel), "up", f"floor-{kind}")
        for number in range(rounds):
            self.say(f"the floor: no-change preview ({kind}), round {number + 1} of {rounds}")
            self._note(floor.preview(), "preview", f"floor-{kind}")

    def _note(self, made: Run, done: str, name: str) -> None:
        self.notes.run(made, "many", str(self.size), done, name)


def previews(rounds: int, size: int) -> int:
    """Fewer of what takes minutes."""
    return rounds if size < 50 else min(rounds, 3)


def _rest(cluster: EmbeddedCluster) -> None:
    """Lets the controllers rest: some hundred backends keep them busy for a while.

    A preview asks the API server only. The cluster is not used for anything else any more.
    """
    for pid in processes.of_cluster(cluster.folder):
        if Path(f"/proc/{pid}/comm").read_text().startswith("kube-controller"):
            os.kill(pid, signal.SIGSTOP)
