"""`python -m lab.mutations [NAME,...]`: takes one safeguard at a time out of a copy of the component; a drill must notice.

Nothing but the drills may notice: what `up` itself would find missing, it is not asked here. Needs root, as real nodes do.
Takes about three minutes a mutation. Exit code 0 only where every mutation was noticed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from components.devcluster.errors import LocalError
from components.devcluster.nodes import requirements
from lab.testbed import checkout

PROJECT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Mutation:
    """One safeguard: the file it is in, the text that makes it, what stands there without it, and the drills that need it."""

    name: str
    file: str
    before: str
    after: str
    drills: tuple[str, ...]


# The proof at the end of `up` would stop some of them before any drill could.
UNPROVEN = Mutation("proof", "components/verification.py", "    if connection is None:", "    if True:", ())
MUTATIONS = (
    Mutation("preStop", "components/pod.py", "        lifecycle=_lifecycle(backend),\n", "", ("rollout",)),
    Mutation(
        "disruption-budget",
        "components/disruption_budget.py",
        "max_unavailable=scope.settings.disruption_budget.max_unavailable",
        'max_unavailable="100%"',
        ("drain",),
    ),
    Mutation(
        "spread",
        "components/pod.py",
        "topology_spread_constraints=[_spread(scope, ZONE_LABEL), _spread(scope, HOST)],\n"
        "        affinity=_apart(scope),\n",
        "",
        ("zone-loss",),
    ),
    Mutation(
        "ignore_changes",
        "components/deployment.py",
        'ignore_changes=["spec.replicas"] if scaled else []',
        "ignore_changes=[]",
        ("spike",),
    ),
    Mutation(
        "edge",
        "components/pod.py",
        "seconds = None if backend.edge else backend.placement.toleration_seconds",
        "seconds = backend.placement.toleration_seconds",
        ("edge-link",),
    ),
)


def main(words: list[str]) -> int:
    """0 where a drill noticed each of them."""
    asked = [name for word in words for name in re.split(r"[,\s]+", word) if name]
    chosen = [mutation for mutation in MUTATIONS if not asked or mutation.name in asked]
    if unknown := sorted(set(asked) - {mutation.name for mutation in MUTATIONS}):
        print(
            f"{', '.join(unknown)}: no such mutation; right would be: {', '.join(one.name for one in MUTATIONS)}",
            file=sys.stderr,
        )
        return 2
    try:
        requirements.check()
    except LocalError as error:
        print(f"SKIPPED  mutations: {error}", file=sys.stderr)
        return 1
    lines = [_try(mutation) for mutation in chosen]
    print("\n".join(["", "Mutations:", *lines]))
    return int(any(not line.startswith("noticed") for line in lines))


def _try(mutation: Mutation) -> str:
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        program, report = Path(folder) / "program", Path(folder) / "report"
        checkout.copy(PROJECT, program)
        for one in (mutation, UNPROVEN):
            _change(program, one)
        print(f"== {mutation.name} ==", file=sys.stderr, flush=True)
        subprocess.run(
            [
                sys.executable,
                "-m",
                "lab.testbed",
                "--drill",
                ",".join(mutation.drills),
                "--rivals",
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
            found = json.loads((report / "report.json").read_text())
        except (OSError, ValueError):
            return f"UNKNOWN  {mutation.name}: the drills could not be carried out"
    broken = [
        f"{drill['name']} ({outcome['broken'][0]})"
        for drill in found["drills"]
        for outcome in drill["outcomes"]
        if outcome["ours"] and outcome["status"] == "broken"
    ]
    broken += [f"{drill['name']} ({drill['failed']})" for drill in found["drills"] if drill["failed"]]
    return (
        f"noticed  {mutation.name}: {'; '.join(broken)}"
        if broken
        else f"MISSED   {mutation.name}: by {mutation.drills}"
    )


def _change(program: Path, mutation: Mutation) -> None:
    file = program / mutation.file
    text = file.read_text()
    if text.count(mutation.before) != 1:
        raise SystemExit(f"{mutation.name}: {mutation.file} no longer holds, once, what the mutation takes out")
    file.write_text(text.replace(mutation.before, mutation.after))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
