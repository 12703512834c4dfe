"""Reads Pulumi.<stack>.yaml as the engine would, for commands that run without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from ..errors import clusters as errors
from ..errors import tagged
from ..settings import Settings
from ..settings.stack import PROJECT
from ..validation import validated_stack


class StackFileError(Exception):
    """The stack file is missing or cannot be read. The text lists the stacks that have one."""


def path(project: Path, stack: str) -> Path:
    """Return the path of the stack's file. Raises StackFileError if it does not exist."""
    file = project / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        known = sorted(found.name.split(".")[1] for found in project.glob("Pulumi.*.yaml"))
        text = f"There is no stack {stack!r}: create Pulumi.{stack}.yaml, or use one of {', '.join(known) or 'none'}"
        raise StackFileError(tagged(text, errors.STACK_FILE_MISSING))
    return file


def config(project: Path, stack: str, file: Path | None = None) -> tuple[dict[str, str], list[str]]:
    """Return the configuration as the engine passes it to a program, and the keys with encrypted values.

    ``file`` is the path of the stack file; by default, it is next to Pulumi.yaml. Raises StackFileError.
    """
    file = file or path(project, stack)
    try:
        content = yaml.safe_load(file.read_text()) or {}
        values: dict[str, Any] = content.get("config") or {}
        full = {key if ":" in key else f"{PROJECT}:{key}": value for key, value in values.items()}
    except (yaml.YAMLError, AttributeError, OSError, UnicodeDecodeError) as error:
        text = f"{file.name} cannot be read as a stack file: {' '.join(str(error).split())}"
        raise StackFileError(tagged(text, errors.STACK_FILE_UNREADABLE)) from None
    plain = {key: value if isinstance(value, str) else json.dumps(value) for key, value in full.items()}
    return plain, [key for key, value in full.items() if _encrypted(value)]


def settings(project: Path, stack: str, file: Path | None = None) -> Settings:
    """Return the stack's settings, from its file as in ``config``. Raises StackFileError or SettingsError."""
    return validated_stack(*config(project, stack, file))


def _encrypted(value: Any) -> bool:
    if isinstance(value, dict):
        return set(value) == {"secure"} or any(_encrypted(inner) for inner in value.values())
    return isinstance(value, list) and any(_encrypted(inner) for inner in value)
