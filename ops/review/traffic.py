"""What leads requests to pods: Services and routes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.review.context import Around, Inputs, Workload, ports, spec
from ops.review.difference import Difference
from ops.review.effect import Effect, Finding

_CUTS = {
    "spec.loadBalancerClass": "another load balancer, and so another address",
    "spec.loadBalancerIP": "another address",
    "spec.clusterIP": "another address inside the cluster",
    "spec.ipFamilies": "an address goes or comes",
}
_BESIDE = "make a second Service beside this one, and move the clients first"
# Each has the addresses of those before it, too.
_REACH = ("ClusterIP", "NodePort", "LoadBalancer")


def service(before: Inputs, after: Inputs, found: tuple[Difference, ...], around: Around) -> Iterator[Finding]:
    """What an update of a Service does to its clients."""
    for path, why in _CUTS.items():
        if changed := tuple(one for one in found if one.within(path)):
            yield Finding(Effect.OUTAGE, why, changed, _BESIDE)
    behind = [workload for workload in around.running(after) if workload.selected(_selector(after))]
    yield from _selected(before, found, around, behind)
    for one in found:
        if one.path == "spec.type":
            yield from _type(one)
        if one.path == "spec.externalTrafficPolicy" and spec(after).get("type") == "LoadBalancer":
            yield _policy(one)
        if one.path == "spec.publishNotReadyAddresses" and one.after:
            yield Finding(Effect.WEAKER, "pods get requests before they are ready", (one,), "leave it out")
        if one.within("spec.loadBalancerSourceRanges") and spec(after).get("loadBalancerSourceRanges"):
            yield Finding(
                Effect.WEAKER,
                "clients from addresses that are not named any more are refused",
                (one,),
                "see that every client's range is named",
            )
    changed = tuple(one for one in found if one.within("spec.ports"))
    if changed:
        yield from _ports(before, after, changed, behind, around.waits)


def _selected(
    before: Inputs, found: tuple[Difference, ...], around: Around, behind: list[Workload]
) -> Iterator[Finding]:
    changed = tuple(one for one in found if one.within("spec.selector"))
    was = [workload for workload in around.running(before) if workload.selected(_selector(before))]
    if changed and _selector(before) and was and all(workload in behind for workload in was):
        yield Finding(Effect.NONE, "it selects the same pods as before", changed)
    elif changed:
        yield Finding(
            Effect.OUTAGE, "requests go to other pods, or to none, from one moment to the next", changed, _BESIDE
        )


def _type(one: Difference) -> Iterator[Finding]:
    kinds = [value or "ClusterIP" for value in (one.before, one.after)]
    if all(kind in _REACH for kind in kinds) and _REACH.index(kinds[1]) > _REACH.index(kinds[0]):
        yield Finding(Effect.NONE, "it keeps its addresses and gets another one", (one,))
    else:
        yield Finding(Effect.OUTAGE, "the address from outside goes, or becomes another one", (one,), _BESIDE)


def _policy(one: Difference) -> Finding:
    if one.after == "Local":
        return Finding(Effect.NONE, "the load balancer finds a lost node sooner, and a killed pod later", (one,))
    if one.before != "Local":
        return Finding(Effect.NONE, "said as it was by itself", (one,))
    return Finding(
        Effect.WEAKER,
        "a lost node gets requests through the others until Kubernetes counts it as lost",
        (one,),
        "keep Local where nodes are lost more often than pods are killed",
    )


def _ports(
    before: Inputs, after: Inputs, changed: tuple[Difference, ...], behind: list[Workload], waits: tuple[str, ...]
) -> Iterator[Finding]:
    old, new = (
        {(port.get("port"), port.get("protocol") or "TCP"): port for port in spec(inputs).get("ports") or ()}
        for inputs in (before, after)
    )
    kept = [(old[key], new[key]) for key in old.keys() & new.keys()]
    targets = [[port.get("targetPort", port.get("port")) for port in both] for both in kept]
    gone = old.keys() - new.keys()
    elsewhere = any(
        was.get("nodePort") and now.get("nodePort") and was["nodePort"] != now["nodePort"] for was, now in kept
    )
    deaf = any(
        was != now and not _same_port(was, now, behind) and not _by_then(now, behind, waits) for was, now in targets
    )
    if gone:
        yield Finding(
            Effect.OUTAGE,
            "clients of the old port are refused",
            changed,
            "add the new port beside the old one, and take the old one away when nobody uses it",
        )
    if elsewhere:
        yield Finding(Effect.OUTAGE, "another port on the nodes", changed, "keep the number, or add a second Service")
    if deaf:
        yield Finding(
            Effect.OUTAGE,
            "pods of the running release may not listen there",
            changed,
            "name the port in the container and lead the Service to the name",
        )
    if not gone and not elsewhere and not deaf:
        yield Finding(Effect.NONE, "every port there was leads where it did", changed)


def _same_port(was: Any, now: Any, behind: list[Workload]) -> bool:
    """Whether both are the same port of the pods there are, as far as these say which ones they have."""
    known = [ports(workload.templates[0]) for workload in behind]
    return bool(known) and all(now in has and has[now] == has.get(was, was) for has in known)


def _by_then(now: Any, behind: list[Workload], waits: tuple[str, ...]) -> bool:
    """Whether all pods have the port when the Service is led to it: it waits until their release is rolled out."""
    return bool(behind) and all(workload.urn in waits and now in ports(workload.templates[-1]) for workload in behind)


def _selector(inputs: Inputs) -> Inputs:
    found: Inputs = spec(inputs).get("selector") or {}
    return found


def route(_: Inputs, __: Inputs, found: tuple[Difference, ...], ___: Around) -> Iterator[Finding]:
    """What an update of an Ingress or a Gateway's route does: hosts, paths and backends are what clients rely on."""
    led = tuple(
        one
        for one in found
        if ".timeouts" not in one.path
        and one.within(
            "spec.rules", "spec.hostnames", "spec.parentRefs", "spec.defaultBackend", "spec.ingressClassName"
        )
    )
    if led:
        yield Finding(
            Effect.OUTAGE,
            "requests to what is changed here are led elsewhere at once",
            led,
            "add the new rule first, and take the old one away when nobody uses it",
        )
    if gone := tuple(one for one in found if one.within("spec.tls") and one.after is None):
        yield Finding(
            Effect.OUTAGE,
            "clients of https are shown another certificate, or none",
            gone,
            "keep it until no client uses https",
        )
    elif changed := tuple(one for one in found if one.within("spec.tls")):
        yield Finding(Effect.NONE, "clients of https are shown another certificate, if it is there", changed)
    for one in found:
        if ".timeouts" in one.path:
            shorter = _seconds(one.after) < _seconds(one.before)
            yield (
                Finding(
                    Effect.WEAKER, "requests that take longer are cut off sooner", (one,), "see that none takes so long"
                )
                if shorter
                else Finding(Effect.NONE, "requests may take longer", (one,))
            )


def _seconds(value: Any) -> float:
    """A duration as the Gateway API writes it, as far as it is one number and its unit; without one it has no end."""
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    unit = str(value or "").lstrip("0123456789")
    return int(value.removesuffix(unit)) * units[unit] if unit in units and unit != value else float("inf")
