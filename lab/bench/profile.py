"""The program's own part of a no-change preview, by profile."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lab.bench import sampler
from lab.bench.checkpoint import Notes
from lab.bench.options import Asked
from lab.bench.programs import Program, Site

Say = Callable[[str], None]
START = "import sampler; sampler.start()\n"


def measure(site: Site, asked: Asked, notes: Notes, say: Say) -> None:
    """Notes each preview's seconds and those of its phases, under ``program``. Raises StepError."""
    programs = {"ours": site.ours("ours-profiled"), "handwritten": site.written("handwritten")}
    for name, program in programs.items():
        say(f"the program's part: deploying {name}")
        program.begin()
        program.up()
        programs[name] = profiled(program)
    for number in range(asked.rounds + 1):
        say(f"the program's part: profiled previews, round {number} of {asked.rounds} (0 is not counted)")
        for name, program in programs.items():
            made = program.preview()
            phases = json.loads(Path(program.environment["BENCH_PROFILE"]).read_text())
            if number:
                found = notes.raw.setdefault("program", {}).setdefault(name, [])
                found.append({"seconds": made.seconds, "phases": phases})
                notes.write()


def profiled(program: Program) -> Program:
    """The same with the sampler beside it, and started by its first line."""
    shutil.copy(Path(sampler.__file__), program.folder / "sampler.py")
    main = program.folder / "__main__.py"
    main.write_text(START + main.read_text())
    return replace(program, environment={**program.environment, "BENCH_PROFILE": str(program.folder / "profile.json")})


def own(phases: dict[str, float]) -> float:
    """The seconds that are the program's own: neither the SDK's, nor spent on waiting for the engine."""
    return sum(seconds for phase, seconds in phases.items() if phase not in (sampler.OUTSIDE, sampler.WAITING))
