"""Merge fields in Kubernetes' own words into the arguments of a resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def merge(args: Any, fields: Mapping[str, Any]) -> None:
    """Merge fields as Kubernetes' strategic merge does: extend lists, merge objects, and let null remove a field."""
    for key, value in fields.items():
        name = _snake_case(key)
        current = getattr(args, name)
        if isinstance(current, list) and value is not None:
            setattr(args, name, [*current, *value])
        elif isinstance(current, Mapping) and value is not None:
            setattr(args, name, without_nulls({**current, **value}))
        elif current is not None and isinstance(value, Mapping):
            merge(current, value)
        else:
            setattr(args, name, value)


def without_nulls(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are set."""
    return {key: value for key, value in fields.items() if value is not None}


def _snake_case(key: str) -> str:
    """Return the name of the argument for a field: ``host_aliases`` for ``hostAliases``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()
