"""Drills on other targets: many simulated nodes, or a backend on a user's own cluster."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from components.devcluster import binaries
from lab.drills import run
from lab.drills.report.content import Skipped, section
from lab.testbed.context import Setup
from lab.testbed.options import Options
from lab.testbed.runner import RunState, attempt, log_section
from lab.testbed.simulated import simulated
from lab.testbed.user_cluster import UserClusterOptions, prepare

Log = Callable[[str], None]


def set_up(options: Options, project: Path, folder: Path, log: Log) -> Setup:
    """Prepare the target of the options. Raises UserClusterError, DevClusterError or DrillError."""
    if options.kubeconfig:
        user = UserClusterOptions(
            options.kubeconfig,
            options.context,
            options.namespace,
            options.name,
            options.load,
            options.rate,
            options.yes_nodes,
        )
        return prepare(user, log, input if sys.stdin.isatty() else None)
    shutil.rmtree(folder / "large", ignore_errors=True)
    setup = simulated(options.project or project, folder / "large", log)
    log(f"deploying {setup.backends[0].title}")
    try:
        setup.backends[0].change()
    except BaseException:
        setup.close()
        raise
    return setup


def run_supported(setup: Setup, options: Options, log: Log, state: RunState) -> None:
    """Run the requested drills that the target supports, until one cannot be carried out."""
    vegeta = binaries.ensure(log, ["vegeta"])["vegeta"] if setup.loaded else None
    requested = {drill.name for drill in options.drills}
    for name, reason in setup.unsupported.items():
        if name in requested:
            state.skipped.append(Skipped(name, reason))
            log(f"{name}: SKIPPED, {reason}")
    drills = [drill for drill in setup.drills if drill.name in requested]
    for number, drill in enumerate(drills, 1):
        log(f"drill {number} of {len(drills)}, {drill.name}: {drill.title}")
        result = attempt(drill, lambda one: run.run(one, setup.backends, setup.target, vegeta, log), log)
        state.results.append(result)
        log_section(section(result), log)
        if section(result).failed:
            state.skip(drills, f"{drill.name} could not be carried out, and its target is not repaired automatically")
            return
