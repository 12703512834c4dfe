"""Merge fields in Kubernetes' own words into the arguments of a resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def merge(args: Any, fields: Mapping[str, Any]) -> None:
    """Merge fields much as Kubernetes' strategic merge does.

    Objects are merged by key, and null removes a field. Lists of objects are extended. Lists of plain values, such as
    the capabilities to drop, take the place of the generated ones.
    """
    for key, value in fields.items():
        name = _snake_case(key)
        current = getattr(args, name)
        if isinstance(current, list) and value is not None and all(isinstance(one, Mapping) for one in value):
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
