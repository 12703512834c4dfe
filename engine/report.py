"""What is printed after `make up`: the state of the four objects, as the API server tells it, and the promise."""

from __future__ import annotations

from typing import Any

from availability import FAILURES
from inspection.observation import Observation


def state_lines(seen: Observation) -> list[str]:
    """The four things that make a backend highly available, as a small table."""
    deployment, service, budget, scaler = seen.deployment, seen.service, seen.budget, seen.autoscaler
    pods, address, allowed, active = "not there", "no address yet", "unknown", "none (autoscaling.enabled is false)"
    if deployment:
        available = _condition(deployment, "Available") == "True"
        pods = (f"{deployment.status.ready_replicas or 0}/{deployment.spec.replicas} "
                f"{'Available' if available else 'not Available'}")
    if service and (ingress := service.status.load_balancer.ingress):
        address = ingress[0].hostname or ingress[0].ip
    if budget:
        allowed = str(budget.status.disruptions_allowed)
    if scaler:
        active = f"ScalingActive={_condition(scaler, 'ScalingActive')}"
    return [f"  Deployment               {pods}", f"  Service                  {address}",
            f"  PodDisruptionBudget      disruptionsAllowed={allowed}", f"  HorizontalPodAutoscaler  {active}"]


def promise_lines(promise: dict[str, Any]) -> list[str]:
    """The promise as a small table, and where each number comes from."""
    rows = {failure: promise[failure] for failure in FAILURES if failure in promise}
    lines = ["  failure  survived  recovers in  capacity left  because"]
    for failure, row in rows.items():
        recovery = f"{row['recoverySeconds']:.0f} s" if row["survived"] else "-"
        survived = "yes" if row["survived"] else "NO"
        lines.append(f"  {failure:<8} {survived:<8}  {recovery:>11}  {row['capacityLeftPercent']:>11.0f} %  {row['why']}")
    return [*lines, "  where the seconds come from:",
            *(f"    {failure:<8} {' + '.join(row['sources'])}" for failure, row in rows.items() if row["sources"])]


def _condition(found: Any, kind: str) -> str:
    return next((c.status for c in found.status.conditions or [] if c.type == kind), "unknown")
