"""Print after `make up`: the state of the four objects, as the API server reports it, and the promise."""

from __future__ import annotations

from typing import Any

from components.availability import FAILURES
from components.inspection.observation import Observation

SHARE = (
    "These are worst cases, and only requests routed to the lost pod, node or zone fail. Requests in flight there "
    "always fail."
)


def state_lines(observation: Observation) -> list[str]:
    """Return the state of the four objects that make a backend highly available, as a small table."""
    deployment, service = observation.deployment, observation.service
    budget, scaler = observation.budget, observation.autoscaler
    pods, address, allowed, active = "missing", "no address yet", "unknown", "none (autoscaling.enabled is false)"
    if deployment:
        available = _condition(deployment, "Available") == "True"
        pods = (
            f"{deployment.status.ready_replicas or 0}/{deployment.spec.replicas} "
            f"{'Available' if available else 'not Available'}"
        )
    if service and service.spec.type == "ClusterIP":
        address = "inside the cluster only (loadBalancer.enabled is false)"
    elif service and (ingress := service.status.load_balancer.ingress):
        address = ingress[0].hostname or ingress[0].ip
    if budget:
        allowed = str(budget.status.disruptions_allowed)
    if scaler:
        active = f"ScalingActive={_condition(scaler, 'ScalingActive')}"
    return [
        f"  Deployment               {pods}",
        f"  Service                  {address}",
        f"  PodDisruptionBudget      disruptionsAllowed={allowed}",
        f"  HorizontalPodAutoscaler  {active}",
    ]


def promise_lines(promise: dict[str, Any]) -> list[str]:
    """Return the promise as a small table, with the requests that it is about and the source of each number."""
    rows = {failure: promise[failure] for failure in FAILURES if failure in promise}
    lines = ["  failure  survived  recovers in  requests fail for  capacity left  because"]
    for failure, row in rows.items():
        recovery, failing = (
            "-" if not row["survived"] else f"{row[key]:.0f} s" if key in row else "with it"
            for key in ("recoverySeconds", "errorWindowSeconds")
        )
        survived = "yes" if row["survived"] else "NO"
        lines.append(
            f"  {failure:<8} {survived:<8}  {recovery:>11}  {failing:>17}  {row['capacityLeftPercent']:>11.0f} %  "
            f"{row['why']}"
        )
    return [
        *lines,
        f"  {SHARE}",
        "  sources of the recovery seconds:",
        *_sources(rows, "sources"),
        "  sources of the seconds in which requests fail:",
        *_sources(rows, "errorWindowSources"),
    ]


def _sources(rows: dict[str, Any], key: str) -> list[str]:
    return [f"    {failure:<8} {' + '.join(row[key])}" for failure, row in rows.items() if row[key]]


def _condition(resource: Any, kind: str) -> str:
    return next((c.status for c in resource.status.conditions or [] if c.type == kind), "unknown")


def across_lines(promise: dict[str, Any], placements: dict[str, Any]) -> list[str]:
    """Return the promise over several clusters, and what the router in front of them has to do."""
    row = promise["cluster"]
    shares = ", ".join(f"{name} {placement['weight']:.0f} %" for name, placement in placements.items())
    paths = sorted({placement["healthPath"] for placement in placements.values()})
    return [
        f"  loss of a cluster: survived, requests fail for {row['errorWindowSeconds']:.0f} s, "
        f"{row['capacityLeftPercent']:.0f} % of the capacity left: {row['why']}",
        f"  sources of the seconds: {' + '.join(row['errorWindowSources'])}",
        f"  required: requests spread {shares}, and health checks of each cluster at {', '.join(paths)}",
    ]
