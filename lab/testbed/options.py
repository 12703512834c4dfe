"""What a run of drills is asked for, in words, and which of them cannot be meant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.drills.drill import Drill
from lab.drills.experiments import DRILLS
from lab.testbed.baselines import RIVALS

SUBSET = ("rollout", "drain", "kill")  # with one rival: what a pull request can wait for
SUBSET_RIVALS = ("plain",)
# Where none is named: stakater's chart does what others of these do, and all share one machine and half an hour.
USUAL_RIVALS = ("plain", "helm-create", "app-template")


class AskedError(Exception):
    """Something was asked for that there is not; the text says what would be right."""


@dataclass(frozen=True)
class Asked:
    """One run. ``named``: the drills were asked for by name, so that to skip one is to fail. ``report``: None, a new folder."""

    drills: tuple[Drill, ...]
    rivals: tuple[str, ...]
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


def parse(words: Sequence[str] | None = None) -> Asked:
    """The command line; left out, this program's own. Raises AskedError, or SystemExit where argparse knows better."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.testbed",
        allow_abbrev=False,
        description=(
            "Breaks running backends, ours and the others', measures what their users lose, and writes a report. "
            "The exit code is 0 only where every drill was carried out and kept its promise."
        ),
    )
    parser.add_argument(
        "--drill", default="", metavar="A,B", help="only these drills; left out: all, in their own order"
    )
    parser.add_argument(
        "--rivals",
        default="",
        metavar="A,B",
        help=f"these others: {', '.join(RIVALS)}, or none; left out: {','.join(USUAL_RIVALS)}",
    )
    parser.add_argument(
        "--subset", action="store_true", help=f"for CI: --drill {','.join(SUBSET)} --rivals {','.join(SUBSET_RIVALS)}"
    )
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="where to write; left out: .ha-backend/reports/<date-time>"
    )
    parser.add_argument(
        "--project", type=Path, metavar="DIR", help="deploy ours from this copy of the program; left out: this one"
    )
    parser.add_argument(
        "--cluster",
        choices=("nodes", "kwok"),
        default="nodes",
        help="where: on real nodes, or on many simulated ones, endpoints only (no root)",
    )
    theirs = parser.add_argument_group("on a cluster of your own, to one backend that runs there")
    theirs.add_argument("--kubeconfig", default="", metavar="FILE", help="its kubeconfig")
    theirs.add_argument("--context", default="", help="the context in it; the current one is never used")
    theirs.add_argument("--namespace", default="", help="the backend's; no other is touched")
    theirs.add_argument("--name", default="backend-service", help="of its Deployment and Service")
    theirs.add_argument(
        "--load", action="store_true", help="send requests even to an address that is not this machine's"
    )
    theirs.add_argument("--rate", type=int, default=50, help="requests a second")
    theirs.add_argument("--yes-nodes", action="store_true", help="close and drain nodes without a question")
    parser.add_argument("--recordings", action="store_true", help="write every request, too: recordings.json.gz")
    parser.add_argument("--keep", action="store_true", help="leave the cluster running in the end")
    parser.add_argument("--remove", action="store_true", help="remove a cluster that was kept, and do nothing else")
    parser.add_argument("--list", action="store_true", help="name the drills and the others, and do nothing else")
    given = parser.parse_args(words)
    chosen, others = _names(given.drill), _names(given.rivals)
    if given.subset and (chosen or others):
        raise AskedError("--subset: names drills and rivals itself; right would be without --drill and --rivals")
    if given.subset:
        chosen, others = list(SUBSET), list(SUBSET_RIVALS)
    _known("--drill", chosen, DRILLS)
    if others != ["none"]:
        _known("--rivals", others, (*RIVALS, "none"), alone="none")
    if given.kubeconfig and not (given.context and given.namespace):
        raise AskedError(
            "--kubeconfig: which context, and which namespace? Right would be --kubeconfig FILE --context NAME "
            "--namespace NAME (with make: KUBECONFIG=FILE CONTEXT=NAME NAMESPACE=NAME)"
        )
    if given.namespace and not given.kubeconfig:
        raise AskedError("--namespace: of which cluster? Right would be with --kubeconfig and --context")
    if given.project and not (given.project / "__main__.py").is_file():
        raise AskedError(f"--project: {given.project} holds no program; right would be a copy of this project")
    if given.report and given.report.exists() and not given.report.is_dir():
        raise AskedError(f"--report: {given.report} is no folder; right would be a folder, or a path where nothing is")
    rivals = () if others == ["none"] else tuple(name for name in RIVALS if name in (others or USUAL_RIVALS))
    return Asked(
        tuple(drill for name, drill in DRILLS.items() if name in chosen or not chosen),
        rivals,
        named=bool(chosen),
        report=given.report,
        project=given.project,
        keep=given.keep,
        recordings=given.recordings,
        only_list=given.list,
        only_remove=given.remove,
        cluster=given.cluster,
        kubeconfig=given.kubeconfig,
        context=given.context,
        namespace=given.namespace,
        name=given.name,
        rate=given.rate,
        load=given.load,
        yes_nodes=given.yes_nodes,
    )


def listing() -> str:
    """All drills and rivals, by the names that they are asked for with."""
    drills = [(drill.name, f"{drill.title}: {drill.promise}") for drill in DRILLS.values()]
    rivals = [(rival.name, f"{rival.title} ({rival.source})") for rival in RIVALS.values()]
    wide = max(len(name) for name, _ in (*drills, *rivals))

    def rows(found: Iterable[tuple[str, str]]) -> list[str]:
        return [f"  {name:{wide}}  {said}" for name, said in found]

    return "\n".join(["drills", *rows(drills), "rivals", *rows(rivals)])


def _names(text: str) -> list[str]:
    return [name for name in re.split(r"[,\s]+", text) if name]


def _known(key: str, names: Sequence[str], right: Iterable[str], alone: str = "") -> None:
    allowed = list(right)
    if unknown := [name for name in dict.fromkeys(names) if name not in allowed]:
        raise AskedError(f"{key}: {', '.join(map(repr, unknown))} is not known; right would be: {', '.join(allowed)}")
    if alone in names:
        raise AskedError(f"{key}: {alone} stands alone; right would be {alone}, or names without it")
