"""Whether a change weakens what the pod template guarantees: placement, probes, termination."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lab.changes.snapshot import Object, Snapshot

_FOREVER = math.inf
_DEFAULT_SECONDS = 300  # the toleration that the API server adds by default


def weaker(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield every weaker guarantee of the pod template, as text."""
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
    yield from (f"the topology spread over {key} is weaker" for key in was if now.get(key, (0, 0)) < was[key])
    before, after = (_anti_affinity(spec) for spec in (old, new))
    yield from (f"the {how} anti-affinity by {key} is removed" for how, key in sorted(before - after))
    if old.get("priorityClassName") and old["priorityClassName"] != new.get("priorityClassName") and new:
        yield "pods have another priority class"
    was_bound, is_bound = (
        {
            one["key"]: one.get("tolerationSeconds", _FOREVER)
            for one in spec.get("tolerations") or ()
            if one.get("effect") == "NoExecute"
        }
        for spec in (old, new)
    )
    yield from (
        f"pods tolerate a node that is {key} for longer"
        for key in sorted(was_bound.keys() | is_bound.keys())
        if new and is_bound.get(key, _DEFAULT_SECONDS) > was_bound.get(key, _DEFAULT_SECONDS)
    )


def _anti_affinity(spec: Object) -> set[tuple[str, str]]:
    terms = (spec.get("affinity") or {}).get("podAntiAffinity") or {}
    return {
        (how[:9], (term.get("podAffinityTerm") or term)["topologyKey"])
        for how, entries in terms.items()
        for term in entries
    }


def _containers(before: Snapshot, after: Snapshot) -> Iterator[str]:
    old, new = (
        {one["name"]: one for one in (snapshot.template.get("spec") or {}).get("containers") or ()}
        for snapshot in (before, after)
    )
    for name in old.keys() & new.keys():
        for probe in ("readinessProbe", "livenessProbe"):
            if _detection_seconds(new[name].get(probe)) > _detection_seconds(old[name].get(probe)):
                yield f"the {probe} of {name} detects a failure later"
        if "startupProbe" in old[name] and "startupProbe" not in new[name]:
            yield f"the startupProbe of {name} is removed"
        if _pre_stop_seconds(new[name]) < _pre_stop_seconds(old[name]):
            yield f"the preStop hook of {name} is shorter"
    grace = [
        (snapshot.template.get("spec") or {}).get("terminationGracePeriodSeconds", 0) for snapshot in (before, after)
    ]
    if after.template and grace[1] < grace[0]:
        yield f"the termination grace period is {grace[1]} s, was {grace[0]} s"


def _detection_seconds(probe: Object | None) -> float:
    """Return the seconds until a probe detects a pod that hangs."""
    if probe is None:
        return _FOREVER
    seconds: float = probe["periodSeconds"] * probe["failureThreshold"] + probe["timeoutSeconds"]
    return seconds + float(probe.get("initialDelaySeconds", 0))


def _pre_stop_seconds(container: Object) -> float:
    """Return the seconds of a container's preStop hook."""
    hook = (container.get("lifecycle") or {}).get("preStop")
    return float((hook.get("sleep") or {}).get("seconds", 0.5)) if hook else 0
