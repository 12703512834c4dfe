"""Node affinity and tolerations, evaluated as the scheduler evaluates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .facts import Node

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def required_terms(pod: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the node selector terms of a pod spec's required node affinity."""
    required = ((pod.get("affinity") or {}).get("nodeAffinity") or {}).get(_REQUIRED) or {}
    terms: Sequence[Mapping[str, Any]] = required.get("nodeSelectorTerms") or ()
    return terms


def matches_term(term: Mapping[str, Any], node: Node) -> bool:
    """Return whether a node selector term matches a node. As in Kubernetes, an empty term matches none."""
    labels, names = term.get("matchExpressions") or (), term.get("matchFields") or ()
    return (
        bool(labels or names)
        and all(matches_requirement(one, node.labels, complete=node.complete) for one in labels)
        and all(matches_requirement(one, {"metadata.name": node.name}, complete=node.complete) for one in names)
    )


def matches_requirement(requirement: Mapping[str, Any], labels: Mapping[str, str], *, complete: bool) -> bool:
    """Return whether labels meet a requirement. If they are not ``complete``, a missing label counts as a match."""
    key, operator, values = requirement["key"], requirement["operator"], requirement.get("values") or []
    if key not in labels:
        return not complete or operator in ("NotIn", "DoesNotExist")
    value = labels[key]
    if operator in ("Gt", "Lt"):
        try:
            return int(value) > int(values[0]) if operator == "Gt" else int(value) < int(values[0])
        except (ValueError, IndexError):
            return False
    return {"In": value in values, "NotIn": value not in values, "Exists": True, "DoesNotExist": False}.get(
        operator, False
    )


def tolerates(toleration: Mapping[str, Any], taint: tuple[str, str, str]) -> bool:
    """Return whether a toleration lets a pod stay on a node with a taint for good."""
    key, value, effect = taint
    same_value = toleration.get("operator", "Equal") == "Exists" or toleration.get("value", "") == value
    # A pod that is evicted after some seconds does not stay.
    stays = effect != "NoExecute" or "tolerationSeconds" not in toleration
    return toleration.get("key") == key and same_value and stays and toleration.get("effect", effect) == effect
