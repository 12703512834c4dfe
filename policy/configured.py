"""`python -m policy.configured FILE`: whether a stack's configuration of the pack says only what the pack knows.

The engine checks types, but takes the name of no rule, or of no parameter, without a word.
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
_REASON = 10  # characters that a reason has at the least


def schema(rule: Rule) -> dict[str, dict[str, Any]]:
    """The values that a rule takes, besides its level, as JSON schemas by name."""
    return {
        **{key: {**parameter.schema, "description": parameter.what} for key, parameter in rule.parameters.items()},
        _EXCEPTIONS: {
            "type": "object",
            "description": "Resources that it leaves alone, by the program's names, and why.",
            "additionalProperties": {"type": "string", "minLength": _REASON},
        },
    }


def problems(text: str) -> list[str]:
    """Everything that is wrong with a configuration, each with what would be right."""
    try:
        given = json.loads(text)
    except ValueError as error:
        return [f'is no JSON ({error}); right would be, for example, {{"image-digest": "mandatory"}}']
    if not isinstance(given, Mapping):
        return [f"is a {type(given).__name__}; right would be an object with the names of rules"]
    rules = {rule.name: rule for rule in RULES}
    found: list[str] = []
    for name, value in given.items():
        if name == "all":
            found += _level(name, value, LEVELS)
        elif name not in rules:
            found.append(f"{name}: there is no such rule; {_nearest(name, rules)}")
        elif isinstance(value, Mapping):
            found += _values(rules[name], value)
        else:
            found += _level(name, value, _levels(rules[name]))
    return found


def _of(file: Path) -> list[str]:
    try:
        return problems(file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        return [f"cannot be read ({getattr(error, 'strerror', None) or error})"]


def _values(rule: Rule, given: Mapping[str, Any]) -> Iterator[str]:
    for key, value in given.items():
        where = f"{rule.name}.{key}"
        if key == _LEVEL:
            yield from _level(where, value, _levels(rule))
        elif key == _EXCEPTIONS:
            yield from _exceptions(where, value)
        elif key not in rule.parameters:
            yield f"{where}: there is no such value; right would be: {', '.join([_LEVEL, _EXCEPTIONS, *rule.parameters])}"
        else:
            yield from _parameter(where, value, rule.parameters[key].schema)


def _levels(rule: Rule) -> Sequence[str]:
    return (*LEVELS, REMEDIATE) if rule.remedy else LEVELS


def _level(where: str, value: Any, levels: Sequence[str]) -> Iterator[str]:
    if value not in levels:
        yield f"{where}: {json.dumps(value)} is no level of it; right would be: {', '.join(levels)}"


def _exceptions(where: str, value: Any) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{where}: {json.dumps(value)} is no object; right would be the names of resources, each with a reason"
        return
    for resource, reason in value.items():
        if not isinstance(reason, str) or len(reason) < _REASON:
            yield f"{where}.{resource}: {json.dumps(reason)} is no reason; right would be {_REASON} characters or more"


def _parameter(where: str, value: Any, wanted: Mapping[str, Any]) -> Iterator[str]:
    if wanted["type"] == "integer":
        if isinstance(value, bool) or not isinstance(value, int) or value < wanted["minimum"]:
            yield f"{where}: {json.dumps(value)} is no whole number of {wanted['minimum']} or more"
    elif not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        yield f"{where}: {json.dumps(value)} is no list of texts"


def _nearest(name: str, known: Mapping[str, Rule]) -> str:
    near = difflib.get_close_matches(name, known, 3, 0.4)
    return f"right would be: {', '.join(near)}" if near else "docs/policy.md names them all"


def main(files: Sequence[str]) -> int:
    """Exit code 1 where one of the files has a problem; each is told on stderr."""
    found = [f"{file}: {problem}" for file in files for problem in _of(Path(file))]
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
