"""Whether less is guaranteed after a change than before, from the objects as they are stored and the promise in the outputs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tests.changes import policies
from tests.changes.capacity import least
from tests.changes.snapshot import Object, Snapshot

_FOR_EVER = math.inf
_UNSAID = 300  # seconds that the API server itself lets a pod be bound to a lost node


def weaker(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Everything that is guaranteed less, in words."""
    yield from _budget(before, after)
    yield from _placement(before.template.get("spec") or {}, after.template.get("spec") or {})
    yield from _containers(before, after)
    yield from _release(before, after)
    if before.only("HorizontalPodAutoscaler") and not after.only("HorizontalPodAutoscaler"):
        yield "no autoscaler follows the load"
    yield from _service(before.only("Service"), after.only("Service"))
    yield from policies.weaker(before, after)
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


def _placement(old: Object, new: Object) -> Iterator[str]:
    ranks = {"DoNotSchedule": 2, "ScheduleAnyway": 1}
    was, now = ({one["topologyKey"]: (ranks[one["whenUnsatisfiable"]], -one["maxSkew"])
                 for one in spec.get("topologySpreadConstraints") or ()} for spec in (old, new))
    yield from (f"pods are spread less strictly over {key}" for key in was if now.get(key, (0, 0)) < was[key])
    apart, still = (_apart(spec) for spec in (old, new))
    yield from (f"pods are not kept apart any more, {how} by {key}" for how, key in sorted(apart - still))
    if old.get("priorityClassName") and old["priorityClassName"] != new.get("priorityClassName") and new:
        yield "pods have another priority"
    bound, longer = ({one["key"]: one.get("tolerationSeconds", _FOR_EVER) for one in spec.get("tolerations") or ()
                      if one.get("effect") == "NoExecute"} for spec in (old, new))
    yield from (f"pods stay bound for longer to a node that is {key}" for key in sorted(bound.keys() | longer.keys())
                if new and longer.get(key, _UNSAID) > bound.get(key, _UNSAID))


def _apart(spec: Object) -> set[tuple[str, str]]:
    terms = (spec.get("affinity") or {}).get("podAntiAffinity") or {}
    return {(how[:9], (term.get("podAffinityTerm") or term)["topologyKey"]) for how, found in terms.items() for term in found}


def _containers(before: Snapshot, after: Snapshot) -> Iterator[str]:
    old, new = ({one["name"]: one for one in (found.template.get("spec") or {}).get("containers") or ()}
                for found in (before, after))
    for name in old.keys() & new.keys():
        for probe in ("readinessProbe", "livenessProbe"):
            if _patience(new[name].get(probe)) > _patience(old[name].get(probe)):
                yield f"{name} is asked for {probe} less"
        if "startupProbe" in old[name] and "startupProbe" not in new[name]:
            yield f"{name} is not waited for while it starts"
        if _held(new[name]) < _held(old[name]):
            yield f"{name} serves for less long after it is told to stop"
    grace = [(found.template.get("spec") or {}).get("terminationGracePeriodSeconds", 0) for found in (before, after)]
    if after.template and grace[1] < grace[0]:
        yield f"pods have {grace[1]} s to end, not {grace[0]}"


def _patience(probe: Object | None) -> float:
    """Seconds until a pod that hangs is noticed."""
    if probe is None:
        return _FOR_EVER
    asked: float = probe["periodSeconds"] * probe["failureThreshold"] + probe["timeoutSeconds"]
    return asked + float(probe.get("initialDelaySeconds", 0))


def _held(container: Object) -> float:
    """Seconds of its preStop hook."""
    hook = (container.get("lifecycle") or {}).get("preStop")
    return float((hook.get("sleep") or {}).get("seconds", 0.5)) if hook else 0


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


def _promise(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for failure in old.keys() & new.keys():
        was, now = ((row["survived"], -row["recoverySeconds"], -row["requestsFailSeconds"], row["capacityLeftPercent"])
                    for row in (old[failure], new[failure]))
        if (was[0] and not now[0]) or (was[0] == now[0] and any(one < other for one, other in zip(now, was, strict=True))):
            yield f"less is promised for: {failure}"
