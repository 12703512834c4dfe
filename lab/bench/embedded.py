"""Figures of the embedded cluster: time until ready, resident memory, and `make up` in a fresh copy."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from components.devcluster import processes
from components.devcluster.cluster import EmbeddedCluster
from lab.bench.checkpoint import Checkpoint
from lab.bench.options import Options
from lab.bench.process import Run, run
from lab.bench.programs import PROJECT

Log = Callable[[str], None]
STARTS = 3


def starts(cluster: EmbeddedCluster, checkpoint: Checkpoint, log: Log) -> None:
    """Record under ``cluster`` the seconds of each start, and the resident MiB of all its processes at rest."""
    seconds = []
    for number in range(1, STARTS + 1):
        log(f"embedded cluster: start {number} of {STARTS}")
        cluster.delete()
        began = time.monotonic()
        cluster.start()
        seconds.append(time.monotonic() - began)
    checkpoint.put(seconds, "cluster", "ready_s")
    time.sleep(10)
    resident = 0
    for pid in processes.of_cluster(cluster.folder):
        status = Path(f"/proc/{pid}/status").read_text()
        resident += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    checkpoint.put(resident / 1024, "cluster", "resident_mib")


def warm_up(work: Path, options: Options, checkpoint: Checkpoint, log: Log) -> None:
    """Record `make up` in a fresh copy: with engine and programs, without cluster and state. Raises StepError."""
    clone = work / "clone"
    shutil.copytree(
        PROJECT, clone, symlinks=True, ignore=shutil.ignore_patterns("venv", ".ha-backend", ".git", "__pycache__")
    )
    (clone / "venv").symlink_to((PROJECT / "venv").resolve())
    # `make` compares timestamps: in a copy, where the requirements are new, it would install them again.
    for file in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        os.utime(clone / file, (0, 0))
    # The first run in a copy also compiles Python's bytecode, so run twice; the second run is the warm one.
    for kind in ("cold_bytecode", "warm"):
        log(f"make up in a fresh copy, then make destroy ({kind})")
        try:
            checkpoint.run(make("up", clone, options.bound), "cluster", f"make_up_{kind}")
        finally:
            make("destroy", clone, options.bound)


def make(target: str, clone: Path, bound: float) -> Run:
    """Run a make target as in a new clone, without the variables of `make bench`. Raises StepError."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "MAKE", "MFLAGS"))}
    environment |= {"PULUMI_HOME": os.environ.get("PULUMI_HOME", str(Path.home() / ".pulumi"))}
    return run(["make", target, "STACK=dev", "ARGS="], clone, environment, bound)
