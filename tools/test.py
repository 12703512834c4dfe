"""`python -m tools.test [SUITES]`: runs the suites that can run here, says which did with what count, and which could not.

Without a name the long tests of the engine suite are left out, so that all others end in half an hour; each is named.
A skipped suite is never silent: it is named with its reason, before and after, and why a test failed is said again at the
end. CI may demand suites with HA_BACKEND_REQUIRE=engine,...: then what cannot run is a failure.
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
from pathlib import Path
from xml.etree import ElementTree

from components.devcluster.errors import LocalError
from components.devcluster.nodes import requirements
from ops.cli.pulumi_binary import find

PROJECT = Path(__file__).parent.parent
SUITES = ("unit", "cluster", "nodes", "engine")
_REASON = 2000  # characters
SHORT = (
    "HA_BACKEND_SHORT"  # set where no suite is named: then long tests are left out, by name, and fewer settings drawn
)
ONE_BY_ONE = ("nodes",)  # they look at all of the machine
# The suites choose their own state: the user's must neither be used nor seen. And a make that finds itself below another one
# prints where it is, among what the tests read.
NOT_HANDED_ON = ("PULUMI_BACKEND", "PULUMI_CONFIG", "MAKELEVEL", "MAKEFLAGS", "MFLAGS")


def missing(suite: str) -> str | None:
    """Why a suite cannot run on this machine; None when it can."""
    if suite == "nodes":
        try:
            requirements.check(nodes=6)  # the suite's cluster, and one of a test's own
        except LocalError as error:
            return str(error).rstrip(".")
    if suite == "engine":
        engine = find(PROJECT, print, install=False)
        return engine if isinstance(engine, str) else None
    return None


def main(asked: str) -> int:
    """Exit code 0 when every suite that ran is green and at least one did."""
    wanted = [name for name in re.split(r"[,\s]+", asked) if name] or list(SUITES)
    if unknown := sorted(set(wanted) - set(SUITES)):
        print(f"SUITE: {', '.join(unknown)} is not known; right would be: {', '.join(SUITES)}", file=sys.stderr)
        return 2
    # A script's shell starts what is in the background deaf to Ctrl-C, and all that the tests interrupt would be deaf as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    demanded = set(re.split(r"[,\s]+", os.environ.get("HA_BACKEND_REQUIRE", "")))
    lines, failures, failed, ran = [], list[str](), 0, 0
    for suite in wanted:
        reason = missing(suite)
        if reason:
            lines.append(f"SKIPPED  {suite}: {reason}. Nothing it would prove is proved by this run.")
            failed += suite in demanded
            print(lines[-1], flush=True)
            continue
        print(f"== {suite} ==", flush=True)
        began = time.monotonic()
        environment = {key: value for key, value in os.environ.items() if not key.startswith(NOT_HANDED_ON)}
        environment |= {} if asked.strip() else {SHORT: "1"}
        code, closing, told = _pytest(suite, environment)
        failures += told
        failed += code != 0
        ran += code == 0
        verdict = "FAILED  " if code else "ok      "
        lines.append(f"{verdict} {suite}: {closing} ({time.monotonic() - began:.0f} s)")
    print("\n".join(["", *failures, "Suites:", *lines]), flush=True)
    return 1 if failed or not ran else 0


def _pytest(suite: str, environment: dict[str, str]) -> tuple[int, str, list[str]]:
    """Runs one suite, passing on what it prints as it comes; gives its exit code, its closing line and what failed."""
    # The slow suites name each test when it is done; the fast one has thousands, which only compute.
    # The slow ones mostly wait, for pods and deadlines: four files at a time, each with a cluster of its own.
    manner = (
        ["-q", "-n", "2"]
        if suite == "unit"
        else ["-v"]
        if suite in ONE_BY_ONE
        else ["-v", "-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    )
    closing = "no test ran"
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        command = [sys.executable, "-m", "pytest", *manner, "--no-header", f"--junitxml={results}", f"tests/{suite}"]
        with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True) as running:
            for line in running.stdout or ():
                print(line, end="", flush=True)
                if re.search(r"\d+ (passed|failed|error)", line):
                    closing = line.strip("= \n")
        return running.returncode, closing, list(_failures(results.read_text())) if results.exists() else []


def _failures(results: str) -> Iterator[str]:
    """Each test that failed and how its reason ends: a log that is cut in the middle still holds it."""
    for case in ElementTree.fromstring(results).iter("testcase"):  # noqa: S314 (it is our own)
        for found in (*case.iter("failure"), *case.iter("error")):
            reason = found.get("message") or ""
            short = (
                reason
                if len(reason) <= _REASON
                else f"{reason[: _REASON // 4]}\n  [...]\n{reason[-_REASON * 3 // 4 :]}"
            )
            yield f"FAILED {case.get('classname')}::{case.get('name')}\n  " + short.strip().replace("\n", "\n  ") + "\n"


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
