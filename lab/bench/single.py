"""One backend: previews, deployments without a change, first deployments; all contenders in turn on one cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from components.devcluster import binaries
from lab.bench import baselines
from lab.bench.checkpoint import Checkpoint
from lab.bench.options import Options
from lab.bench.process import Run
from lab.bench.programs import Workspace

Log = Callable[[str], None]


class Contender(Protocol):
    """A way to deploy the objects."""

    def preview(self) -> Run:
        """Show what would change, without changing it."""

    def up(self, *, unchanged: bool = False) -> Run:
        """Deploy, and wait as this contender does by default."""

    def destroy(self) -> Run:
        """Delete everything it deployed."""


def measure(workspace: Workspace, options: Options, checkpoint: Checkpoint, log: Log) -> None:
    """Record the runs under ``one``, by action and contender. Raises StepError, and DevClusterError without helm."""
    helm = binaries.ensure(log, ["helm"])["helm"]
    ours, handwritten = workspace.component(), workspace.copy("handwritten")
    contenders: dict[str, Contender] = {
        "ours": ours,
        "handwritten": handwritten,
        "helm": baselines.helm(workspace, helm),
        "kubectl": baselines.kubectl(workspace),
    }
    for program in (ours, handwritten):
        log(f"one backend: compiling {program.folder.name}")
        program.begin()
    for number in range(1, options.first_rounds + 1):
        for name, contender in contenders.items():
            log(f"one backend: first up, {name}, round {number} of {options.first_rounds}")
            checkpoint.run(contender.up(), "one", "first", name)
            if number < options.first_rounds:  # keep the last deployments for the next rounds
                contender.destroy()
    for number in range(options.rounds + 1):
        log(f"one backend: no change, round {number} of {options.rounds} (0 does not count)")
        for name, contender in contenders.items():
            preview, up = contender.preview(), contender.up(unchanged=True)
            if number:
                checkpoint.run(preview, "one", "preview", name)
                checkpoint.run(up, "one", "up", name)
