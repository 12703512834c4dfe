"""Whether nodes of somebody's own cluster may be closed and drained: by what is there, and by what its owner says."""

from __future__ import annotations

from collections.abc import Callable

from components.settings.well_known import ZONE_LABEL
from lab.drills.drill import NODES
from lab.drills.kube import DrillError
from lab.drills.pods import Pod
from lab.drills.user_target import TheirGround
from lab.testbed.user_backend import TheirBackend

DRAINS = ("drain", "zone-drain")


def senseless(ground: TheirGround, backend: TheirBackend, pods: list[Pod]) -> dict[str, str]:
    """Why its nodes, or those of one of its zones, are not to be drained, by the drill's name."""
    if blocking := [
        one["metadata"]["name"] for one in backend.budgets() if not one["status"].get("disruptionsAllowed")
    ]:
        return dict.fromkeys(
            DRAINS,
            f"PodDisruptionBudget {blocking[0]} allows no disruption at this moment: a drain would wait for ever",
        )
    nodes = {
        node.metadata.name: (node.metadata.labels or {}).get(ZONE_LABEL, "")
        for node in ground.kube.nodes()
        if not node.spec.unschedulable
        and not any(taint.effect != "PreferNoSchedule" for taint in node.spec.taints or [])
    }
    found = {}
    if len(nodes) < 2:
        found["drain"] = "there is no second node that takes pods"
    if len(set(nodes.values()) - {""}) < 2 or not all(nodes.get(pod.node) for pod in pods):
        found["zone-drain"] = "its nodes are not known to be in two zones"
    return found


def budget(backend: TheirBackend) -> str:
    """What its disruption budgets say, in a sentence."""
    try:
        names = [one["metadata"]["name"] for one in backend.budgets()]
    except DrillError as error:
        return f"{error}."
    if not names:
        return "No PodDisruptionBudget covers it: a drain may take all pods of a node at once, so that no number is promised."
    return f"PodDisruptionBudget {', '.join(names)} lets {backend.budget} pods go at a time."


def obtain(ground: TheirGround, what: str, context: str, *, beforehand: bool, ask: Callable[[str], str] | None) -> None:
    """Asks whether ``what`` may be done; without a yes the ground cannot do it any more.

    ``ask`` puts a question and gives the answer; None where nobody is there. ``beforehand``: the answer was yes already.
    """
    if beforehand:
        return
    if ask is None:
        ground.cannot[NODES] = (
            "nodes are touched only after a yes, and nobody is there to be asked: --yes-nodes says it before"
        )
        return
    said = ask(
        f"{what}\nType yes to let nodes of context {context} be closed and drained, anything else to leave them alone: "
    )
    if said.strip().lower() != "yes":
        ground.cannot[NODES] = "nodes are touched only after a yes, and the answer was another"
