"""Evaluate label selectors when not all labels are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy.known import UNKNOWN, Unclear, entries, group, listed, text, whole


def matches(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Return whether a label selector matches these labels. Raises Unclear if that depends on an unknown value.

    One requirement that certainly fails decides, whatever the others are.
    """
    return _all(_requirements(selector), labels)


def map_matches(wanted: Any, labels: Mapping[str, Any]) -> bool:
    """Return whether a plain mapping, the selector of a Service, matches these labels. Raises Unclear."""
    return _all(_from_map(group(wanted)), labels)


def keys(selector: Any) -> set[str]:
    """Return the label keys that a selector uses. Raises Unclear."""
    return {*group(selector, "matchLabels"), *(text(one, "key") for one in entries(selector, "matchExpressions"))}


_Requirement = tuple[str, str, Any]


def _requirements(selector: Any) -> Iterator[_Requirement | None]:
    yield from _from_map(group(selector, "matchLabels"))
    for one in listed(selector, "matchExpressions"):
        try:
            yield text(one, "key"), text(one, "operator"), whole(listed(one, "values"))
        except Unclear:
            yield None


def _from_map(wanted: Mapping[str, Any]) -> Iterator[_Requirement]:
    return ((key, "In", [value]) for key, value in wanted.items())


def _all(requirements: Iterator[_Requirement | None], labels: Mapping[str, Any]) -> bool:
    results = [None if one is None else _holds(one, labels) for one in requirements]
    if False in results:
        return False
    if None in results:
        raise Unclear
    return True


def _holds(requirement: _Requirement, labels: Mapping[str, Any]) -> bool | None:
    """Return whether a requirement holds, or None if that is unknown."""
    key, operator, values = requirement
    present = key in labels
    if operator in ("Exists", "DoesNotExist"):
        return present == (operator == "Exists")
    if not present:
        return operator == "NotIn"
    if labels[key] is UNKNOWN or UNKNOWN in values:
        return None
    return (labels[key] in values) == (operator == "In")
