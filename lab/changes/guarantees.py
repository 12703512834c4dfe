"""Whether a change weakens a guarantee, derived from the stored objects and the promise in the outputs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from lab.changes import pods, policies
from lab.changes.capacity import min_replicas
from lab.changes.snapshot import Object, Snapshot


def weaker(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield every weaker guarantee, as text."""
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
            yield "no disruption budget limits a drain"
        elif new and not _allowed_evictions(new, _max_replicas(after)):
            yield "no pod can ever be evicted"
        return
    if old["status"]["expectedPods"] and not new["status"]["expectedPods"]:
        yield "the disruption budget covers no pod"
    for number in {min_replicas(after), _max_replicas(after)}:
        was, now = _allowed_evictions(old, number), _allowed_evictions(new, number)
        if now > was:
            yield f"a drain may evict {now} of {number} pods at a time, was {was}"
        elif was > 0 >= now:
            yield "no pod can ever be evicted"
    same = old["status"]["expectedPods"] == new["status"]["expectedPods"]
    if same and new["status"]["disruptionsAllowed"] > old["status"]["disruptionsAllowed"]:
        yield f"the cluster allows {new['status']['disruptionsAllowed']} disruptions at a time"


def _max_replicas(snapshot: Snapshot) -> int:
    scaler = snapshot.only("HorizontalPodAutoscaler")
    return scaler["spec"]["maxReplicas"] if scaler else min_replicas(snapshot)


def _allowed_evictions(budget: Object, pods: int) -> int:
    """Return how many of so many pods a budget allows to evict, as the disruption controller computes it."""
    spec = budget["spec"]
    if "maxUnavailable" in spec:
        return _share(spec["maxUnavailable"], pods, math.ceil)
    return pods - _share(spec.get("minAvailable", 0), pods, math.ceil)


def _share(value: Any, pods: int, rounded: Any) -> int:
    return int(rounded(int(value.removesuffix("%")) * pods / 100)) if isinstance(value, str) else int(value)


def _release(before: Snapshot, after: Snapshot) -> Iterator[str]:
    old, new = (
        deployment["spec"] if (deployment := snapshot.only("Deployment")) else None for snapshot in (before, after)
    )
    if not old or not new:
        return
    if new.get("minReadySeconds", 0) < old.get("minReadySeconds", 0):
        yield "a new pod counts as available sooner"
    for number in {min_replicas(after), _max_replicas(after)}:
        if max_unavailable(new, number) > max_unavailable(old, number):
            yield f"a release may make {max_unavailable(new, number)} of {number} pods unavailable"


def max_unavailable(deployment: Object, pods: int) -> int:
    """Return how many of so many pods a release may make unavailable; all of them with Recreate."""
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
        yield "pods receive requests before they are ready"
    if was.get("externalTrafficPolicy") == "Local" and now.get("externalTrafficPolicy") == "Cluster":
        yield "a lost node receives requests for other nodes until it counts as lost"
    ranges = [set(spec.get("loadBalancerSourceRanges") or ["0.0.0.0/0"]) for spec in (was, now)]
    if ranges[0] - ranges[1]:
        yield f"clients are rejected: {', '.join(sorted(ranges[0] - ranges[1]))}"


def _needs(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield objects that pods cannot start without, and that no longer exist."""
    text = json.dumps(after.template)
    for kind, mention in (
        ("ServiceAccount", '"serviceAccountName": "{}"'),
        ("ConfigMap", '"configMapRef": {{"name": "{}"}}'),
        ("Secret", '"secretRef": {{"name": "{}"}}'),
    ):
        names, left = ({one["metadata"]["name"] for one in snapshot.all(kind)} for snapshot in (before, after))
        yield from (
            f"{kind} {name} is deleted, and pods refer to it"
            for name in sorted(names - left)
            if mention.format(name) in text
        )


def _promise(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for failure in old.keys() & new.keys():
        # An omitted time is longer than any number: capacity returns only with what was lost.
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
            yield f"the promise is weaker for: {failure}"
