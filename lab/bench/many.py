"""Several backends in one stack: this project's, hand-written ones, and as many of the smallest resources."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from components.devcluster import processes
from components.devcluster.cluster import EmbeddedCluster
from lab.bench.checkpoint import Checkpoint
from lab.bench.options import Options
from lab.bench.process import Run
from lab.bench.programs import SMALL_BY_HAND, Program, Workspace
from ops.cli.pulumi_binary import Engine

Log = Callable[[str], None]
# The engine writes its whole state after each resource, which takes longer with more of them: at a thousand that is
# most of the time, for every program alike. This benchmark compares the programs.
ONCE = {"PULUMI_SKIP_CHECKPOINTS": "true"}
RESOURCES = 13  # of one backend, including the component (a test counts them)
_PODS, _PODS_PER_NODE = 3, 60  # a node takes 110: half of it stays free for pods that move
# "component": the hand-written ones, each in an empty component, which shows the cost of a component alone.
CONTENDERS = ("ours", "handwritten", "component")
ZONES = ["zone-a", "zone-b", "zone-c"]


def measure(work: Path, engine: Engine, options: Options, checkpoint: Checkpoint, log: Log) -> None:
    """Record the runs under ``many``, by size, action and contender. Raises StepError and DevClusterError."""
    for number, size in enumerate(options.sizes):
        first = number % len(CONTENDERS)
        order = CONTENDERS[first:] + CONTENDERS[:first]
        with ExitStack() as cleanup:
            _Size(size, work / str(size), engine, options, checkpoint, log).measure(order, cleanup)


def nodes_per_zone(size: int) -> int:
    """Return how many simulated nodes each zone needs for so many backends."""
    return 1 + size * _PODS // (_PODS_PER_NODE * len(ZONES))


@dataclass(frozen=True)
class _Size:
    """The measurements at one number of backends."""

    size: int
    work: Path
    engine: Engine
    options: Options
    checkpoint: Checkpoint
    log: Log

    def measure(self, order: Sequence[str], cleanup: ExitStack) -> None:
        """Deploy each program to its own cluster, so that none waits for another's pods; then preview them in turn."""
        programs: dict[str, Program] = {}
        workspaces: list[Workspace] = []
        for name in order:
            cluster = EmbeddedCluster(self.work / f"cluster-{name}", ZONES, nodes_per_zone(self.size), log=self.log)
            cleanup.callback(cluster.delete)
            cluster.start()
            workspaces.append(Workspace(cluster, self.work, self.engine, self.options.bound))
            programs[name] = self._deployed(name, workspaces[-1])
            _pause_controllers(cluster)
        rounds = previews(self.options.rounds, self.size)
        for number in range(rounds + 1):
            for name, program in programs.items():
                self.log(
                    f"{self.size} backends: no-change preview, {name}, round {number} of {rounds} (0 does not count)"
                )
                result = program.preview()
                if number:
                    self._record(result, "preview", name)
        for kind in ("objects", "random"):
            self._floor(workspaces[0], kind, rounds)

    def _deployed(self, name: str, workspace: Workspace) -> Program:
        kind = {"BENCH_KIND": name} if name == "component" else {}
        program = (
            workspace.component(many=self.size)
            if name == "ours"
            else workspace.copy("handwritten", BENCH_COUNT=str(self.size), **SMALL_BY_HAND, **kind)
        )
        program = replace(program, environment={**program.environment, **ONCE})
        self.log(f"{self.size} backends: compiling {name}")
        program.begin()
        self.log(f"{self.size} backends: first up, {name}")
        self._record(program.up(parallel=self.options.parallel), "up", name)
        return program

    def _floor(self, workspace: Workspace, kind: str, rounds: int) -> None:
        count = self.size * RESOURCES
        floor = workspace.copy("floor", BENCH_KIND=kind, BENCH_COUNT=str(count), **ONCE)
        self.log(f"floor: {count} resources ({kind})")
        floor.begin()
        self._record(floor.up(parallel=self.options.parallel), "up", f"floor-{kind}")
        for number in range(rounds):
            self.log(f"floor: no-change preview ({kind}), round {number + 1} of {rounds}")
            self._record(floor.preview(), "preview", f"floor-{kind}")

    def _record(self, result: Run, action: str, name: str) -> None:
        self.checkpoint.run(result, "many", str(self.size), action, name)


def previews(rounds: int, size: int) -> int:
    """Return the rounds of previews: fewer at sizes at which one takes minutes."""
    return rounds if size < 50 else min(rounds, 3)


def _pause_controllers(cluster: EmbeddedCluster) -> None:
    """Stop the controllers, which some hundred backends keep busy for a while.

    A preview queries only the API server, and the cluster has no other use afterwards.
    """
    for pid in processes.of_cluster(cluster.folder):
        if Path(f"/proc/{pid}/comm").read_text().startswith("kube-controller"):
            os.kill(pid, signal.SIGSTOP)
