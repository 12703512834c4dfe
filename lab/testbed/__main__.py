"""`python -m lab.testbed`: set up testbeds, run drills, write the report. Progress on stderr, the table on stdout."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from components import folders
from components.devcluster import binaries, priority
from components.devcluster.errors import DevClusterError
from components.devcluster.locks import held
from components.inspection.client import InspectionError
from components.settings import SettingsError
from lab.drills import run
from lab.drills.drill import CLUSTERS, SITE_LINK, Drill
from lab.drills.kube import DrillError
from lab.drills.report import markdown
from lab.drills.report.content import Skipped, build_report
from lab.testbed import multi_cluster, other_targets, shutdown, site
from lab.testbed.context import partition
from lab.testbed.multi_cluster import MultiClusterTestbed
from lab.testbed.options import Options, OptionsError, listing, parse
from lab.testbed.publish import publish
from lab.testbed.run_info import about
from lab.testbed.runner import RunState, run_drills
from lab.testbed.setup import NodesTestbed, remove
from lab.testbed.site import SiteTestbed
from lab.testbed.user_cluster import UserClusterError

PROJECT = Path(__file__).parent.parent.parent
TITLE = "Failure drills"
INCONCLUSIVE = 3
_INTERRUPTED = "the run was interrupted"
AnyTestbed = NodesTestbed | MultiClusterTestbed  # SiteTestbed is a NodesTestbed


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if every drill ran and kept its promise, 1 if one did not, 2 for invalid options.

    3: no promise was broken, but a drill was inconclusive because of the measuring machine. 128 +: a signal.
    """
    log = clocked()
    try:
        options = parse(arguments)
    except OptionsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if options.only_list:
        print(listing())
        return 0
    try:
        with held(_folder(), log, "another run of drills is in progress in this checkout: waiting for it"):
            if options.only_remove:
                _remove(log)
                return 0
            return play(options, log)
    except (DevClusterError, OSError) as error:
        log(f"error: {error}")
        return 1


def play(options: Options, log: Callable[[str], None]) -> int:
    """Run the drills. However the run ends, write the results so far and remove the cluster."""
    began = datetime.now().astimezone()
    folder = options.report or folders.own(PROJECT) / "reports" / f"{began:%Y-%m-%d-%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)  # fail now rather than after an hour
    state, facts, code, verdict = RunState(), [("date", f"{began:%Y-%m-%d %H:%M}")], 1, 1
    close: Callable[[], None] = lambda: None  # noqa: E731
    # This process samples the endpoints: a gap in the samples would say nothing about the backends.
    with shutdown.ignore_signals(log), priority.of_this_process(priority.FIRST):
        try:
            with shutdown.stop_on_signal(log):
                if options.kubeconfig or options.cluster == "kwok":
                    context = other_targets.set_up(options, PROJECT, _folder(), log)
                    close = context.close
                    facts += context.about
                    other_targets.run_supported(context, options, log, state)
                else:
                    vegeta = binaries.ensure(log, ["vegeta"])["vegeta"]
                    _remove(log)
                    for make, drills in _testbeds(options, state, log):
                        close()  # the previous testbed: the machine is small
                        testbed = make(options.project or PROJECT, _folder(), log, options.baselines)
                        close = partial(_close, testbed, options, log)
                        log(f"deploying {', '.join(backend.title for backend in testbed.backends)}")
                        testbed.deploy()
                        names = [backend.name for backend in testbed.backends if backend.name in options.baselines]
                        facts = [*(facts if len(facts) > 1 else about(testbed, names, began)), *testbed.about]
                        run_drills(testbed, drills, partial(_run, testbed, vegeta, log, state), log, state)
                code = 0
        except shutdown.Interrupted as interrupted:
            code = 128 + interrupted.number
        except UserClusterError as error:
            log(f"error: {error}")
        except (DevClusterError, DrillError, InspectionError, SettingsError) as error:
            log(f"error: the testbed could not be set up: {error}")
        finally:
            try:
                verdict = _publish(options, state, facts, folder, log)
            finally:
                close()
    return code or verdict


def _testbeds(
    options: Options, state: RunState, log: Callable[[str], None]
) -> Iterator[tuple[type[AnyTestbed], list[Drill]]]:
    """Yield the testbeds one after the other: one cluster for most drills, an edge site, several clusters."""
    single, multi = partition(options.drills, CLUSTERS)
    single, at_site = partition(single, SITE_LINK)
    if single:
        yield NodesTestbed, single
    if at_site:
        yield SiteTestbed, at_site
    if multi and (reason := multi_cluster.unsupported_reason(options.project or PROJECT, log)):
        for drill in multi:
            state.skipped.append(Skipped(drill.name, reason))
            log(f"{drill.name}: SKIPPED, {reason}")
    elif multi:
        if multi_cluster.BASELINE in options.baselines:
            state.remarks.update({drill.name: multi_cluster.REMARK for drill in multi})
        yield MultiClusterTestbed, multi


def _run(
    testbed: AnyTestbed, vegeta: Path, log: Callable[[str], None], state: RunState, drill: Drill
) -> list[run.Result]:
    results = run.run(drill, testbed.backends, testbed.target, vegeta, log)
    return site.without_comparison(results, state.remarks) if isinstance(testbed, SiteTestbed) else results


def _publish(
    options: Options, state: RunState, facts: list[tuple[str, str]], folder: Path, log: Callable[[str], None]
) -> int:
    """Write the report, print its table, and return the exit code."""
    complete = not state.lost and not (options.named and state.skipped)
    if not state.results:
        log("no drill ran: there is nothing to report")
        with suppress(OSError):  # the folder may contain other files
            folder.rmdir()
        return 1
    state.skip(options.drills, _INTERRUPTED)
    report = build_report(state.results, facts, TITLE, skipped=state.skipped, remarks=state.remarks)
    log("writing the report")
    for path in publish(report, folder, options.recordings):
        print(path)
    print(f"\n{markdown.render(report)}", flush=True)
    if complete and report.kept:
        return 0
    inconclusive = complete and all(section.status in ("kept", "invalid") for section in report.sections)
    return INCONCLUSIVE if inconclusive else 1


def _close(testbed: AnyTestbed, options: Options, log: Callable[[str], None]) -> None:
    if options.keep:
        log(f"keeping the cluster: {testbed.where}; the next run removes it, or `python -m lab.testbed --remove`")
    else:
        log("removing the cluster")
        testbed.close()


def _remove(log: Callable[[str], None]) -> None:
    remove(_folder(), log)
    site.remove(_folder(), log)
    multi_cluster.remove(_folder(), log)


def _folder() -> Path:
    """Return the folder of the testbeds; one run at a time."""
    return folders.own(PROJECT) / "testbed"


def clocked() -> Callable[[str], None]:
    """Return a logger to stderr that prints the time of day and the minutes and seconds since the start."""
    began = time.monotonic()

    def log(text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        print(f"{datetime.now():%H:%M:%S} +{minutes:02}:{seconds:02}  {text}", file=sys.stderr, flush=True)

    return log


if __name__ == "__main__":
    result = main()
    if result > 128:
        # Threads may still wait for a cluster that is gone; do not join them.
        sys.stdout.flush()
        os._exit(result)
    sys.exit(result)
