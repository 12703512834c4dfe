"""What leads requests to pods: Services, routes, network policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from review.difference import Difference
from review.effect import Effect, Finding

_CUTS = {"spec.selector": "requests go to other pods, or to none, from one moment to the next",
         "spec.type": "the address from outside goes, or becomes another one",
         "spec.loadBalancerClass": "another load balancer, and so another address",
         "spec.loadBalancerIP": "another address", "spec.clusterIP": "another address inside the cluster",
         "spec.ipFamilies": "an address goes or comes"}


def service(_: Mapping[str, Any], after: Mapping[str, Any], found: tuple[Difference, ...]) -> Iterator[Finding]:
    """What an update of a Service does to its clients."""
    for path, why in _CUTS.items():
        if changed := tuple(one for one in found if one.within(path)):
            yield Finding(Effect.OUTAGE, why, changed, "make a second Service beside this one, and move the clients first")
    ports = tuple(one for one in found if one.within("spec.ports"))
    if ports:
        yield from _ports(ports)
    for one in found:
        if one.path == "spec.externalTrafficPolicy":
            local = one.after == "Local"
            yield Finding(Effect.WEAKER if not local else Effect.NONE, (
                "the load balancer finds a lost node sooner, and a killed pod later" if local else
                "a lost node gets requests through the others until Kubernetes counts it as lost"), (one,),
                "" if local else "keep Local where nodes are lost more often than pods are killed")
        if one.path == "spec.publishNotReadyAddresses" and one.after:
            yield Finding(Effect.WEAKER, "pods get requests before they are ready", (one,), "leave it out")
        if one.within("spec.loadBalancerSourceRanges") and after.get("spec", {}).get("loadBalancerSourceRanges"):
            yield Finding(Effect.WEAKER, "clients from addresses that are not named any more are refused", (one,),
                          "see that every client's range is named")


def _ports(ports: tuple[Difference, ...]) -> Iterator[Finding]:
    # A whole entry: taken away, or, where entries cannot be told apart, changed.
    entries = [one for one in ports if one.path.endswith("]") and not one.path.endswith("[order]") and one.before]
    front = tuple(one for one in ports if one.path.endswith((".port", ".protocol")) or one in entries)
    if front:
        yield Finding(Effect.OUTAGE, "clients of the old port are refused", front,
                      "add the new port beside the old one, and take the old one away when nobody uses it")
    target = tuple(one for one in ports if one.path.endswith(".targetPort") and one.before is not None)
    if target:
        yield Finding(Effect.OUTAGE, "pods of the running release may not listen there", target,
                      "name the port in the container and lead the Service to the name")


def network_policy(before: Mapping[str, Any], after: Mapping[str, Any], found: tuple[Difference, ...]) -> Iterator[Finding]:
    """What an update of a NetworkPolicy lets through no more."""
    if any(one.within("spec.podSelector") for one in found):
        yield Finding(Effect.WEAKER, "the policy holds for other pods", found, "check what those pods need")
        return
    for side, what in (("ingress", "requests from"), ("egress", "connections to")):
        changed = tuple(one for one in found if one.within(f"spec.{side}"))
        lost = [rule for rule in _rules(before, side) if rule not in _rules(after, side)]
        if changed and lost:
            yield Finding(Effect.WEAKER, f"{what} somewhere that is not named any more are refused, on running pods at once",
                          changed, "see that nothing running needs it")
        elif changed:
            yield Finding(Effect.NONE, f"more {what} elsewhere are let through", changed)


def route(_: Mapping[str, Any], __: Mapping[str, Any], found: tuple[Difference, ...]) -> Iterator[Finding]:
    """What an update of an Ingress or a Gateway's route does: hosts, paths and backends are what clients rely on."""
    if changed := tuple(one for one in found if one.within("spec.rules", "spec.hostnames", "spec.parentRefs",
                                                           "spec.defaultBackend", "spec.ingressClassName")):
        yield Finding(Effect.OUTAGE, "requests to what is changed here are led elsewhere at once", changed,
                      "add the new rule first, and take the old one away when nobody uses it")


def _rules(inputs: Mapping[str, Any], side: str) -> list[Any]:
    return list((inputs.get("spec") or {}).get(side) or [])
