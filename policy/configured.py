"""`python -m policy.configured FILE`: check a stack's configuration of the policy pack.

The engine checks types, but silently accepts names of rules and parameters that do not exist.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from policy.rule import Rule
from policy.rules import RULES

LEVELS = ("mandatory", "advisory", "disabled")
REMEDIATE = "remediate"
_LEVEL, _EXCEPTIONS = "enforcementLevel", "exceptions"
_REASON = 10  # characters that a reason has at least


def schema(rule: Rule) -> dict[str, dict[str, Any]]:
    """Return the JSON schemas of a rule's values, by name. The level is not among them."""
    return {
        **{
            key: {**parameter.schema, "description": parameter.description}
            for key, parameter in rule.parameters.items()
        },
        _EXCEPTIONS: {
            "type": "object",
            "description": "Resources that the rule skips, by their names in the program, each with a reason.",
            "additionalProperties": {"type": "string", "minLength": _REASON},
        },
    }


def problems(text: str) -> list[str]:
    """Return every problem of a configuration, each with its fix."""
    try:
        config = json.loads(text)
    except ValueError as error:
        return [f'is not JSON ({error}): write an object such as {{"image-digest": "mandatory"}}']
    if not isinstance(config, Mapping):
        return [f"is a {type(config).__name__}: write an object whose keys are names of rules"]
    rules = {rule.name: rule for rule in RULES}
    messages: list[str] = []
    for name, value in config.items():
        if name == "all":
            messages += _level(name, value, LEVELS)
        elif name not in rules:
            messages.append(f"{name}: there is no such rule: {_nearest(name, rules)}")
        elif isinstance(value, Mapping):
            messages += _values(rules[name], value)
        else:
            messages += _level(name, value, _levels(rules[name]))
    return messages


def _file_problems(file: Path) -> list[str]:
    try:
        return problems(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        return [f"cannot be read ({getattr(error, 'strerror', None) or error})"]


def _values(rule: Rule, values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        path = f"{rule.name}.{key}"
        if key == _LEVEL:
            yield from _level(path, value, _levels(rule))
        elif key == _EXCEPTIONS:
            yield from _exceptions(path, value)
        elif key not in rule.parameters:
            yield f"{path}: there is no such value: valid keys: {', '.join([_LEVEL, _EXCEPTIONS, *rule.parameters])}"
        else:
            yield from _parameter(path, value, rule.parameters[key].schema)


def _levels(rule: Rule) -> Sequence[str]:
    return (*LEVELS, REMEDIATE) if rule.remedy else LEVELS


def _level(path: str, value: Any, levels: Sequence[str]) -> Iterator[str]:
    if value not in levels:
        yield f"{path}: {json.dumps(value)} is not a level of this rule: valid values: {', '.join(levels)}"


def _exceptions(path: str, value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: {json.dumps(value)} is not an object: write the names of resources, each with a reason"
        return
    for resource, reason in value.items():
        if not isinstance(reason, str) or len(reason) < _REASON:
            yield f"{path}.{resource}: {json.dumps(reason)} is not a reason: write at least {_REASON} characters"


def _parameter(path: str, value: Any, wanted: Mapping[str, Any]) -> Iterator[str]:
    if wanted["type"] == "integer":
        if isinstance(value, bool) or not isinstance(value, int) or value < wanted["minimum"]:
            yield f"{path}: {json.dumps(value)} is invalid: use an integer of at least {wanted['minimum']}"
    elif not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        yield f'{path}: {json.dumps(value)} is not a list of strings: write a list such as ["latest"]'


def _nearest(name: str, known: Mapping[str, Rule]) -> str:
    near = difflib.get_close_matches(name, known, 3, 0.4)
    return f"did you mean one of: {', '.join(near)}?" if near else "see the reference of policy rules"


def main(files: Sequence[str]) -> int:
    """Print the problems of all files to standard error, and return 1 if there is one."""
    messages = [f"{file}: {problem}" for file in files for problem in _file_problems(Path(file))]
    print("\n".join(messages), end="\n" if messages else "", file=sys.stderr)
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
