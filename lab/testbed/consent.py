"""Whether drills may cordon and drain nodes of a user's cluster: what the cluster allows, and what the user answers."""

from __future__ import annotations

from collections.abc import Callable

from components.settings.well_known import ZONE_LABEL
from lab.drills.drill import NODES
from lab.drills.kube import DrillError
from lab.drills.pods import Pod
from lab.drills.user_target import UserTarget
from lab.testbed.user_backend import UserBackend

DRAINS = ("drain", "zone-drain")


def unsafe_drains(target: UserTarget, backend: UserBackend, pods: list[Pod]) -> dict[str, str]:
    """Return the drills that must not drain this backend's nodes, by name, each with the reason."""
    if blocking := [
        one["metadata"]["name"] for one in backend.budgets() if not one["status"].get("disruptionsAllowed")
    ]:
        return dict.fromkeys(
            DRAINS,
            f"PodDisruptionBudget {blocking[0]} allows no disruption at this moment: a drain would never finish",
        )
    nodes = {
        node.metadata.name: (node.metadata.labels or {}).get(ZONE_LABEL, "")
        for node in target.kube.nodes()
        if not node.spec.unschedulable
        and not any(taint.effect != "PreferNoSchedule" for taint in node.spec.taints or [])
    }
    reasons = {}
    if len(nodes) < 2:
        reasons["drain"] = "there is no second schedulable node"
    if len(set(nodes.values()) - {""}) < 2 or not all(nodes.get(pod.node) for pod in pods):
        reasons["zone-drain"] = "its nodes are not known to be in two zones"
    return reasons


def describe_budget(backend: UserBackend) -> str:
    """Describe the disruption budgets of a backend in a sentence."""
    try:
        names = [one["metadata"]["name"] for one in backend.budgets()]
    except DrillError as error:
        return f"{error}."
    if not names:
        return (
            "No PodDisruptionBudget covers it: a drain may evict all pods of a node at once. No capacity is promised."
        )
    return f"PodDisruptionBudget {', '.join(names)} allows {backend.max_unavailable} evictions at a time."


def request(target: UserTarget, plan: str, context: str, *, beforehand: bool, ask: Callable[[str], str] | None) -> None:
    """Ask whether the drills may carry out ``plan``; without a yes, mark nodes as unsupported on the target.

    ``ask`` prints a question and returns the answer; None without a terminal. ``beforehand``: the user has agreed
    already.
    """
    if beforehand:
        return
    if ask is None:
        target.unsupported[NODES] = (
            "nodes are touched only after a yes, and there is no terminal to ask on: agree with --yes-nodes"
        )
        return
    answer = ask(
        f"{plan}\nType yes to cordon and drain nodes of context {context}, anything else to leave them alone: "
    )
    if answer.strip().lower() != "yes":
        target.unsupported[NODES] = "nodes are touched only after a yes, and the answer was different"
