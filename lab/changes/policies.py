"""What NetworkPolicies allow to and from the running pods, before and after a change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from lab.changes.snapshot import Object, Snapshot

_SIDES = {"Ingress": "from", "Egress": "to"}
Pair = tuple[str, str]
ALL = "all"


def weaker(before: Snapshot, after: Snapshot) -> Iterator[str]:
    """Yield traffic that is newly rejected, and restrictions that were removed."""
    labels = [pod["metadata"].get("labels") or {} for pod in before.pods.values()][:1]
    for side in _SIDES:
        for label in labels:
            old, new = _allowed(before, side, label), _allowed(after, side, label)
            if old is not None and new is None:
                yield f"{side} of the pods is no longer restricted"
            elif new is not None and (lost := [pair for pair in old or {(ALL, ALL)} if not _covered(pair, new)]):
                yield f"{side} of the pods is rejected now: {', '.join(' '.join(pair) for pair in sorted(lost))}"
        if _allowed(before, side, {}) is not None and _allowed(after, side, {}) is None:
            yield f"{side} of other pods in the namespace is no longer restricted"


def _allowed(snapshot: Snapshot, side: str, labels: Mapping[str, str]) -> set[Pair] | None:
    """Return the allowed peers and ports of pods with these labels; None without a restriction."""
    policies = [
        policy["spec"]
        for policy in snapshot.all("NetworkPolicy")
        if side in policy["spec"].get("policyTypes", ()) and _selects(policy["spec"].get("podSelector") or {}, labels)
    ]
    if not policies:
        return None
    return {pair for spec in policies for rule in spec.get(side.lower()) or () for pair in _pairs(rule, _SIDES[side])}


def _pairs(rule: Object, direction: str) -> Iterator[Pair]:
    peers = [json.dumps(peer, sort_keys=True) for peer in rule.get(direction) or ()] or [ALL]
    ports = [
        f"{port.get('protocol', 'TCP')} {port.get('port', ALL)} {port.get('endPort', '')}".strip()
        for port in rule.get("ports") or ()
    ] or [ALL]
    for peer in peers:
        for port in ports:
            yield peer, port


def _covered(pair: Pair, by: set[Pair]) -> bool:
    return any(peer in (pair[0], ALL) and port in (pair[1], ALL) for peer, port in by)


def _selects(selector: Object, labels: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items())
