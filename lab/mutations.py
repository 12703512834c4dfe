"""`python -m lab.mutations [NAME,...]`: remove one safeguard at a time from a copy of the component; a drill must fail.

Verification at the end of `up` is switched off, so that only the drills can notice. Needs root, because it uses real
nodes. Takes about three minutes a mutation. The exit code is 0 only if a drill noticed every mutation.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from components.devcluster.errors import DevClusterError
from components.devcluster.nodes import requirements
from lab import overrides
from lab.overrides import NO_ANTI_AFFINITY, NO_PRE_STOP, NO_SPREAD, UNVERIFIED, Override
from lab.testbed import checkout

PROJECT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Mutation:
    """One safeguard removed: the overrides that remove it and the drills that need it."""

    name: str
    edits: tuple[Override, ...]
    drills: tuple[str, ...]


MUTATIONS = (
    Mutation("preStop", (NO_PRE_STOP,), ("rollout",)),
    Mutation(
        "disruption-budget",
        (Override("components/disruption_budget.py", '_max_unavailable = lambda backend: "100%"'),),
        ("drain",),
    ),
    Mutation("spread", (NO_SPREAD, NO_ANTI_AFFINITY), ("zone-loss",)),
    Mutation(
        "ignore_changes", (Override("components/deployment.py", "_ignored_changes = lambda backend: []"),), ("spike",)
    ),
    Mutation(
        "edge",
        (
            Override(
                "components/pod_scheduling.py",
                "_toleration_seconds = lambda backend: backend.placement.toleration_seconds",
            ),
        ),
        ("edge-link",),
    ),
)


def main(arguments: list[str]) -> int:
    """Try mutations and return 0 if a drill noticed each of them."""
    names = [name for argument in arguments for name in re.split(r"[,\s]+", argument) if name]
    selected = [mutation for mutation in MUTATIONS if not names or mutation.name in names]
    if unknown := sorted(set(names) - {mutation.name for mutation in MUTATIONS}):
        valid = ", ".join(mutation.name for mutation in MUTATIONS)
        print(f"{', '.join(unknown)}: unknown mutation; valid values: {valid}", file=sys.stderr)
        return 2
    try:
        requirements.check()
    except DevClusterError as error:
        print(f"SKIPPED  mutations: {error}", file=sys.stderr)
        return 1
    lines = [_try(mutation) for mutation in selected]
    print("\n".join(["", "Mutations:", *lines]))
    return int(any(not line.startswith("noticed") for line in lines))


def _try(mutation: Mutation) -> str:
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        program, report = Path(folder) / "program", Path(folder) / "report"
        checkout.copy(PROJECT, program)
        overrides.apply(program, *mutation.edits, UNVERIFIED)
        print(f"== {mutation.name} ==", file=sys.stderr, flush=True)
        subprocess.run(
            [
                sys.executable,
                "-m",
                "lab.testbed",
                "--drill",
                ",".join(mutation.drills),
                "--baselines",
                "none",
                "--project",
                str(program),
                "--report",
                str(report),
            ],
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        try:
            results = json.loads((report / "report.json").read_text())
        except (OSError, ValueError):
            return f"UNKNOWN  {mutation.name}: the drills did not run"
    failures = [
        f"{drill['name']} ({outcome['violations'][0]})"
        for drill in results["drills"]
        for outcome in drill["outcomes"]
        if outcome["under_test"] and outcome["status"] == "broken"
    ]
    failures += [f"{drill['name']} ({drill['failed']})" for drill in results["drills"] if drill["failed"]]
    if failures:
        return f"noticed  {mutation.name}: {'; '.join(failures)}"
    return f"MISSED   {mutation.name}: by {', '.join(mutation.drills)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
