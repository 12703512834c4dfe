"""`python -m ops.cli.apply up|destroy STACK`: deploy a stack to its existing cluster with kubectl alone.

For drills on machines without Pulumi. There is neither a preview nor a state, so do not deploy anything else in this
way.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from components import folders, preflight
from components.devcluster.kubeconfig import write_private
from components.runtime import stack_file
from ops.cli.errors import TRIAL_UNSUPPORTED
from ops.cli.kubectl_apply import ApplyError, KubectlApply
from ops.cli.reporting import USER_ERRORS, log
from ops.exit_codes import ExitCode
from ops.render.evaluate import evaluate

PROJECT = Path(__file__).parent.parent.parent
_INSTALL = "install Pulumi (https://www.pulumi.com/docs/install)"


def main() -> int:
    """Return 0, or 1 with one message."""
    parser = argparse.ArgumentParser(prog="python -m ops.cli.apply", description=__doc__)
    parser.add_argument("command", choices=["up", "destroy"])
    parser.add_argument("stack")
    options = parser.parse_args()
    try:
        _run(options.command, options.stack)
    except USER_ERRORS as error:
        log(f"error: {error}")
        return ExitCode.FAILED
    return ExitCode.OK


def _run(command: str, stack: str) -> None:
    settings = stack_file.settings(PROJECT, stack)
    if settings.several:
        raise ApplyError(
            f"The stack {stack!r} has several clusters, which only Pulumi updates in order: {_INSTALL}, or write one "
            "stack for each cluster.",
            TRIAL_UNSUPPORTED,
        )
    (site,) = settings.sites
    if reason := site.cluster.needs_engine():
        raise ApplyError(
            f"The stack {stack!r} {reason}: {_INSTALL}, or name a kubeconfig (kind: existing).", TRIAL_UNSUPPORTED
        )
    if site.cluster.embedded:
        raise ApplyError(
            f"The stack {stack!r} has its own embedded cluster: run python -m ops.cli {command} {stack}.",
            TRIAL_UNSUPPORTED,
        )
    options = preflight.LookUp(backend=site.backend, log=log, warn=log)
    site.cluster.check(options)
    known = site.cluster.locate(options)
    kubeconfig = folders.own(PROJECT) / f"kubeconfig-{stack}"
    kubeconfig.parent.mkdir(exist_ok=True, mode=0o700)
    write_private(kubeconfig, known.access.kubeconfig)
    applied = KubectlApply(kubeconfig, settings, log, known.access.context)
    if command == "destroy":
        applied.remove()
        kubeconfig.unlink()
        folders.tidy(PROJECT)
        return
    preflight.facts(known, options)  # rejects settings that cannot hold on this cluster
    applied.apply(evaluate(PROJECT, stack))
    applied.wait()


if __name__ == "__main__":
    sys.exit(main())
