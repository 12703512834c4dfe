"""Turns what a stack file says into settings, or into every problem it has."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from . import cluster_consistency, placement_checks, problems
from .backend import BackendSettings
from .base import Group
from .cluster import ClusterSettings
from .conflict import Conflict
from .consistency import conflicts
from .placement_checks import Together
from .problems import Problem, SettingsError
from .stack import PROJECT, Settings

G = TypeVar("G", bound=Group)
_DEEPEST = 20  # far below where Python gives up, far above what any setting needs

# Rules across settings, told together with all else: backend, cluster (None where it is in error itself), protect.
Rules = Callable[[BackendSettings, ClusterSettings | None, bool], list[Conflict]]


def load(
    config: Mapping[str, str],
    secret_keys: Collection[str] = (),
    rules: Rules = lambda *_: [],
    together: Together = lambda _: (),
) -> Settings:
    """Settings from the engine's configuration: ``{"ha-backend:backend": '{"image": ...}', ...}``, values as JSON.

    Raises SettingsError with all problems at once: unknown keys, wrong types, values out of range, settings in conflict,
    rules that are broken, and configuration of the default Kubernetes provider, which this program never uses.
    """
    values: dict[str, Any] = {}
    found: list[Problem] = []
    for name, text in config.items():
        (project, _, key), told = name.partition(":"), problems.dotted([name])
        if project == "kubernetes":
            found.append(Problem(told, "has no effect: every resource uses the cluster that ha-backend:cluster names"))
        elif project == PROJECT and name in secret_keys:
            found.append(
                Problem(
                    told,
                    "holds an encrypted value, and settings are plain: use backend.generatedSecrets, or a "
                    "Secret that is managed elsewhere",
                )
            )
        elif project == PROJECT:
            try:
                values[key] = _parsed(text)
            except RecursionError:
                found.append(Problem(told, "is nested deeper than any setting is"))
    settings, wrong = (
        placement_checks.checked(values, lambda one: _checked(one, rules), together)
        if "placements" in values
        else _of_one(values, rules)
    )
    found += [Problem(f"{PROJECT}:{p.key}", p.text, p.missing) for p in wrong]
    hidden = {problem.key for problem in found if problem.key in secret_keys}
    found = [p for p in found if not (p.missing and p.key in hidden)]
    if found or settings is None:
        raise SettingsError(found)
    return settings


def validate_backend(
    args: BackendSettings | Mapping[str, Any],
    prefix: str,
    rules: Callable[[BackendSettings], list[Conflict]] = lambda _: [],
) -> BackendSettings:
    """A backend's settings given directly, as a component's arguments are. Raises SettingsError like ``load``."""
    backend = dict(args) if isinstance(args, Mapping) else args
    settings, found = _checked({"cluster": {"kind": "local"}, "backend": backend}, lambda given, *_: rules(given))
    if found or settings is None:
        raise SettingsError([Problem(f"{prefix}{p.key.removeprefix('backend')}", p.text, p.missing) for p in found])
    return settings.backend


def validate_cluster(args: ClusterSettings | Mapping[str, Any], prefix: str) -> ClusterSettings:
    """A cluster's settings, given in the same way. Raises SettingsError like ``load``."""
    cluster = dict(args) if isinstance(args, Mapping) else args
    settings, found = _checked({"cluster": cluster, "backend": {"image": _STAND_INS["backend.image"]}}, lambda *_: [])
    if found or settings is None or settings.cluster is None:
        raise SettingsError([Problem(f"{prefix}{p.key.removeprefix('cluster')}", p.text, p.missing) for p in found])
    return settings.cluster


def validate_group(model: type[G], args: G | Mapping[str, Any], prefix: str) -> G:
    """One group of settings given directly, which contradict nothing else. Raises SettingsError."""
    if isinstance(args, model):
        return args
    if not isinstance(args, Mapping):
        raise SettingsError([Problem(prefix, f"{problems.shown(args)} is wrong; right would be a group of keys")])
    try:
        return model.model_validate(dict(args))
    except ValidationError as error:
        found = problems.describe(error, model)
        raise SettingsError([Problem(f"{prefix}.{p.key}", p.text, p.missing) for p in found]) from None


def _of_one(values: dict[str, Any], rules: Rules) -> tuple[Settings | None, list[Problem]]:
    """A stack with one cluster, over which nobody spreads requests."""
    settings, found = _checked({key: value for key, value in values.items() if key != "balancer"}, rules)
    if values.get("balancer") is not None:
        found.append(
            Problem("balancer", "is over several clusters, and there is one: leave it out, or name `placements`")
        )
    return settings, found


def _checked(values: dict[str, Any], rules: Rules) -> tuple[Settings | None, list[Problem]]:
    """The settings of one cluster, or everything that is wrong with them; keys are relative to the project."""
    if values.get("cluster") is None:
        _, found = _checked(
            {**values, "cluster": {"kind": "local"}}, lambda backend, _, protect: rules(backend, None, protect)
        )
        return None, [Problem("cluster", f"missing. {Settings.model_fields['cluster'].description}", True), *found]
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        return None, [*problems.describe(error, Settings), *_conflicts_besides(values, error, rules)]
    return settings, [
        *_of_cluster(settings.cluster),
        *(
            _problem(conflict)
            for conflict in (*conflicts(settings.backend), *rules(settings.backend, settings.cluster, settings.protect))
        ),
    ]


def _parsed(text: str) -> Any:
    """The engine hands objects over as JSON and single values as they were written."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if _deeper(value, _DEEPEST):
        raise RecursionError
    return value


def _deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_deeper(each, levels - 1) for each in inner)


def _conflicts_besides(values: dict[str, Any], error: ValidationError, rules: Rules) -> list[Problem]:
    """Conflicts are looked for only among settings without other errors: put those aside, and look again."""
    rest = copy.deepcopy(values)
    broken = set()
    for entry in error.errors():
        path = problems.path_of(entry)
        broken |= {
            problems.dotted(path),
            problems.dotted(itertools.takewhile(lambda step: isinstance(step, str), path)),
        }
        _put_aside(rest, path)
    cluster_broken = any(key.split(".")[0] == "cluster" for key in broken)
    if cluster_broken:
        rest["cluster"] = {"kind": "local"}
    if "protect" in broken:
        rest.pop("protect", None)
    try:
        settled = Settings.model_validate(rest)
    except ValidationError:
        return []  # more is wrong than single settings
    found = (
        *conflicts(settled.backend),
        *rules(settled.backend, None if cluster_broken else settled.cluster, settled.protect),
    )
    return [
        *([] if cluster_broken else _of_cluster(settled.cluster)),
        *(
            _problem(conflict)
            for conflict in found
            if not any(_touches(broken, f"backend.{key}") for key in (conflict.key, *conflict.others))
        ),
    ]


def _touches(broken: set[str], key: str) -> bool:
    """Whether a setting, or a part of it, is in error itself."""
    return any(one == key or one.startswith((f"{key}.", f"{key}[")) or key.startswith(f"{one}.") for one in broken)


def _of_cluster(cluster: ClusterSettings | None) -> list[Problem]:
    return [
        Problem(f"cluster.{conflict.key}", f"{problems.shown(conflict.value)} {conflict.message}")
        for conflict in cluster_consistency.conflicts(cluster)
    ]


def _problem(conflict: Conflict) -> Problem:
    return Problem(f"backend.{conflict.key}", f"{problems.shown(conflict.value)} {conflict.message}")


# Settings that cannot be left out are replaced; what a conflict says of them is not told.
_STAND_INS = {
    "backend.image": "placeholder:0",
    **{
        f"backend.resources.{part}.{key}": value
        for part in ("requests", "limits")
        for key, value in (("cpu", "1"), ("memory", "1Gi"))
    },
}


def _put_aside(values: Any, path: list[str | int]) -> None:
    """Replaces or removes one setting; a list goes as a whole."""
    path = list(itertools.takewhile(lambda step: isinstance(step, str), path))
    whole = problems.dotted(path)
    for step in path[:-1]:
        try:
            values = values[step]
        except (KeyError, TypeError):
            return
    if isinstance(values, dict) and path:
        values.pop(path[-1], None)
        if whole in _STAND_INS:
            values[path[-1]] = _STAND_INS[whole]
