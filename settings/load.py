"""Turns what a stack file says into settings, or into every problem it has."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from settings import problems
from settings.problems import Problem, SettingsError
from settings.stack import PROJECT, Settings


def load(config: Mapping[str, str], secret_keys: Collection[str] = ()) -> Settings:
    """Settings from the engine's configuration: ``{"ha-backend:backend": '{"image": ...}', ...}``, values as JSON.

    Raises SettingsError with all problems at once: unknown keys, wrong types, values out of range, settings in conflict,
    and configuration of the default Kubernetes provider, which this program never uses.
    """
    values: dict[str, Any] = {}
    found: list[Problem] = []
    for name, text in config.items():
        project, _, key = name.partition(":")
        if project == "kubernetes":
            found.append(Problem(name, "has no effect: every resource uses the cluster that ha-backend:cluster names"))
        elif project == PROJECT and name in secret_keys:
            found.append(Problem(name, "holds an encrypted value, and settings are plain: use backend.generatedSecrets, or a "
                                       "Secret that is managed elsewhere"))
        elif project == PROJECT:
            values[key] = _parsed(text)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        found += _described(error)
        found += _conflicts_besides(values, error)
    hidden = {problem.key for problem in found if problem.key in secret_keys}
    found = [p for p in found if not (p.missing and p.key in hidden)]
    if found:
        raise SettingsError(found)
    return settings


def validate_group(model: type[Any], values: Mapping[str, Any], prefix: str) -> Any:
    """One group of settings given directly, as a component's arguments are. Raises SettingsError like ``load``."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise SettingsError([Problem(f"{prefix}.{p.key}" if p.key else prefix, p.text)
                             for p in problems.describe(error, model)]) from None


def _parsed(text: str) -> Any:
    """The engine hands objects over as JSON and single values as they were written."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _described(error: ValidationError) -> list[Problem]:
    return [Problem(f"{PROJECT}:{p.key}", p.text, p.missing) for p in problems.describe(error, Settings)]


def _conflicts_besides(values: dict[str, Any], error: ValidationError) -> list[Problem]:
    """Conflicts are looked for only in a group without other errors: put those aside, and look again."""
    rest = copy.deepcopy(values)
    broken = set()
    for entry in error.errors():
        path = problems.path_of(entry)
        broken.add(problems.dotted(path))
        if problems.conflicts_of(entry):
            return []  # they were told in the first place
        _put_aside(rest, path)
    try:
        Settings.model_validate({**rest, "cluster": {"kind": "local"}})
    except ValidationError as again:
        return [Problem(f"{PROJECT}:{problems.dotted(entry['loc'])}.{c.key}", f"{c.value!r} {c.text}")
                for entry in again.errors() for c in problems.conflicts_of(entry)
                if not broken & {f"backend.{key}" for key in (c.key, *c.others)}]
    return []


# Settings that cannot be left out are replaced; what a conflict says of them is not told.
_STAND_INS = {"image": "placeholder:0", "cpu": "1", "memory": "1Gi"}


def _put_aside(values: Any, path: list[str | int]) -> None:
    """Replaces or removes one setting; a list goes as a whole."""
    path = list(itertools.takewhile(lambda step: isinstance(step, str), path))
    for step in path[:-1]:
        try:
            values = values[step]
        except (KeyError, TypeError):
            return
    if isinstance(values, dict) and path:
        values.pop(path[-1], None)
        if path[-1] in _STAND_INS:
            values[path[-1]] = _STAND_INS[str(path[-1])]
