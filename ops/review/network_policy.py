"""NetworkPolicies: which connections are denied that were allowed before, and the reverse."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ops.review.context import Inputs, ReviewContext, spec
from ops.review.difference import Difference
from ops.review.effect import Effect, Finding

_SIDES = {"ingress": ("from", "requests from"), "egress": ("to", "connections to")}
_ALL = "all"
_Pair = tuple[str, str]


def network_policy(
    before: Inputs, after: Inputs, changes: tuple[Difference, ...], _: ReviewContext
) -> Iterator[Finding]:
    """Yield what an update of a NetworkPolicy no longer allows."""
    if any(one.within("spec.podSelector") for one in changes):
        yield Finding(Effect.WEAKER, "the policy applies to other pods", changes, "check what those pods need")
        return
    for side, (_peers, what) in _SIDES.items():
        changed = tuple(one for one in changes if one.within(f"spec.{side}", "spec.policyTypes"))
        old, new = _allowed(before, side), _allowed(after, side)
        if not changed or old == new:
            continue
        if new is not None and any(not _covered(pair, new) for pair in ({(_ALL, _ALL)} if old is None else old)):
            yield Finding(
                Effect.WEAKER,
                f"{what} peers or ports that are no longer listed are denied, for running pods at once",
                changed,
                "check that nothing that runs needs them",
            )
        elif new is None:
            yield Finding(Effect.WEAKER, f"all {what} anywhere are allowed, unless another policy denies them", changed)
        else:
            yield Finding(Effect.NONE, f"more {what} elsewhere are allowed", changed)


def created(policy: Inputs, context: ReviewContext) -> Iterator[Finding]:
    """Yield what a new policy denies to running pods that no other remaining policy selects."""
    pods = [workload.templates[0] for workload in context.running(policy) if _selects(policy, workload.templates[0])]
    for side, (_peers, what) in _SIDES.items():
        others = [other for other in context.kept(policy, "NetworkPolicy") if _allowed(other, side) is not None]
        unrestricted = [template for template in pods if not any(_selects(other, template) for other in others)]
        if _allowed(policy, side) is not None and (unrestricted or context.may_hide_workloads):
            yield Finding(
                Effect.WEAKER,
                f"{what} peers or ports that it does not list are denied, for running pods at once",
                fix="first create the policies that allow what is needed",
            )


def _selects(policy: Inputs, template: Inputs) -> bool:
    """Return whether a policy may select these pods. Expressions are not evaluated, so they count as a match."""
    labels = (template.get("metadata") or {}).get("labels") or {}
    wanted = (spec(policy).get("podSelector") or {}).get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in wanted.items())


def _allowed(policy: Inputs, side: str) -> set[_Pair] | None:
    """Return the allowed peers and ports; None if the policy does not restrict that side."""
    types = spec(policy).get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec(policy) else [])]
    if side.capitalize() not in types:
        return None
    return {pair for rule in spec(policy).get(side) or () for pair in _pairs(rule, _SIDES[side][0])}


def _pairs(rule: Inputs, key: str) -> Iterator[_Pair]:
    peers = [json.dumps(peer, sort_keys=True) for peer in rule.get(key) or ()] or [_ALL]
    ports = [json.dumps({"protocol": "TCP", **port}, sort_keys=True) for port in rule.get("ports") or ()] or [_ALL]
    for peer in peers:
        for port in ports:
            yield peer, port


def _covered(pair: _Pair, allowed: set[_Pair]) -> bool:
    return any(peer in (pair[0], _ALL) and port in (pair[1], _ALL) for peer, port in allowed)
