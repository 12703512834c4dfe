"""The embedded cluster's own figures: until it is ready, what it keeps resident, and `make up` in a fresh copy."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from components.devcluster import processes
from components.devcluster.cluster import EmbeddedCluster
from lab.bench.checkpoint import Notes
from lab.bench.options import Asked
from lab.bench.process import Run, run
from lab.bench.programs import PROJECT

Say = Callable[[str], None]
STARTS = 3


def starts(cluster: EmbeddedCluster, notes: Notes, say: Say) -> None:
    """Notes under ``cluster`` the seconds of each start, and the MiB of all its processes once it has come to rest."""
    took = []
    for number in range(1, STARTS + 1):
        say(f"embedded cluster: start {number} of {STARTS}")
        cluster.delete()
        began = time.monotonic()
        cluster.start()
        took.append(time.monotonic() - began)
    notes.put(took, "cluster", "ready_s")
    time.sleep(10)
    resident = 0
    for pid in processes.of_cluster(cluster.folder):
        status = Path(f"/proc/{pid}/status").read_text()
        resident += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    notes.put(resident / 1024, "cluster", "resident_mib")


def warm_up(work: Path, asked: Asked, notes: Notes, say: Say) -> None:
    """Notes `make up` in a fresh copy: engine and programs present, cluster and state absent. Raises StepError."""
    clone = work / "clone"
    shutil.copytree(
        PROJECT, clone, symlinks=True, ignore=shutil.ignore_patterns("venv", ".ha-backend", ".git", "__pycache__")
    )
    (clone / "venv").symlink_to((PROJECT / "venv").resolve())
    # `make` asks the clock of the stamp: in a copy, where the requirements are new, it would install them once more.
    for file in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        os.utime(clone / file, (0, 0))
    # The first run in a copy also compiles Python's bytecode: twice, and the second is the warm one.
    for kind in ("cold_bytecode", "warm"):
        say(f"make up in a fresh copy, then make destroy ({kind})")
        try:
            notes.run(made("up", clone, asked.bound), "cluster", f"make_up_{kind}")
        finally:
            made("destroy", clone, asked.bound)


def made(target: str, clone: Path, bound: float) -> Run:
    """Makes a target as somebody in a new clone would: with nothing of what `make bench` was given. Raises StepError."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "MAKE", "MFLAGS"))}
    environment |= {"PULUMI_HOME": os.environ.get("PULUMI_HOME", str(Path.home() / ".pulumi"))}
    return run(["make", target, "STACK=dev", "ARGS="], clone, environment, bound)
