"""Whether pods are placed, asked and ended with less care after a change than before."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lab.changes.snapshot import Object, Snapshot

_FOR_EVER = math.inf
_UNSAID = 300  # seconds that the API server itself lets a pod be bound to a lost node


def weaker(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Everything that is guaranteed less by what pods are made from, in words."""
    yield from _placement(before.template.get("spec") or {}, after.template.get("spec") or {})
    yield from _containers(before, after)


def _placement(old: Object, new: Object) -> Iterator[str]:
    ranks = {"DoNotSchedule": 2, "ScheduleAnyway": 1}
    was, now = (
        {
            one["topologyKey"]: (ranks[one["whenUnsatisfiable"]], -one["maxSkew"])
            for one in spec.get("topologySpreadConstraints") or ()
        }
        for spec in (old, new)
    )
    yield from (f"pods are spread less strictly over {key}" for key in was if now.get(key, (0, 0)) < was[key])
    apart, still = (_apart(spec) for spec in (old, new))
    yield from (f"pods are not kept apart any more, {how} by {key}" for how, key in sorted(apart - still))
    if old.get("priorityClassName") and old["priorityClassName"] != new.get("priorityClassName") and new:
        yield "pods have another priority"
    bound, longer = (
        {
            one["key"]: one.get("tolerationSeconds", _FOR_EVER)
            for one in spec.get("tolerations") or ()
            if one.get("effect") == "NoExecute"
        }
        for spec in (old, new)
    )
    yield from (
        f"pods stay bound for longer to a node that is {key}"
        for key in sorted(bound.keys() | longer.keys())
        if new and longer.get(key, _UNSAID) > bound.get(key, _UNSAID)
    )


def _apart(spec: Object) -> set[tuple[str, str]]:
    terms = (spec.get("affinity") or {}).get("podAntiAffinity") or {}
    return {
        (how[:9], (term.get("podAffinityTerm") or term)["topologyKey"])
        for how, found in terms.items()
        for term in found
    }


def _containers(before: Snapshot, after: Snapshot) -> Iterator[str]:
    old, new = (
        {one["name"]: one for one in (found.template.get("spec") or {}).get("containers") or ()}
        for found in (before, after)
    )
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
