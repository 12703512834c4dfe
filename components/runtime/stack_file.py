"""Reads Pulumi.<stack>.yaml as the engine would, for whatever runs without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from ..settings import Settings
from ..settings.stack import PROJECT
from ..validation import validated_stack


class StackFileError(Exception):
    """There is no such stack file, or it cannot be read; the text says which there are."""


def path(project: Path, stack: str) -> Path:
    """The stack's file. Raises StackFileError, naming the stacks that have one."""
    file = project / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        known = sorted(found.name.split(".")[1] for found in project.glob("Pulumi.*.yaml"))
        raise StackFileError(
            f"There is no Pulumi.{stack}.yaml, so there is no stack {stack!r} to work on. "
            f"Stacks here: {', '.join(known) or 'none'}."
        )
    return file


def config(project: Path, stack: str, file: Path | None = None) -> tuple[dict[str, str], list[str]]:
    """The stack's configuration as the engine hands it to a program, and the keys that hold encrypted values.

    ``file``: where it is, left out its usual place. Raises StackFileError.
    """
    file = file or path(project, stack)
    try:
        content = yaml.safe_load(file.read_text()) or {}
        values: dict[str, Any] = content.get("config") or {}
        full = {key if ":" in key else f"{PROJECT}:{key}": value for key, value in values.items()}
    except (yaml.YAMLError, AttributeError, OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{file.name} cannot be read as a stack file: {' '.join(str(error).split())}") from None
    text = {key: value if isinstance(value, str) else json.dumps(value) for key, value in full.items()}
    return text, [key for key, value in full.items() if _encrypted(value)]


def settings(project: Path, stack: str, file: Path | None = None) -> Settings:
    """The stack's settings, from its file as in ``config``. Raises StackFileError or SettingsError."""
    return validated_stack(*config(project, stack, file))


def _encrypted(value: Any) -> bool:
    if isinstance(value, dict):
        return set(value) == {"secure"} or any(_encrypted(inner) for inner in value.values())
    return isinstance(value, list) and any(_encrypted(inner) for inner in value)
