"""Loads settings from a stack's configuration or from a component's arguments, or reports every problem with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from ..errors import ErrorKind, tagged
from ..errors import settings as errors
from . import placement_checks, validation_errors
from .backend import BackendSettings
from .base import SettingsModel
from .checks import PLACEHOLDERS, Rules, checked
from .cluster import ClusterSettings
from .conflict import Conflict
from .placement_checks import Together
from .problems import Problem, SettingsError, dotted, shown
from .stack import PROJECT, Settings

Model = TypeVar("Model", bound=SettingsModel)
_MAX_DEPTH = 20  # far below Python's recursion limit, far above what any setting needs


def load(
    config: Mapping[str, str],
    secret_keys: Collection[str] = (),
    rules: Rules = lambda *_: [],
    together: Together = lambda _: (),
) -> Settings:
    """Return the settings in a stack's configuration: ``{"ha-backend:backend": '{"image": ...}', ...}``.

    ``secret_keys``: keys with encrypted values. ``rules``: further rules about the backend on its cluster.
    ``together``: further rules about the backends on all clusters.

    Raise SettingsError with every problem: unknown keys, wrong types, values out of range, contradictions, violated
    rules, and configuration of the default Kubernetes provider, which this program never uses.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, text in config.items():
        project, _, key = name.partition(":")
        if project == "kubernetes":
            problems.append(
                _problem(
                    dotted([name]),
                    "has no effect, because every resource uses the cluster in ha-backend:cluster: remove it",
                    errors.PROVIDER_CONFIGURATION,
                )
            )
        elif project == PROJECT and name in secret_keys:
            problems.append(
                _problem(
                    dotted([name]),
                    "is encrypted, and settings are plain: use backend.generatedSecrets, or a Secret that you manage "
                    "elsewhere",
                    errors.ENCRYPTED_SETTING,
                )
            )
        elif project == PROJECT:
            try:
                values[key] = _parsed(text)
            except RecursionError:
                problems.append(_problem(dotted([name]), "is nested too deep: check its indentation", errors.TOO_DEEP))
    settings, found = (
        placement_checks.checked(values, lambda one: checked(one, rules), together)
        if "placements" in values
        else _on_one_cluster(values, rules)
    )
    problems += [Problem(f"{PROJECT}:{problem.key}", problem.text, problem.missing) for problem in found]
    encrypted = {problem.key for problem in problems if problem.key in secret_keys}
    problems = [problem for problem in problems if not (problem.missing and problem.key in encrypted)]
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def validate_backend(
    args: BackendSettings | Mapping[str, Any],
    prefix: str,
    rules: Callable[[BackendSettings], list[Conflict]] = lambda _: [],
) -> BackendSettings:
    """Return the settings of a backend from a component's arguments.

    ``prefix`` is the first part of every key in messages. Raise SettingsError with every problem, as ``load`` does.
    """
    backend = dict(args) if isinstance(args, Mapping) else args
    settings, problems = checked({"cluster": {"kind": "local"}, "backend": backend}, lambda one, *_: rules(one))
    if problems or settings is None:
        raise SettingsError(_renamed(problems, "backend", prefix))
    return settings.backend


def validate_cluster(args: ClusterSettings | Mapping[str, Any], prefix: str) -> ClusterSettings:
    """Return the settings of a cluster from a component's arguments.

    ``prefix`` is the first part of every key in messages. Raise SettingsError with every problem, as ``load`` does.
    """
    cluster = dict(args) if isinstance(args, Mapping) else args
    backend = {"image": PLACEHOLDERS["backend.image"]}
    settings, problems = checked({"cluster": cluster, "backend": backend}, lambda *_: [])
    if problems or settings is None or settings.cluster is None:
        raise SettingsError(_renamed(problems, "cluster", prefix))
    return settings.cluster


def validate_group(model: type[Model], args: Model | Mapping[str, Any], prefix: str) -> Model:
    """Return a group of settings that no rule involves, from a component's arguments. Raise SettingsError."""
    if isinstance(args, model):
        return args
    if not isinstance(args, Mapping):
        raise SettingsError([_problem(prefix, f"{shown(args)} is invalid: must be an object", errors.WRONG_TYPE)])
    try:
        return model.model_validate(dict(args))
    except ValidationError as error:
        problems = validation_errors.describe(error, model)
        raise SettingsError([Problem(f"{prefix}.{p.key}", p.text, p.missing) for p in problems]) from None


def _problem(key: str, text: str, kind: ErrorKind) -> Problem:
    return Problem(key, tagged(text, kind))


def _renamed(problems: list[Problem], group: str, prefix: str) -> list[Problem]:
    return [Problem(f"{prefix}{p.key.removeprefix(group)}", p.text, p.missing) for p in problems]


def _on_one_cluster(values: dict[str, Any], rules: Rules) -> tuple[Settings | None, list[Problem]]:
    """Check a stack with one cluster, which has no balancer."""
    settings, problems = checked({key: value for key, value in values.items() if key != "balancer"}, rules)
    if values.get("balancer") is not None:
        problems.append(
            _problem(
                "balancer",
                "distributes requests over several clusters, and there is one: omit it, or set `placements`",
                errors.BALANCER_WITHOUT_PLACEMENTS,
            )
        )
    return settings, problems


def _parsed(text: str) -> Any:
    """Parse a value of the configuration: the engine passes objects as JSON and scalars as they are written."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if _is_deeper(value, _MAX_DEPTH):
        raise RecursionError
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)
