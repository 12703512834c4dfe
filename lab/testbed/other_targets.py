"""Drills on the other grounds: many simulated nodes, or a cluster of the user's own with a backend that runs there already."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from components.devcluster import binaries
from lab.drills import run
from lab.drills.report.content import Skipped, section
from lab.testbed.context import Setting
from lab.testbed.options import Asked
from lab.testbed.runner import Done, attempt, tell
from lab.testbed.simulated import simulated
from lab.testbed.user_cluster import Theirs, theirs

Log = Callable[[str], None]


def set_up(given: Asked, project: Path, folder: Path, log: Log) -> Setting:
    """The ground that was asked for. Raises TheirsError, LocalError or DrillError."""
    if given.kubeconfig:
        asked = Theirs(
            given.kubeconfig, given.context, given.namespace, given.name, given.load, given.rate, given.yes_nodes
        )
        return theirs(asked, log, input if sys.stdin.isatty() else None)
    shutil.rmtree(folder / "large", ignore_errors=True)
    made = simulated(given.project or project, folder / "large", log)
    log(f"deploying {made.backends[0].title}")
    try:
        made.backends[0].change()
    except BaseException:
        made.close()
        raise
    return made


def carry_out(setting: Setting, given: Asked, log: Log, done: Done) -> None:
    """What was asked for and can take place there, one after the other; ends at the first that could not be carried out."""
    vegeta = binaries.ensure(log, ["vegeta"])["vegeta"] if setting.loaded else None
    asked = {drill.name for drill in given.drills}
    for name, why in setting.cannot.items():
        if name in asked:
            done.skipped.append(Skipped(name, why))
            log(f"{name}: SKIPPED, {why}")
    drills = [drill for drill in setting.drills if drill.name in asked]
    for number, drill in enumerate(drills, 1):
        log(f"drill {number} of {len(drills)}, {drill.name}: {drill.title}")
        found = attempt(drill, lambda one: run.run(one, setting.backends, setting.ground, vegeta, log), log)
        done.results.append(found)
        tell(section(found), log)
        if section(found).failed:
            done.leave_out(drills, f"{drill.name} could not be carried out, and nobody has mended what it left")
            return
