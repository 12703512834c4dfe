"""Whether less is guaranteed after a change than before, from the objects as they are stored and the promise in the outputs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from lab.changes import pods, policies
from lab.changes.capacity import least
from lab.changes.snapshot import Object, Snapshot


def weaker(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Everything that is guaranteed less, in words."""
    yield from _budget(before, after)
    yield from pods.weaker(before, after)
    yield from _release(before, after)
    if before.only("HorizontalPodAutoscaler") and not after.only("HorizontalPodAutoscaler"):
        yield "no autoscaler follows the load"
    yield from _service(before.only("Service"), after.only("Service"))
    yield from policies.weaker(before, after)
    yield from _needs(before, after)
    yield from _promise(before.promise, after.promise)


def _budget(before: Snapshot, after: Snapshot) -> Iterator[str]:
    old, new = before.only("PodDisruptionBudget"), after.only("PodDisruptionBudget")
    if old is None or new is None:
        if old:
            yield "no budget keeps a drain from taking all pods"
        elif new and not _may_go(new, _most(after)):
            yield "no pod may ever be evicted"
        return
    if old["status"]["expectedPods"] and not new["status"]["expectedPods"]:
        yield "the budget protects no pod"
    for number in {least(after), _most(after)}:
        was, now = _may_go(old, number), _may_go(new, number)
        if now > was:
            yield f"of {number} pods a drain may take {now} at a time, not {was}"
        elif was > 0 >= now:
            yield "no pod may ever be evicted"
    same = old["status"]["expectedPods"] == new["status"]["expectedPods"]
    if same and new["status"]["disruptionsAllowed"] > old["status"]["disruptionsAllowed"]:
        yield f"the cluster allows {new['status']['disruptionsAllowed']} disruptions at a time"


def _most(found: Snapshot) -> int:
    scaler = found.only("HorizontalPodAutoscaler")
    return scaler["spec"]["maxReplicas"] if scaler else least(found)


def _may_go(budget: Object, pods: int) -> int:
    """How many of so many pods a budget lets go, as the disruption controller counts."""
    spec = budget["spec"]
    if "maxUnavailable" in spec:
        return _share(spec["maxUnavailable"], pods, math.ceil)
    return pods - _share(spec.get("minAvailable", 0), pods, math.ceil)


def _share(value: Any, pods: int, rounded: Any) -> int:
    return int(rounded(int(value.removesuffix("%")) * pods / 100)) if isinstance(value, str) else int(value)


def _release(before: Snapshot, after: Snapshot) -> Iterator[str]:
    old, new = (deployment["spec"] if (deployment := found.only("Deployment")) else None for found in (before, after))
    if not old or not new:
        return
    if new.get("minReadySeconds", 0) < old.get("minReadySeconds", 0):
        yield "a new pod counts sooner"
    for number in {least(after), _most(after)}:
        if away(new, number) > away(old, number):
            yield f"a release may take {away(new, number)} of {number} pods away"


def away(deployment: Object, pods: int) -> int:
    """How many of so many pods a release may take away at a time; all of them where it makes them anew."""
    strategy = deployment.get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return pods
    rolling = strategy.get("rollingUpdate") or {}
    surge = _share(rolling.get("maxSurge", "25%"), pods, math.ceil)
    return min(pods, _share(rolling.get("maxUnavailable", "25%"), pods, math.floor) or (0 if surge else 1))


def _service(old: Object | None, new: Object | None) -> Iterator[str]:
    if old is None or new is None:
        return
    was, now = old["spec"], new["spec"]
    if now.get("publishNotReadyAddresses") and not was.get("publishNotReadyAddresses"):
        yield "pods get requests before they are ready"
    if was.get("externalTrafficPolicy") == "Local" and now.get("externalTrafficPolicy") == "Cluster":
        yield "a lost node gets requests through the others until it counts as lost"
    ranges = [set(spec.get("loadBalancerSourceRanges") or ["0.0.0.0/0"]) for spec in (was, now)]
    if ranges[0] - ranges[1]:
        yield f"clients are refused: {', '.join(sorted(ranges[0] - ranges[1]))}"


def _needs(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """What pods cannot start without, and is not there any more."""
    text = json.dumps(after.template)
    for kind, mention in (
        ("ServiceAccount", '"serviceAccountName": "{}"'),
        ("ConfigMap", '"configMapRef": {{"name": "{}"}}'),
        ("Secret", '"secretRef": {{"name": "{}"}}'),
    ):
        names, left = ({one["metadata"]["name"] for one in found.all(kind)} for found in (before, after))
        yield from (
            f"{kind} {name} is gone, and pods name it" for name in sorted(names - left) if mention.format(name) in text
        )


def _promise(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for failure in old.keys() & new.keys():
        # One that is left out is longer than any number: capacity is back only with what was lost.
        was, now = (
            (
                row["survived"],
                -row.get("recoverySeconds", math.inf),
                -row["errorWindowSeconds"],
                row["capacityLeftPercent"],
            )
            for row in (old[failure], new[failure])
        )
        if (was[0] and not now[0]) or (
            was[0] == now[0] and any(one < other for one, other in zip(now, was, strict=True))
        ):
            yield f"less is promised for: {failure}"
