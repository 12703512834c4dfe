"""`python -m tools.test [SUITES]`: run the suites that this machine can run, and name those that it cannot.

Without SUITES, tests marked ``slow`` are skipped, each by name, so that everything ends in about half an hour.
A skipped suite is reported with its reason, and each failure is repeated at the end. Set HA_BACKEND_REQUIRE=engine,...
to turn a suite that cannot run into a failure.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from components.devcluster.nodes import requirements
from ops.cli.pulumi_binary import find

PROJECT = Path(__file__).parent.parent
SUITES = ("unit", "cluster", "nodes", "engine", "corpus")
SHORT = "HA_BACKEND_SHORT"
"""Set in the environment of a short run: slow tests are skipped, and property tests draw fewer examples."""
CORPUS = "HA_BACKEND_CORPUS"
"""Environment variable: a folder of public manifests for the corpus suite, which clones them otherwise."""
_REASON_CHARACTERS = 2000
# The suites choose their own Pulumi state. A make below another make prints its folder, which tests would read.
_NOT_INHERITED = ("PULUMI_BACKEND", "PULUMI_CONFIG", "MAKELEVEL", "MAKEFLAGS", "MFLAGS")
_PYTEST_OPTIONS = {
    "unit": ["-q", "-n", "2"],
    # Its tests look at the mounts, routes and control groups of the whole machine: one after the other.
    "nodes": ["-v"],
    # The others mostly wait for pods and deadlines: several files at a time, each with a cluster of its own.
    "cluster": ["-v", "-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"],
    "engine": ["-v", "-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"],
    "corpus": ["-q"],
}


@dataclass(frozen=True)
class Outcome:
    """The result of one suite."""

    passed: bool
    summary: str
    failures: tuple[str, ...] = ()


def missing(suite: str, *, named: bool) -> str | None:
    """Return why a suite cannot run on this machine, or None if it can. ``named``: it is asked for by its name."""
    if suite == "corpus" and not named and not os.environ.get(CORPUS):
        return "it clones public repositories, so only `make test SUITE=corpus` runs it"
    if suite == "nodes":
        try:
            requirements.check(nodes=6)  # three of the suite's cluster, and three of a test's own
        except Exception as error:  # its class is the development cluster's business
            return str(error).rstrip(".")
    if suite == "engine":
        engine = find(PROJECT, print, install=False)
        return engine if isinstance(engine, str) else None
    return None


def main(names: str) -> int:
    """Return 0 if every suite that ran passed and at least one ran, 2 for an unknown suite."""
    wanted = [name for name in re.split(r"[,\s]+", names) if name]
    if unknown := sorted(set(wanted) - set(SUITES)):
        print(f"SUITE: unknown suite {', '.join(unknown)}; valid values: {', '.join(SUITES)}", file=sys.stderr)
        return 2
    # A shell script starts background programs deaf to Ctrl-C; the programs that tests interrupt would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    required = set(re.split(r"[,\s]+", os.environ.get("HA_BACKEND_REQUIRE", "")))
    lines: list[str] = []
    failures: list[str] = []
    ran = failed = 0
    for suite in wanted or SUITES:
        if reason := missing(suite, named=bool(wanted)):
            lines.append(f"SKIPPED  {suite}: {reason}. Nothing it would prove is proved by this run.")
            print(lines[-1], flush=True)
            failed += suite in required
            continue
        print(f"== {suite} ==", flush=True)
        start = time.monotonic()
        outcome = _run(suite, short=not wanted)
        failures += outcome.failures
        ran += outcome.passed
        failed += not outcome.passed
        verdict = "ok      " if outcome.passed else "FAILED  "
        lines.append(f"{verdict} {suite}: {outcome.summary} ({time.monotonic() - start:.0f} s)")
    print("\n".join(["", *failures, "Suites:", *lines]), flush=True)
    return 1 if failed or not ran else 0


def _run(suite: str, *, short: bool) -> Outcome:
    """Run one suite and pass its output on."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(_NOT_INHERITED)}
    if short:
        environment[SHORT] = "1"
    summary = "no test ran"
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        command = [sys.executable, "-m", "pytest", *_PYTEST_OPTIONS[suite], "--no-header", f"--junitxml={results}"]
        with subprocess.Popen(
            [*command, f"tests/{suite}"], cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
        ) as running:
            for line in running.stdout or ():
                print(line, end="", flush=True)
                if re.search(r"\d+ (passed|failed|error)", line):
                    summary = line.strip("= \n")
        failures = tuple(_failures(results.read_text())) if results.exists() else ()
    return Outcome(running.returncode == 0, summary, failures)


def _failures(results: str) -> Iterator[str]:
    """Yield each failed test with its reason, shortened in the middle so that a cut log still shows it."""
    for case in ElementTree.fromstring(results).iter("testcase"):  # noqa: S314 (pytest wrote it)
        for failure in (*case.iter("failure"), *case.iter("error")):
            text = failure.get("message") or ""
            if len(text) > _REASON_CHARACTERS:
                text = f"{text[: _REASON_CHARACTERS // 4]}\n  [...]\n{text[-_REASON_CHARACTERS * 3 // 4 :]}"
            indented = text.strip().replace("\n", "\n  ")
            yield f"FAILED {case.get('classname')}::{case.get('name')}\n  {indented}\n"


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
