"""Numbers as Kubernetes writes them: a count or a percentage, and quantities."""

from __future__ import annotations

import re
from typing import Any

from policy.known import Unclear, known


def of_pods(value: Any, pods: int, *, up: bool) -> int:
    """A count, or a percentage of some pods, rounded as whoever reads it rounds. Raises Unclear for what is neither."""
    value = known(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    percent = re.fullmatch(r"(\d+)%", str(value))
    if not percent:
        raise Unclear  # the API server refuses it
    share = int(percent[1]) * pods
    return -(-share // 100) if up else share // 100


def none(value: Any) -> bool:
    """Whether a count or a percentage is zero, of however many pods."""
    return str(known(value)) in ("0", "0%")


def all_of_them(value: Any) -> bool:
    """Whether it is a percentage that means all, of however many pods."""
    found = re.fullmatch(r"(\d+)%", str(known(value)))
    return bool(found) and int(found[1]) >= 100  # type: ignore[index]
