"""The program's own share of a no-change preview, by profile."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lab.bench import sampler
from lab.bench.checkpoint import Checkpoint
from lab.bench.options import Options
from lab.bench.programs import Program, Workspace

Log = Callable[[str], None]
START = "import sampler; sampler.start()\n"


def measure(workspace: Workspace, options: Options, checkpoint: Checkpoint, log: Log) -> None:
    """Record each preview's seconds and those of its phases under ``program``. Raises StepError."""
    programs = {"ours": workspace.component("ours-profiled"), "handwritten": workspace.copy("handwritten")}
    for name, program in programs.items():
        log(f"program: deploying {name}")
        program.begin()
        program.up()
        programs[name] = profiled(program)
    for number in range(options.rounds + 1):
        log(f"program: profiled previews, round {number} of {options.rounds} (0 does not count)")
        for name, program in programs.items():
            result = program.preview()
            phases = json.loads(Path(program.environment["BENCH_PROFILE"]).read_text())
            if number:
                rounds = checkpoint.raw.setdefault("program", {}).setdefault(name, [])
                rounds.append({"seconds": result.seconds, "phases": phases})
                checkpoint.write()


def profiled(program: Program) -> Program:
    """Return the program with the sampler next to it, started by its first line."""
    shutil.copy(Path(sampler.__file__), program.folder / "sampler.py")
    main = program.folder / "__main__.py"
    main.write_text(START + main.read_text())
    return replace(program, environment={**program.environment, "BENCH_PROFILE": str(program.folder / "profile.json")})


def own(phases: dict[str, float]) -> float:
    """Return the program's own seconds: neither in the SDK, nor waiting for the engine."""
    return sum(seconds for phase, seconds in phases.items() if phase not in (sampler.OUTSIDE, sampler.WAITING))
