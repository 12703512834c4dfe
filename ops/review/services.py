"""Services: whether clients still reach the pods behind one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.review.context import Inputs, ReviewContext, Workload, ports, spec
from ops.review.difference import Difference
from ops.review.effect import Effect, Finding

_CUTS = {
    "spec.loadBalancerClass": "another load balancer, and so another address",
    "spec.loadBalancerIP": "another address",
    "spec.clusterIP": "another address inside the cluster",
    "spec.ipFamilies": "an address is added or removed",
}
_SECOND_SERVICE = "create a second Service next to this one, and move the clients first"
# Each type has the addresses of the types before it, too.
_REACH = ("ClusterIP", "NodePort", "LoadBalancer")


def service(
    before: Inputs, after: Inputs, changes: tuple[Difference, ...], context: ReviewContext
) -> Iterator[Finding]:
    """Yield what an update of a Service does to its clients."""
    for path, why in _CUTS.items():
        if changed := tuple(one for one in changes if one.within(path)):
            yield Finding(Effect.OUTAGE, why, changed, _SECOND_SERVICE)
    behind = [workload for workload in context.running(after) if workload.selected(_selector(after))]
    yield from _selected(before, changes, context, behind)
    for one in changes:
        if one.path == "spec.type":
            yield from _type(one)
        if one.path == "spec.externalTrafficPolicy" and spec(after).get("type") == "LoadBalancer":
            yield _policy(one)
        if one.path == "spec.publishNotReadyAddresses" and one.after:
            yield Finding(Effect.WEAKER, "pods receive requests before they are ready", (one,), "omit it")
        if one.within("spec.loadBalancerSourceRanges") and spec(after).get("loadBalancerSourceRanges"):
            yield Finding(
                Effect.WEAKER,
                "clients from addresses that are no longer listed are rejected",
                (one,),
                "check that every client's range is listed",
            )
    changed = tuple(one for one in changes if one.within("spec.ports"))
    if changed:
        yield from _ports(before, after, changed, behind, context.dependencies)


def _selected(
    before: Inputs, changes: tuple[Difference, ...], context: ReviewContext, behind: list[Workload]
) -> Iterator[Finding]:
    changed = tuple(one for one in changes if one.within("spec.selector"))
    was = [workload for workload in context.running(before) if workload.selected(_selector(before))]
    if changed and _selector(before) and was and all(workload in behind for workload in was):
        yield Finding(Effect.NONE, "it selects the same pods as before", changed)
    elif changed:
        yield Finding(Effect.OUTAGE, "requests are sent to other pods, or to none, at once", changed, _SECOND_SERVICE)


def _type(one: Difference) -> Iterator[Finding]:
    kinds = [value or "ClusterIP" for value in (one.before, one.after)]
    if all(kind in _REACH for kind in kinds) and _REACH.index(kinds[1]) > _REACH.index(kinds[0]):
        yield Finding(Effect.NONE, "it keeps its addresses and gets another one", (one,))
    else:
        yield Finding(Effect.OUTAGE, "the external address is removed or changes", (one,), _SECOND_SERVICE)


def _policy(one: Difference) -> Finding:
    if one.after == "Local":
        return Finding(Effect.NONE, "the load balancer notices a lost node sooner, and a killed pod later", (one,))
    if one.before != "Local":
        return Finding(Effect.NONE, "the default, now explicit", (one,))
    return Finding(
        Effect.WEAKER,
        "requests through other nodes still reach a lost node until Kubernetes marks it as lost",
        (one,),
        "keep Local if nodes are lost more often than pods are killed",
    )


def _ports(
    before: Inputs,
    after: Inputs,
    changed: tuple[Difference, ...],
    behind: list[Workload],
    dependencies: tuple[str, ...],
) -> Iterator[Finding]:
    old, new = (
        {(port.get("port"), port.get("protocol") or "TCP"): port for port in spec(inputs).get("ports") or ()}
        for inputs in (before, after)
    )
    kept = [(old[key], new[key]) for key in old.keys() & new.keys()]
    targets = [[port.get("targetPort", port.get("port")) for port in both] for both in kept]
    removed = old.keys() - new.keys()
    other_node_port = any(
        was.get("nodePort") and now.get("nodePort") and was["nodePort"] != now["nodePort"] for was, now in kept
    )
    not_listening = any(
        was != now and not _same_port(was, now, behind) and not _open_by_then(now, behind, dependencies)
        for was, now in targets
    )
    if removed:
        yield Finding(
            Effect.OUTAGE,
            "clients of the old port are rejected",
            changed,
            "add the new port next to the old one, and remove the old one when nobody uses it",
        )
    if other_node_port:
        yield Finding(Effect.OUTAGE, "another port on the nodes", changed, "keep the number, or add a second Service")
    if not_listening:
        yield Finding(
            Effect.OUTAGE,
            "pods of the running release may not listen there",
            changed,
            "name the port in the container, and use the name as targetPort",
        )
    if not removed and not other_node_port and not not_listening:
        yield Finding(Effect.NONE, "every existing port keeps its target", changed)


def _same_port(was: Any, now: Any, behind: list[Workload]) -> bool:
    """Return whether both are the same port of the running pods, as far as their templates declare ports."""
    declared = [ports(workload.templates[0]) for workload in behind]
    return bool(declared) and all(now in numbers and numbers[now] == numbers.get(was, was) for numbers in declared)


def _open_by_then(now: Any, behind: list[Workload], dependencies: tuple[str, ...]) -> bool:
    """Return whether all pods have the port by the time the Service uses it: it waits for their rollout."""
    return bool(behind) and all(
        workload.urn in dependencies and now in ports(workload.templates[-1]) for workload in behind
    )


def _selector(inputs: Inputs) -> Inputs:
    selector: Inputs = spec(inputs).get("selector") or {}
    return selector
