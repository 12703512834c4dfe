"""Checks the settings of a stack with one cluster: single values, contradictions, and the rules of the caller."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from ..errors import settings as errors
from ..errors import tagged
from . import consistency, validation_errors
from .backend import BackendSettings
from .cluster import ClusterSettings
from .conflict import Conflict
from .problems import Problem, dotted, shown
from .stack import Settings

# Further rules. Their arguments: the backend, the cluster (None if it is invalid itself), and protect.
Rules = Callable[[BackendSettings, ClusterSettings | None, bool], list[Conflict]]

_VALID_CLUSTER = {"kind": "local"}
# Valid values in the place of required settings that are invalid. Conflicts that involve them are not reported.
PLACEHOLDERS = {
    "backend.image": "placeholder:0",
    **{
        f"backend.resources.{part}.{key}": value
        for part in ("requests", "limits")
        for key, value in (("cpu", "1"), ("memory", "1Gi"))
    },
}


def checked(values: dict[str, Any], rules: Rules) -> tuple[Settings | None, list[Problem]]:
    """Return the settings and every problem with them. Keys are relative to the project.

    The settings are None if single values are invalid.
    """
    if values.get("cluster") is None:
        _, found = checked(
            {**values, "cluster": _VALID_CLUSTER}, lambda backend, _, protect: rules(backend, None, protect)
        )
        text = f"is required. {Settings.model_fields['cluster'].description}"
        return None, [Problem("cluster", tagged(text, errors.MISSING_SETTING), True), *found]
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        return None, [*validation_errors.describe(error, Settings), *_conflicts_of_the_rest(values, error, rules)]
    backend_conflicts = (
        *consistency.conflicts(settings.backend),
        *rules(settings.backend, settings.cluster, settings.protect),
    )
    return settings, [
        *_cluster_problems(settings.cluster),
        *(problem_of(conflict, "backend") for conflict in backend_conflicts),
    ]


def problem_of(conflict: Conflict, prefix: str) -> Problem:
    """Return a conflict as a problem of the group of settings with this key."""
    return Problem(f"{prefix}.{conflict.key}", f"{shown(conflict.value)} {conflict.message}")


def _cluster_problems(cluster: ClusterSettings | None) -> list[Problem]:
    return [problem_of(conflict, "cluster") for conflict in (cluster.conflicts() if cluster else ())]


def _conflicts_of_the_rest(values: dict[str, Any], error: ValidationError, rules: Rules) -> list[Problem]:
    """Return the conflicts among the valid settings: replace or remove the invalid ones, and check the rest."""
    rest = copy.deepcopy(values)
    invalid = set()
    for entry in error.errors():
        path = validation_errors.path_of(entry)
        renamed = validation_errors.renamed_to(entry, Settings)
        invalid |= {dotted(each) for each in (path, _to_first_list(path), renamed) if each}
        _remove(rest, _to_first_list(path))
    invalid_cluster = any(key.split(".")[0] == "cluster" for key in invalid)
    if invalid_cluster:
        rest["cluster"] = _VALID_CLUSTER
    if "protect" in invalid:
        rest.pop("protect", None)
    try:
        settings = Settings.model_validate(rest)
    except ValidationError:
        return []  # the structure is invalid, not only single values
    conflicts = (
        *consistency.conflicts(settings.backend),
        *rules(settings.backend, None if invalid_cluster else settings.cluster, settings.protect),
    )
    return [
        *([] if invalid_cluster else _cluster_problems(settings.cluster)),
        *(
            problem_of(conflict, "backend")
            for conflict in conflicts
            if not any(_involves(invalid, f"backend.{key}") for key in (conflict.key, *conflict.others))
        ),
    ]


def _to_first_list(path: list[str | int]) -> list[str | int]:
    """Return a path up to its first list: an invalid entry invalidates the list as a whole."""
    return list(itertools.takewhile(lambda step: isinstance(step, str), path))


def _involves(invalid: set[str], key: str) -> bool:
    """Return whether a setting, a part of it or a group around it is invalid."""
    return any(one == key or one.startswith((f"{key}.", f"{key}[")) or key.startswith(f"{one}.") for one in invalid)


def _remove(values: Any, path: list[str | int]) -> None:
    """Remove a setting, or replace it by its placeholder."""
    key = dotted(path)
    for step in path[:-1]:
        try:
            values = values[step]
        except (KeyError, TypeError):
            return
    if isinstance(values, dict) and path:
        values.pop(path[-1], None)
        if key in PLACEHOLDERS:
            values[path[-1]] = PLACEHOLDERS[key]
