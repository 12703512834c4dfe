"""One backend: previews, deployments that change nothing, first deployments. Ours and the others in turn, on one cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from components.devcluster import binaries
from lab.bench import baselines
from lab.bench.checkpoint import Notes
from lab.bench.options import Asked
from lab.bench.process import Run
from lab.bench.programs import Site

Say = Callable[[str], None]


class Contender(Protocol):
    """Whoever deploys the objects."""

    def preview(self) -> Run:
        """What would change, and nothing does."""

    def up(self, *, unchanged: bool = False) -> Run:
        """Deployed, and awaited as this one does by default."""

    def destroy(self) -> Run:
        """Everything of it removed."""


def measure(site: Site, asked: Asked, notes: Notes, say: Say) -> None:
    """Notes the runs under ``one``, by what was done and by whom. Raises StepError, and LocalError without helm."""
    helm = binaries.ensure(say, ["helm"])["helm"]
    ours, written = site.ours(), site.written("handwritten")
    contenders: dict[str, Contender] = {
        "ours": ours,
        "handwritten": written,
        "helm": baselines.helm(site, helm),
        "kubectl": baselines.kubectl(site),
    }
    for program in (ours, written):
        say(f"one backend: compiling {program.folder.name}")
        program.begin()
    for number in range(1, asked.first_rounds + 1):
        for name, contender in contenders.items():
            say(f"one backend: first up, {name}, round {number} of {asked.first_rounds}")
            notes.run(contender.up(), "one", "first", name)
            if number < asked.first_rounds:  # the last ones stay, for what follows
                contender.destroy()
    for number in range(asked.rounds + 1):
        say(f"one backend: nothing changed, round {number} of {asked.rounds} (0 is not counted)")
        for name, contender in contenders.items():
            shown, deployed = contender.preview(), contender.up(unchanged=True)
            if number:
                notes.run(shown, "one", "preview", name)
                notes.run(deployed, "one", "up", name)
