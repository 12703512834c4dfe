"""Whether a label selector chooses a pod, where not all labels are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy.known import UNKNOWN, Unclear, entries, group, listed, text, whole


def matches(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether the selector of a Deployment, a budget or a spread chooses these labels. Raises Unclear where that is open.

    One requirement that surely fails is an answer, whatever the others are.
    """
    return _all(_requirements(selector), labels)


def map_matches(wanted: Any, labels: Mapping[str, Any]) -> bool:
    """The same for a Service's selector, a plain mapping."""
    return _all(_of_map(group(wanted)), labels)


def keys(selector: Any) -> set[str]:
    """The labels that a selector asks for."""
    return {*group(selector, "matchLabels"), *(text(one, "key") for one in entries(selector, "matchExpressions"))}


_Requirement = tuple[str, str, Any]


def _requirements(selector: Any) -> Iterator[_Requirement | None]:
    yield from _of_map(group(selector, "matchLabels"))
    for one in listed(selector, "matchExpressions"):
        try:
            yield text(one, "key"), text(one, "operator"), whole(listed(one, "values"))
        except Unclear:
            yield None


def _of_map(wanted: Mapping[str, Any]) -> Iterator[_Requirement]:
    return ((key, "In", [value]) for key, value in wanted.items())


def _all(requirements: Iterator[_Requirement | None], labels: Mapping[str, Any]) -> bool:
    answers = [None if one is None else _holds(one, labels) for one in requirements]
    if False in answers:
        return False
    if None in answers:
        raise Unclear
    return True


def _holds(requirement: _Requirement, labels: Mapping[str, Any]) -> bool | None:
    """None where it is open."""
    key, operator, values = requirement
    present = key in labels
    if operator in ("Exists", "DoesNotExist"):
        return present == (operator == "Exists")
    if not present:
        return operator == "NotIn"
    if labels[key] is UNKNOWN or UNKNOWN in values:
        return None
    return (labels[key] in values) == (operator == "In")
