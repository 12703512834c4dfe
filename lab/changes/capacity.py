"""Whether there is less capacity after a change than before, from what the API server stores."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from components.settings.quantity import amount
from lab.changes.snapshot import Snapshot


def lower(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Everything that is less, in words."""
    old, new = least(before), least(after)
    if new < old:
        yield f"at least {new} pods run, not {old}"
    most = [
        scaler["spec"]["maxReplicas"] for found in (before, after) if (scaler := found.only("HorizontalPodAutoscaler"))
    ]
    if len(most) == 2 and most[1] < most[0]:
        yield f"at most {most[1]} pods run, not {most[0]}"
    yield from _targets(before, after)
    yield from _sizes(before, after)
    yield from _quotas(before, after)


def least(found: Snapshot) -> int:
    """The number of pods that the autoscaler, or else the Deployment, does not go below."""
    deployment, scaler = found.only("Deployment"), found.only("HorizontalPodAutoscaler")
    number: int = scaler["spec"]["minReplicas"] if scaler else deployment["spec"]["replicas"] if deployment else 0
    return number


def _targets(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """What the autoscaler steers to: a higher one means fewer pods for the same load."""
    scalers = [found.only("HorizontalPodAutoscaler") for found in (before, after)]
    if None in scalers:
        return
    old, new = (
        {name: value for metric in scaler["spec"].get("metrics") or () for name, value in _target(metric)}
        for scaler in scalers
        if scaler
    )
    for name, value in old.items():
        if name not in new:
            yield f"{name} is not looked at any more"
        elif new[name] > value:
            yield f"{name} may be {new[name]} before pods are added, and was {value}"


def _target(metric: Any) -> Iterator[tuple[str, Decimal]]:
    for source in metric.values():
        if isinstance(source, dict):
            name = source.get("name") or source.get("metric", {}).get("name")
            for key, value in source["target"].items():
                if key != "type":
                    yield f"{name} {key}", amount(str(value))


def _sizes(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Of the containers that are in the pods before and after."""
    old, new = (_smallest(found) for found in (before, after))
    for name in sorted(old.keys() & new.keys()):
        for key in sorted(old[name].keys() | new[name].keys()):
            missing = Decimal("Infinity" if key.startswith("limits") else 0)
            was, now = old[name].get(key, missing), new[name].get(key, missing)
            if now < was:
                yield f"{key} of {name} is {now}, and was {was}"


def _smallest(found: Snapshot) -> dict[str, dict[str, Decimal]]:
    """What each container may use and is sure to have, in the pod that has least."""
    sizes: dict[str, dict[str, Decimal]] = {}
    for container in (container for pod in found.pods.values() for container in pod["spec"]["containers"]):
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
                for quota in found.all("ResourceQuota")
                if key in quota["spec"]["hard"]
            )
            for one in found.all("ResourceQuota")
            for key in one["spec"]["hard"]
        }
        for found in (before, after)
    )
    for key, value in new.items():
        if before.pods and value < old.get(key, Decimal("Infinity")):
            yield f"the quota has room for {key} {value}, not {old.get(key, 'any number')}"
