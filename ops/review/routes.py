"""Ingresses and routes of the Gateway API: whether clients still reach the Services behind one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ops.review.context import Inputs, ReviewContext
from ops.review.difference import Difference
from ops.review.effect import Effect, Finding

_ROUTING = ("spec.rules", "spec.hostnames", "spec.parentRefs", "spec.defaultBackend", "spec.ingressClassName")


def route(_: Inputs, __: Inputs, changes: tuple[Difference, ...], ___: ReviewContext) -> Iterator[Finding]:
    """Yield what an update of an Ingress or a route does. Clients rely on its hosts, paths and backends."""
    if routing := tuple(one for one in changes if ".timeouts" not in one.path and one.within(*_ROUTING)):
        yield Finding(
            Effect.OUTAGE,
            "requests that match what changes here are routed elsewhere at once",
            routing,
            "add the new rule first, and remove the old one when nobody uses it",
        )
    if removed := tuple(one for one in changes if one.within("spec.tls") and one.after is None):
        yield Finding(
            Effect.OUTAGE,
            "HTTPS clients get another certificate, or none",
            removed,
            "keep it until no client uses HTTPS",
        )
    elif changed := tuple(one for one in changes if one.within("spec.tls")):
        yield Finding(Effect.NONE, "HTTPS clients get another certificate, if it exists", changed)
    for one in changes:
        if ".timeouts" in one.path:
            shorter = _seconds(one.after) < _seconds(one.before)
            yield (
                Finding(
                    Effect.WEAKER, "slow requests are cut off sooner", (one,), "check that no request takes that long"
                )
                if shorter
                else Finding(Effect.NONE, "requests may take longer", (one,))
            )


def _seconds(value: Any) -> float:
    """Return a duration of the Gateway API in seconds, if it is a number and a unit; infinity otherwise."""
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    unit = str(value or "").lstrip("0123456789")
    return int(value.removesuffix(unit)) * units[unit] if unit in units and unit != value else float("inf")
