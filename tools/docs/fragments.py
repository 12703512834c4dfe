"""Text that pages and the README quote from the program: the promise of a stack, and messages of rejected settings."""

from __future__ import annotations

import copy
import json
import textwrap
from pathlib import Path
from typing import Any

import yaml

from components.availability import facts_from_settings, promise
from components.runtime import stack_file
from components.settings import SettingsError
from components.validation import validated_stack

PROJECT = Path(__file__).parent.parent.parent


def promise_table(stack: str = "dev") -> str:
    """Return a stack's promise as a Markdown table, without the sources of its numbers."""
    rows = [
        f"| {failure} | {'yes' if row['survived'] else 'no'} | {row['recoverySeconds']} s | "
        f"{row['errorWindowSeconds']} s | {row['capacityLeftPercent']} % |"
        for failure, row in _promise(stack).items()
    ]
    header = ["| Failure | Survived | Recovers in | Requests fail for | Capacity left |", "|---|---|---|---|---|"]
    return "\n".join([*header, *rows]) + "\n"


def promise_sources(stack: str = "dev") -> str:
    """Return a stack's promise as a Markdown table with every term of its sums."""
    rows = [
        f"| {failure} | {_sum(row['recoverySeconds'], row['sources'])} | "
        f"{_sum(row['errorWindowSeconds'], row['errorWindowSources'])} | "
        f"{row['capacityLeftPercent']} % | {row['why']} |"
        for failure, row in _promise(stack).items()
    ]
    header = ["| Failure | Recovers in | Requests fail for | Capacity left | Why |", "|---|---|---|---|---|"]
    return "\n".join([*header, *rows]) + "\n"


def rejection(stack: str, changes: dict[str, Any]) -> str:
    """Return the message for a stack with ``changes``, wrapped for a page: values by key, such as ``backend.port``."""
    config = copy.deepcopy(yaml.safe_load((PROJECT / f"Pulumi.{stack}.yaml").read_text())["config"])
    for key, value in changes.items():
        *groups, last = key.split(".")
        group = config[f"ha-backend:{groups[0]}"]
        for name in groups[1:]:
            group = group.setdefault(name, {})
        group[last] = value
    try:
        validated_stack({key: json.dumps(value) for key, value in config.items()}, ())
    except SettingsError as error:
        return "\n".join(_wrapped(line) for line in str(error).splitlines())
    raise ValueError(f"nothing is rejected in {changes}")


MISTAKES: dict[str, Any] = {
    "backend.image": "web:latest",
    "backend.shutdown.deregistrationSeconds": 6,
    "cluster.zones": ["zone-a"],
    "cluster.nodesPerZone": 3,
}
"""Settings of the stack ``dev`` that cannot hold, which the README and the page about the promise quote."""

FRAGMENTS = {
    "promise dev": promise_sources,
    "rejections": lambda: f"```text\n{rejection('dev', MISTAKES)}\n```\n",
}
"""What a page gets for ``<!-- generated: NAME -->``."""


def _promise(stack: str) -> dict[str, Any]:
    settings = stack_file.settings(PROJECT, stack)
    if settings.backend is None:
        raise ValueError(f"the stack {stack} has placements, and so no promise of its own")
    return promise(settings.backend, facts_from_settings(settings.cluster)).as_output()


def _wrapped(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.fill(line.strip(), 116, initial_indent=indent, subsequent_indent=indent + "  ")


def _sum(seconds: int, terms: list[str]) -> str:
    return f"{seconds} s" + ("<br>" + "<br>+ ".join(terms) if terms else "")
