"""`python -m ops.cli.apply up|destroy STACK`: the program on the existing cluster that a stack names, with kubectl alone.

For drills on machines without pulumi. There is no preview and no state, so that nothing else should be deployed in this way.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pulumi import RunError

from components import preflight
from components.devcluster.errors import LocalError
from components.devcluster.kubeconfig import write_private
from components.inspection.verification import NotHighlyAvailable
from components.preflight import PreflightError
from components.runtime import folders, stack_file
from components.runtime.stack_file import StackFileError
from components.settings import ClusterApiCluster, ExistingCluster, SettingsError, StackReferenceCluster
from ops.cli.kubectl_apply import Applied, ApplyError
from ops.render.evaluate import evaluate

PROJECT = Path(__file__).parent.parent.parent


def log(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Exit code 0, or 1 with one message."""
    parser = argparse.ArgumentParser(prog="python -m ops.cli.apply", description=__doc__)
    parser.add_argument("command", choices=["up", "destroy"])
    parser.add_argument("stack")
    given = parser.parse_args()
    try:
        _run(given.command, given.stack)
    except (
        SettingsError,
        StackFileError,
        PreflightError,
        LocalError,
        ApplyError,
        NotHighlyAvailable,
        RunError,
    ) as error:
        log(f"error: {error}")
        return 1
    return 0


def _unread(stack: str) -> preflight.Outputs:
    raise preflight.Unreadable(f"{stack}: there is no pulumi")


def _run(command: str, stack: str) -> None:
    settings = stack_file.settings(PROJECT, stack)
    if settings.several:
        raise ApplyError(
            f"The stack {stack!r} has several clusters, one after the other, which takes pulumi: install it "
            "(https://www.pulumi.com/docs/install), or write a stack for each"
        )
    (site,) = settings.sites
    cluster = site.cluster
    if isinstance(cluster, StackReferenceCluster):
        raise ApplyError(
            f"The stack {stack!r} runs on the cluster of {cluster.stack!r}, whose outputs only pulumi can read: "
            "install it (https://www.pulumi.com/docs/install), or name a kubeconfig (kind: existing)"
        )
    if isinstance(cluster, ClusterApiCluster):
        raise ApplyError(
            f"The stack {stack!r} makes its cluster by Cluster API, which takes pulumi: install it "
            "(https://www.pulumi.com/docs/install), or name a kubeconfig (kind: existing)"
        )
    if not isinstance(cluster, ExistingCluster):
        raise ApplyError(f"The stack {stack!r} has its own embedded cluster: python -m ops.cli {command} {stack}")
    preflight.check(cluster, folders.own(PROJECT), log)
    way = preflight.way(cluster, _unread)
    kubeconfig = folders.own(PROJECT) / f"kubeconfig-{stack}"
    kubeconfig.parent.mkdir(exist_ok=True, mode=0o700)
    write_private(kubeconfig, way.access)
    applied = Applied(kubeconfig, settings, log, cluster.context)
    if command == "destroy":
        applied.remove()
        kubeconfig.unlink()
        folders.tidy(PROJECT)
        return
    preflight.facts(way, settings.backend, log)  # asked for what it refuses
    applied.apply(evaluate(PROJECT, stack))
    applied.wait()


if __name__ == "__main__":
    sys.exit(main())
