"""`python -m lab.testbed`: sets the stage, carries out the drills, writes the report. Progress on stderr, the table on stdout."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from components.devcluster import binaries, priority
from components.devcluster.errors import LocalError
from components.devcluster.locks import held
from components.inspection.client import InspectionError
from components.runtime import folders
from components.settings import SettingsError
from lab.drills import run
from lab.drills.drill import CLUSTERS, LINK, Drill
from lab.drills.kube import DrillError
from lab.drills.report import markdown
from lab.drills.report.content import Skipped, of_results
from lab.testbed import multi_cluster, options, other_targets, shutdown, site
from lab.testbed.context import parted
from lab.testbed.multi_cluster import Several
from lab.testbed.options import Asked
from lab.testbed.publish import publish
from lab.testbed.run_info import about
from lab.testbed.runner import Done, carry_out
from lab.testbed.setup import Stage, remove
from lab.testbed.site import Site
from lab.testbed.user_cluster import TheirsError

PROJECT = Path(__file__).parent.parent.parent
TITLE = "Failure drills"
UNPROVED = 3
_LOST = "the run was ended before it was done"
AnyStage = Stage | Several  # a site is a stage too


def main(words: Sequence[str] | None = None) -> int:
    """0: every drill was carried out and kept its promise. 1: one was not. 2: something else was asked for.

    3: no promise was broken, but a drill proved nothing, because the machine could not measure. 128 +: a signal.
    """
    log = clocked()
    try:
        given = options.parse(words)
    except options.AskedError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if given.only_list:
        print(options.listing())
        return 0
    try:
        with held(_folder(), log, "another run of drills is under way in this checkout: waiting for it"):
            if given.only_remove:
                _remove(log)
                return 0
            return play(given, log)
    except (LocalError, OSError) as error:
        log(f"error: {error}")
        return 1


def play(given: Asked, log: Callable[[str], None]) -> int:
    """One run. Whatever ends it, what was done until then is written, and the cluster removed."""
    began = datetime.now().astimezone()
    folder = given.report or folders.own(PROJECT) / "reports" / f"{began:%Y-%m-%d-%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)  # found out now rather than after an hour
    done, facts, code, green = Done(), [("date", f"{began:%Y-%m-%d %H:%M}")], 1, 1
    close: Callable[[], None] = lambda: None  # noqa: E731
    # It samples what is ready: a gap in that would say nothing of the backends.
    with shutdown.undisturbed(log), priority.mine(priority.FIRST):
        try:
            with shutdown.endable(log):
                if given.kubeconfig or given.cluster == "kwok":
                    setting = other_targets.set_up(given, PROJECT, _folder(), log)
                    close = setting.close
                    facts += setting.about
                    other_targets.carry_out(setting, given, log, done)
                else:
                    vegeta = binaries.ensure(log, ["vegeta"])["vegeta"]
                    _remove(log)
                    for make, drills in _stages(given, done, log):
                        close()  # of the one before: the machine is small
                        stage = make(given.project or PROJECT, _folder(), log, given.rivals)
                        close = partial(_close, stage, given, log)
                        log(f"deploying {', '.join(backend.title for backend in stage.backends)}")
                        stage.deploy()
                        others = [backend.name for backend in stage.backends if backend.name in given.rivals]
                        facts = [*(facts if len(facts) > 1 else about(stage, others, began)), *stage.about]
                        carry_out(stage, drills, partial(_once, stage, vegeta, log, done), log, done)
                code = 0
        except shutdown.Ended as ended:
            code = 128 + ended.number
        except TheirsError as error:
            log(f"error: {error}")
        except (LocalError, DrillError, InspectionError, SettingsError) as error:
            log(f"error: the stage could not be set: {error}")
        finally:
            try:
                green = _publish(given, done, facts, folder, log)
            finally:
                close()
    return code or green


def _stages(given: Asked, done: Done, log: Callable[[str], None]) -> Iterator[tuple[type[AnyStage], list[Drill]]]:
    """What the drills take place on, one after the other: most on one cluster, some at a site, some on several clusters."""
    one, more = parted(given.drills, CLUSTERS)
    one, at_site = parted(one, LINK)
    if one:
        yield Stage, one
    if at_site:
        yield Site, at_site
    if more and (why := multi_cluster.lacks(given.project or PROJECT, log)):
        for drill in more:
            done.skipped.append(Skipped(drill.name, why))
            log(f"{drill.name}: SKIPPED, {why}")
    elif more:
        if multi_cluster.RIVAL in given.rivals:
            done.remarks.update({drill.name: multi_cluster.REMARK for drill in more})
        yield Several, more


def _once(stage: AnyStage, vegeta: Path, log: Callable[[str], None], done: Done, drill: Drill) -> list[run.Result]:
    found = run.run(drill, stage.backends, stage.ground, vegeta, log)
    return site.told(found, done.remarks) if isinstance(stage, Site) else found


def _publish(given: Asked, done: Done, facts: list[tuple[str, str]], folder: Path, log: Callable[[str], None]) -> int:
    """Writes the report, prints its table, and gives the exit code that it deserves."""
    complete = not done.lost and not (given.named and done.skipped)
    if not done.results:
        log("no drill was done: there is nothing to report")
        with suppress(OSError):  # others keep something there
            folder.rmdir()
        return 1
    done.leave_out(given.drills, _LOST)
    report = of_results(done.results, facts, TITLE, skipped=done.skipped, remarks=done.remarks)
    log("writing the report")
    for path in publish(report, folder, given.recordings):
        print(path)
    print(f"\n{markdown.render(report)}", flush=True)
    if complete and report.kept:
        return 0
    unproved = complete and all(found.status in ("kept", "invalid") for found in report.sections)
    return UNPROVED if unproved else 1


def _close(stage: AnyStage, given: Asked, log: Callable[[str], None]) -> None:
    if given.keep:
        log(f"the cluster is kept: {stage.where}; the next run removes it, or `python -m lab.testbed --remove`")
    else:
        log("removing the cluster")
        stage.close()


def _remove(log: Callable[[str], None]) -> None:
    remove(_folder(), log)
    site.remove(_folder(), log)
    multi_cluster.remove(_folder(), log)


def _folder() -> Path:
    """Where the stage lives; one run at a time."""
    return folders.own(PROJECT) / "stage"


def clocked() -> Callable[[str], None]:
    """Progress on stderr: the time of day, minutes and seconds since the start, and what happens."""
    began = time.monotonic()

    def log(text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        print(f"{datetime.now():%H:%M:%S} +{minutes:02}:{seconds:02}  {text}", file=sys.stderr, flush=True)

    return log


if __name__ == "__main__":
    result = main()
    if result > 128:
        # Threads may be left that wait for what was taken from under them; nobody waits for those.
        sys.stdout.flush()
        os._exit(result)
    sys.exit(result)
