"""Deployments and other workloads: whether their pods restart, become fewer, or are protected less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ops.review import probes
from ops.review.context import Inputs, ReviewContext
from ops.review.difference import Difference, less
from ops.review.effect import Effect, Finding

TEMPLATE = "spec.template"
_POD = f"{TEMPLATE}.spec"
_CONTAINER, _FIRST = f"{_POD}.containers[]", f"{_POD}.initContainers[]"
_DISK = "a pod that fills the disk of its node takes other pods with it"
# What keeps a pod serving. Removing it weakens the guarantee.
_PROTECTIONS = {
    f"{_CONTAINER}.readinessProbe": "a pod receives requests before it can answer them",
    f"{_CONTAINER}.livenessProbe": "a hanging pod is never restarted",
    f"{_CONTAINER}.startupProbe": "the other probes apply during a slow start",
    f"{_FIRST}.readinessProbe": "a pod receives requests before its sidecar is ready",
    f"{_FIRST}.livenessProbe": "a hanging sidecar is never restarted",
    f"{_FIRST}.startupProbe": "the backend no longer waits until its sidecar has started",
    f"{_FIRST}.restartPolicy": "a container that ran next to the backend must now end before the backend starts",
    f"{_CONTAINER}.resources.limits.memory": "a pod that leaks takes other pods of its node with it",
    f"{_CONTAINER}.resources.limits.ephemeral-storage": _DISK,
    f"{_POD}.volumes[].emptyDir.sizeLimit": _DISK,
    f"{_POD}.topologySpreadConstraints": "all pods may run in one zone or on one node",
    f"{_POD}.affinity": "pods may be scheduled elsewhere",
    f"{_POD}.priorityClassName": "pods may be preempted by others",
}
_SHORTER = {
    f"{_POD}.terminationGracePeriodSeconds": "a pod has less time to finish its requests",
    f"{_CONTAINER}.lifecycle.preStop.sleep.seconds": "a pod stops sooner after it begins to terminate",
    "spec.minReadySeconds": "a pod counts as available sooner, even if it is about to fail",
}
_SMALLER = tuple(f"{one}.resources.{side}" for one in (_CONTAINER, _FIRST) for side in ("requests", "limits"))
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_FEWER = (
    f"{_POD}.nodeSelector",
    *(f"{_POD}.affinity.{kind}.{_REQUIRED}" for kind in ("nodeAffinity", "podAffinity", "podAntiAffinity")),
)
# Seconds that a pod stays bound to a lost node: Kubernetes' default, and a toleration without tolerationSeconds.
_BOUND, _FOREVER = 300, 10**9


def workload(before: Inputs, after: Inputs, changes: tuple[Difference, ...], _: ReviewContext) -> Iterator[Finding]:
    """Yield what an update of a Deployment, StatefulSet or DaemonSet does."""
    if template := tuple(one for one in changes if one.within(TEMPLATE)):
        yield _restarted(after, template)
    yield from _replicas(changes)
    yield from _strategy_changes(before, after, changes)
    yield from _protections(changes)
    yield from _hooks(before, after, changes)
    yield from probes.slower(before, after, changes)


def _restarted(after: Inputs, template: tuple[Difference, ...]) -> Finding:
    strategy = _strategy(after)
    if strategy.get("type") == "Recreate":
        return Finding(
            Effect.OUTAGE,
            "all old pods stop before the first new one starts",
            template,
            "set spec.strategy.type to RollingUpdate",
        )
    if strategy.get("type") == "OnDelete":
        return Finding(Effect.NONE, "it applies only to pods that somebody deletes from now on", template)
    pods = (after.get("spec") or {}).get("replicas")
    unavailable = (strategy.get("rollingUpdate") or {}).get("maxUnavailable")
    if unavailable == "100%" or (
        isinstance(unavailable, (int, float)) and isinstance(pods, (int, float)) and 0 < pods <= unavailable
    ):
        return Finding(
            Effect.OUTAGE, f"maxUnavailable ({unavailable}) allows all pods to stop at once", template, "set it to 0"
        )
    return Finding(Effect.RESTART, "every pod is replaced, a few at a time", template)


def _replicas(changes: tuple[Difference, ...]) -> Iterator[Finding]:
    for one in changes:
        if one.path == "spec.replicas" and isinstance(one.before, (int, float)):
            if one.after is None and one.before > 1:
                yield Finding(
                    Effect.LOWER,
                    "without replicas and without an autoscaler that has set them, it falls back to 1",
                    (one,),
                    "keep replicas until an autoscaler owns them",
                )
            elif isinstance(one.after, (int, float)) and one.after < one.before:
                outage = one.after < 1
                yield Finding(
                    Effect.OUTAGE if outage else Effect.LOWER,
                    "no pod remains" if outage else f"{one.after:g} pods instead of {one.before:g}",
                    (one,),
                )
    smaller = tuple(one for one in changes if one.within(*_SMALLER) and less(one.after, one.before))
    if smaller:
        yield Finding(Effect.LOWER, "each pod may use less CPU or memory", smaller)


def _strategy_changes(before: Inputs, after: Inputs, changes: tuple[Difference, ...]) -> Iterator[Finding]:
    changed = tuple(one for one in changes if one.within("spec.strategy", "spec.updateStrategy"))
    old, new = _strategy(before), _strategy(after)
    if changed and new.get("type") == "Recreate":
        yield Finding(
            Effect.WEAKER,
            "every rollout stops all pods before it starts one",
            changed,
            "set spec.strategy.type to RollingUpdate",
        )
    elif changed and _share(new, "maxUnavailable") > _share(old, "maxUnavailable"):
        yield Finding(
            Effect.WEAKER,
            "a rollout stops more pods at a time",
            changed,
            "set maxUnavailable to 0: new pods are then ready before old ones stop",
        )
    elif changed:
        yield Finding(Effect.NONE, "it applies to the next rollout", changed)


def _protections(changes: tuple[Difference, ...]) -> Iterator[Finding]:
    for one in changes:
        removed = one.after in (None, [], {}) or (
            one.path.endswith(".whenUnsatisfiable") and one.after == "ScheduleAnyway"
        )
        why = next((why for path, why in _PROTECTIONS.items() if one.within(path)), "")
        if removed and why and one.before is not None:
            yield Finding(Effect.WEAKER, why, (one,), "keep it, or explain in the pull request why it is not needed")
        if one.within(*_FEWER) and one.after not in (None, [], {}):
            yield Finding(
                Effect.WEAKER, "pods may run on fewer nodes", (one,), "check that enough of them remain in each zone"
            )
        if _bound_longer(one):
            yield Finding(Effect.WEAKER, "pods of a lost node are replaced later", (one,), "keep it as short as before")
        for path, shorter in _SHORTER.items():
            if one.within(path) and less(one.after, one.before):
                yield Finding(
                    Effect.WEAKER, shorter, (one,), "keep it as long as before, or shorten what it has to cover"
                )


def _hooks(before: Inputs, after: Inputs, changes: tuple[Difference, ...]) -> Iterator[Finding]:
    """Yield what weakens the wait before a pod stops. Only the kubelet's sleep states how long it takes."""
    remaining = probes.containers(after)
    for name, container in probes.containers(before).items():
        fields = tuple(one for one in changes if f".containers[{name}].lifecycle" in one.path)
        old, new = _pre_stop(container), _pre_stop(remaining.get(name, {}))
        if fields and old and not new:
            why = "a pod stops while load balancers still send it requests"
            yield Finding(Effect.WEAKER, why, fields, "keep the preStop hook")
        elif fields and "sleep" in old and "sleep" not in new:
            why = "only the container's own hook keeps a terminating pod serving"
            yield Finding(Effect.WEAKER, why, fields, "check how long the hook takes")


def _pre_stop(container: Inputs) -> Mapping[str, Any]:
    hook = (container.get("lifecycle") or {}).get("preStop") or {}
    return hook if isinstance(hook, Mapping) else {"unknown": hook}


def _bound_longer(one: Difference) -> bool:
    """Return whether pods stay bound to a lost node: a whole toleration, or its tolerationSeconds."""

    def seconds(value: Any) -> Any:
        if isinstance(value, Mapping):
            return value.get("tolerationSeconds", _FOREVER) if value.get("effect") == "NoExecute" else _BOUND
        return _BOUND if value is None else value

    return (
        one.within(f"{_POD}.tolerations[]")
        and one.path.endswith(("]", ".tolerationSeconds"))
        and less(seconds(one.before), seconds(one.after))
    )


def _strategy(inputs: Inputs) -> Mapping[str, Any]:
    spec = inputs.get("spec") or {}
    return spec.get("strategy") or spec.get("updateStrategy") or {}


def _share(strategy: Mapping[str, Any], key: str) -> Decimal:
    """Return a share of the pods in percent; an integer counts as if there were ten pods. The default is 25 %."""
    value = str((strategy.get("rollingUpdate") or {}).get(key, "25%"))
    try:
        return Decimal(value.removesuffix("%")) * (1 if value.endswith("%") else 10)
    except ArithmeticError:
        return Decimal(0)
