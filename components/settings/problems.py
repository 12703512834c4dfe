"""A problem with a setting, the error that lists all problems, and how keys and values appear in messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_REFERENCE = "The page Errors of the documentation explains the ids in brackets."
_MAX_LENGTH = 60  # of a value in a message


@dataclass(frozen=True)
class Problem:
    """A problem with one setting: its key, and what is wrong and what to do instead. The text ends with an error id.

    ``missing``: the setting is required and unset.
    """

    key: str
    text: str
    missing: bool = False

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


class SettingsError(Exception):
    """Every problem with the settings of a stack or of a component, one a line."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems = _merged(problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"The settings have {count}:", *(f"  {each}" for each in problems), _REFERENCE]))


def _merged(problems: list[Problem]) -> list[Problem]:
    """Merge the problems of one key into one line."""
    merged: dict[str, Problem] = {}
    for problem in problems:
        before = merged.get(problem.key)
        merged[problem.key] = Problem(problem.key, f"{before.text}; {problem.text}") if before else problem
    return list(merged.values())


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as a key, such as ``backend.environment.A`` or ``cluster.zones[0]``."""
    text = ""
    for step in path:
        word = step if isinstance(step, int) or step.isprintable() else repr(step)[1:-1]  # keep it on one line
        text += f"[{word}]" if isinstance(step, int) else f".{word}" if text else str(word)
    return text


def shown(value: Any) -> str:
    """Return a value for a message: on one line, at most 60 characters long, with YAML's null, true and false."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= _MAX_LENGTH else f"{text[: _MAX_LENGTH - 3]}..."


def alternatives(key: Any, noun: str, valid: Iterable[str]) -> str:
    """Return the end of a message about an invalid key or value: the most similar valid one, and all valid ones."""
    valid = list(valid)
    near, listed = suggestion(key, valid), ", ".join(valid)
    return f"{near} Valid {noun}: {listed}" if near else f"; valid {noun}: {listed}"


def suggestion(key: Any, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" if one of the known words is similar to the key, and an empty string if none is."""
    by_lowercase = {name.lower(): name for name in known}
    plain = str(key).lower().replace("_", "").replace("-", "")
    matches = difflib.get_close_matches(plain, by_lowercase, n=1, cutoff=0.6)
    return f"; did you mean {by_lowercase[matches[0]]!r}?" if matches else ""
