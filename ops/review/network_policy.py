"""NetworkPolicies: what is refused, of what was let through before, and the other way round."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ops.review.context import Around, Inputs, spec
from ops.review.difference import Difference
from ops.review.effect import Effect, Finding

_SIDES = {"ingress": ("from", "requests from"), "egress": ("to", "connections to")}
_ALL = "all"
_Pair = tuple[str, str]


def network_policy(before: Inputs, after: Inputs, found: tuple[Difference, ...], _: Around) -> Iterator[Finding]:
    """What an update of a NetworkPolicy lets through no more."""
    if any(one.within("spec.podSelector") for one in found):
        yield Finding(Effect.WEAKER, "the policy holds for other pods", found, "check what those pods need")
        return
    for side, (_way, what) in _SIDES.items():
        changed = tuple(one for one in found if one.within(f"spec.{side}", "spec.policyTypes"))
        old, new = _allowed(before, side), _allowed(after, side)
        if not changed or old == new:
            continue
        if new is not None and any(not _covered(pair, new) for pair in ({(_ALL, _ALL)} if old is None else old)):
            yield Finding(
                Effect.WEAKER,
                f"{what} somewhere that is not named any more are refused, on running pods at once",
                changed,
                "see that nothing running needs it",
            )
        elif new is None:
            yield Finding(
                Effect.WEAKER, f"{what} everywhere are let through, unless another policy refuses them", changed
            )
        else:
            yield Finding(Effect.NONE, f"more {what} elsewhere are let through", changed)


def made(policy: Inputs, around: Around) -> Iterator[Finding]:
    """What a new policy refuses to pods that run already, and to which no other one holds that stays."""
    pods = [workload.templates[0] for workload in around.running(policy) if _holds(policy, workload.templates[0])]
    for side, (_way, what) in _SIDES.items():
        others = [other for other in around.kept(policy, "NetworkPolicy") if _allowed(other, side) is not None]
        free = [template for template in pods if not any(_holds(other, template) for other in others)]
        if _allowed(policy, side) is not None and (free or around.blind):
            yield Finding(
                Effect.WEAKER,
                f"{what} somewhere that it does not name are refused, on running pods at once",
                fix="first make the policies that let through what is needed",
            )


def _holds(policy: Inputs, template: Inputs) -> bool:
    """Whether a policy holds for pods; expressions are not evaluated: it may."""
    carried = (template.get("metadata") or {}).get("labels") or {}
    wanted = (spec(policy).get("podSelector") or {}).get("matchLabels") or {}
    return all(carried.get(key) == value for key, value in wanted.items())


def _allowed(policy: Inputs, side: str) -> set[_Pair] | None:
    """Peers and ports that are let through; None where the policy says nothing of that side."""
    types = spec(policy).get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec(policy) else [])]
    if side.capitalize() not in types:
        return None
    return {pair for rule in spec(policy).get(side) or () for pair in _pairs(rule, _SIDES[side][0])}


def _pairs(rule: Inputs, way: str) -> Iterator[_Pair]:
    peers = [json.dumps(peer, sort_keys=True) for peer in rule.get(way) or ()] or [_ALL]
    numbers = [json.dumps({"protocol": "TCP", **port}, sort_keys=True) for port in rule.get("ports") or ()] or [_ALL]
    for peer in peers:
        for number in numbers:
            yield peer, number


def _covered(pair: _Pair, by: set[_Pair]) -> bool:
    return any(peer in (pair[0], _ALL) and number in (pair[1], _ALL) for peer, number in by)
