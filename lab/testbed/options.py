"""The command line of a run of drills, and its validation."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.drills.drill import Drill
from lab.drills.experiments import DRILLS
from lab.testbed.baselines import BASELINES

SUBSET = ("rollout", "drain", "kill")  # with one baseline: fast enough for a pull request
SUBSET_BASELINES = ("plain",)
# Not stakater's chart: it behaves like others of these, and all share one machine and half an hour.
DEFAULT_BASELINES = ("plain", "helm-create", "app-template")


class OptionsError(Exception):
    """An invalid option; the message names the valid values."""


@dataclass(frozen=True)
class Options:
    """A run. ``named``: the drills were named, so a skipped one is a failure. ``report``: None for a new folder."""

    drills: tuple[Drill, ...]
    baselines: tuple[str, ...]
    named: bool
    report: Path | None = None
    project: Path | None = None
    cluster: str = "nodes"
    kubeconfig: str = ""
    context: str = ""
    namespace: str = ""
    name: str = "backend-service"
    rate: int = 50
    load: bool = False
    yes_nodes: bool = False
    keep: bool = False
    recordings: bool = False
    only_list: bool = False
    only_remove: bool = False


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Parse the command line; by default this process' own. Raises OptionsError, or SystemExit by argparse."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.testbed",
        allow_abbrev=False,
        description=(
            "Break running backends, verified ones and baselines, measure what their users lose, and write a report. "
            "The exit code is 0 only if every drill ran and kept its promise."
        ),
    )
    parser.add_argument(
        "--drill", default="", metavar="A,B", help="run only these drills; all by default, always in their own order"
    )
    parser.add_argument(
        "--baselines",
        default="",
        metavar="A,B",
        help=f"baselines to compare with: {', '.join(BASELINES)}, or none; default: {','.join(DEFAULT_BASELINES)}",
    )
    parser.add_argument(
        "--subset",
        action="store_true",
        help=f"for CI: --drill {','.join(SUBSET)} --baselines {','.join(SUBSET_BASELINES)}",
    )
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="report folder; default: .ha-backend/reports/<date-time>"
    )
    parser.add_argument(
        "--project", type=Path, metavar="DIR", help="deploy from this copy of the program; default: this checkout"
    )
    parser.add_argument(
        "--cluster",
        choices=("nodes", "kwok"),
        default="nodes",
        help="real nodes (needs root), or many simulated ones whose endpoints are measured without load",
    )
    user = parser.add_argument_group("drills on one backend of your own cluster")
    user.add_argument("--kubeconfig", default="", metavar="FILE", help="kubeconfig of the cluster")
    user.add_argument("--context", default="", help="context in it; the current context is never used")
    user.add_argument("--namespace", default="", help="namespace of the backend; no other is touched")
    user.add_argument("--name", default="backend-service", help="name of its Deployment and Service")
    user.add_argument("--load", action="store_true", help="send requests even to an address of another machine")
    user.add_argument("--rate", type=int, default=50, help="requests a second")
    user.add_argument("--yes-nodes", action="store_true", help="cordon and drain nodes without asking")
    parser.add_argument("--recordings", action="store_true", help="also write every request to recordings.json.gz")
    parser.add_argument("--keep", action="store_true", help="keep the cluster after the run")
    parser.add_argument("--remove", action="store_true", help="remove a cluster that was kept, and exit")
    parser.add_argument("--list", action="store_true", help="list drills and baselines, and exit")
    options = parser.parse_args(arguments)
    drills, baselines = _names(options.drill), _names(options.baselines)
    if options.subset and (drills or baselines):
        raise OptionsError("--subset: it selects drills and baselines itself: omit --drill and --baselines")
    if options.subset:
        drills, baselines = list(SUBSET), list(SUBSET_BASELINES)
    _validate("--drill", drills, DRILLS)
    if baselines != ["none"]:
        _validate("--baselines", baselines, (*BASELINES, "none"), alone="none")
    if options.kubeconfig and not (options.context and options.namespace):
        raise OptionsError(
            "--kubeconfig: it needs --context NAME and --namespace NAME "
            "(with make: KUBECONFIG=FILE CONTEXT=NAME NAMESPACE=NAME)"
        )
    if options.namespace and not options.kubeconfig:
        raise OptionsError("--namespace: it needs a cluster: add --kubeconfig FILE and --context NAME")
    if options.project and not (options.project / "__main__.py").is_file():
        raise OptionsError(f"--project: {options.project} contains no program: use a copy of this project")
    if options.report and options.report.exists() and not options.report.is_dir():
        raise OptionsError(f"--report: {options.report} is not a folder: use a folder, or a new path")
    selected = () if baselines == ["none"] else tuple(n for n in BASELINES if n in (baselines or DEFAULT_BASELINES))
    return Options(
        tuple(drill for name, drill in DRILLS.items() if name in drills or not drills),
        selected,
        named=bool(drills),
        report=options.report,
        project=options.project,
        keep=options.keep,
        recordings=options.recordings,
        only_list=options.list,
        only_remove=options.remove,
        cluster=options.cluster,
        kubeconfig=options.kubeconfig,
        context=options.context,
        namespace=options.namespace,
        name=options.name,
        rate=options.rate,
        load=options.load,
        yes_nodes=options.yes_nodes,
    )


def listing() -> str:
    """List all drills and baselines by name."""
    drills = [(drill.name, f"{drill.title}: {drill.promise}") for drill in DRILLS.values()]
    baselines = [(baseline.name, f"{baseline.title} ({baseline.source})") for baseline in BASELINES.values()]
    wide = max(len(name) for name, _ in (*drills, *baselines))

    def rows(items: Iterable[tuple[str, str]]) -> list[str]:
        return [f"  {name:{wide}}  {text}" for name, text in items]

    return "\n".join(["drills", *rows(drills), "baselines", *rows(baselines)])


def _names(text: str) -> list[str]:
    return [name for name in re.split(r"[,\s]+", text) if name]


def _validate(key: str, names: Sequence[str], valid: Iterable[str], alone: str = "") -> None:
    values = list(valid)
    if unknown := [name for name in dict.fromkeys(names) if name not in values]:
        raise OptionsError(f"{key}: {', '.join(map(repr, unknown))} is invalid: valid values: {', '.join(values)}")
    if alone in names:
        raise OptionsError(f"{key}: {alone} excludes other names: use {alone} alone, or names without it")
