"""Whether a change lowers capacity, derived from the objects that the API server stores."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from components.settings.quantity import amount
from lab.changes.snapshot import Snapshot


def lower(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield every reduction, as text."""
    old, new = min_replicas(before), min_replicas(after)
    if new < old:
        yield f"the minimum of pods is {new}, was {old}"
    most = [
        scaler["spec"]["maxReplicas"]
        for snapshot in (before, after)
        if (scaler := snapshot.only("HorizontalPodAutoscaler"))
    ]
    if len(most) == 2 and most[1] < most[0]:
        yield f"the maximum of pods is {most[1]}, was {most[0]}"
    yield from _targets(before, after)
    yield from _sizes(before, after)
    yield from _quotas(before, after)


def min_replicas(snapshot: Snapshot) -> int:
    """Return the minimum of pods: the autoscaler's, or the Deployment's replicas without one."""
    deployment, scaler = snapshot.only("Deployment"), snapshot.only("HorizontalPodAutoscaler")
    number: int = scaler["spec"]["minReplicas"] if scaler else deployment["spec"]["replicas"] if deployment else 0
    return number


def _targets(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield the autoscaler's raised or removed targets: a higher target means fewer pods for the same load."""
    scalers = [snapshot.only("HorizontalPodAutoscaler") for snapshot in (before, after)]
    if None in scalers:
        return
    old, new = (
        {name: value for metric in scaler["spec"].get("metrics") or () for name, value in _target(metric)}
        for scaler in scalers
        if scaler
    )
    for name, value in old.items():
        if name not in new:
            yield f"{name} is no longer a target of the autoscaler"
        elif new[name] > value:
            yield f"the autoscaler's target of {name} is {new[name]}, was {value}"


def _target(metric: Any) -> Iterator[tuple[str, Decimal]]:
    for source in metric.values():
        if isinstance(source, dict):
            name = source.get("name") or source.get("metric", {}).get("name")
            for key, value in source["target"].items():
                if key != "type":
                    yield f"{name} {key}", amount(str(value))


def _sizes(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield the reductions of containers that exist before and after."""
    old, new = (_smallest(snapshot) for snapshot in (before, after))
    for name in sorted(old.keys() & new.keys()):
        for key in sorted(old[name].keys() | new[name].keys()):
            missing = Decimal("Infinity" if key.startswith("limits") else 0)
            was, now = old[name].get(key, missing), new[name].get(key, missing)
            if now < was:
                yield f"{key} of {name} is {now}, was {was}"


def _smallest(snapshot: Snapshot) -> dict[str, dict[str, Decimal]]:
    """Return the requests and limits of each container, in the pod with the smallest ones."""
    sizes: dict[str, dict[str, Decimal]] = {}
    for container in (container for pod in snapshot.pods.values() for container in pod["spec"]["containers"]):
        known = sizes.setdefault(container["name"], {})
        for part in ("requests", "limits"):
            for name, value in (container.get("resources", {}).get(part) or {}).items():
                size = amount(str(value))
                known[f"{part} {name}"] = min(size, known.get(f"{part} {name}", size))
    return sizes


def _quotas(before: Snapshot, after: Snapshot) -> Iterator[str]:
    old, new = (
        {
            key: min(
                amount(str(quota["spec"]["hard"][key]))
                for quota in snapshot.all("ResourceQuota")
                if key in quota["spec"]["hard"]
            )
            for one in snapshot.all("ResourceQuota")
            for key in one["spec"]["hard"]
        }
        for snapshot in (before, after)
    )
    for key, value in new.items():
        if before.pods and value < old.get(key, Decimal("Infinity")):
            yield f"the quota allows {key} {value}, was {old.get(key, 'unlimited')}"
