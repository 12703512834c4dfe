"""`python -m tests.run [SUITES]`: runs the suites that can run here, says which did with what count, and which could not.

A skipped suite is never silent: it is named with its reason, before and after. CI may demand suites with
HA_BACKEND_REQUIRE=engine,...: then what cannot run is a failure.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from engine.find import find
from local.errors import LocalError
from local.nodes import requirements

PROJECT = Path(__file__).parent.parent
SUITES = ("unit", "cluster", "nodes", "engine")
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
    lines, failed, ran = [], 0, 0
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
        code, closing = _pytest(suite, environment)
        failed += code != 0
        ran += code == 0
        verdict = "FAILED  " if code else "ok      "
        lines.append(f"{verdict} {suite}: {closing} ({time.monotonic() - began:.0f} s)")
    print("\n".join(["", "Suites:", *lines]), flush=True)
    return 1 if failed or not ran else 0


def _pytest(suite: str, environment: dict[str, str]) -> tuple[int, str]:
    """Runs one suite, passing on what it prints as it comes; gives its exit code and its closing line."""
    # The slow suites name each test when it is done; the fast one has thousands, which only compute.
    # The slow ones mostly wait, for pods and deadlines: four files at a time, each with a cluster of its own.
    manner = (["-q", "-n", "2"] if suite == "unit" else ["-v"] if suite in ONE_BY_ONE
              else ["-v", "-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"])
    command = [sys.executable, "-m", "pytest", *manner, "--no-header", f"tests/{suite}"]
    closing = "no test ran"
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout or ():
            print(line, end="", flush=True)
            if re.search(r"\d+ (passed|failed|error)", line):
                closing = line.strip("= \n")
    return running.returncode, closing


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
