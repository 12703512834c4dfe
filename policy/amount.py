"""Numbers of pods as Kubernetes writes them: an integer or a percentage."""

from __future__ import annotations

import re
from typing import Any

from policy.known import Unclear, known


def pod_count(value: Any, pods: int, *, up: bool) -> int:
    """Return an integer, or a percentage of ``pods`` rounded up or down. Raises Unclear for anything else."""
    value = known(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    percent = re.fullmatch(r"(\d+)%", str(value))
    if not percent:
        raise Unclear  # the API server rejects it
    share = int(percent[1]) * pods
    return -(-share // 100) if up else share // 100


def is_zero(value: Any) -> bool:
    """Return whether an integer or a percentage is zero pods of any number."""
    return str(known(value)) in ("0", "0%")


def is_all(value: Any) -> bool:
    """Return whether a percentage is all pods of any number."""
    percent = re.fullmatch(r"(\d+)%", str(known(value)))
    return percent is not None and int(percent[1]) >= 100
