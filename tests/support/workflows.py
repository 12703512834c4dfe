"""The workflows as data, and their steps as a runner would carry them out: for tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parent.parent.parent
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((PROJECT / ".github" / "actions").glob("*/action.yml"))
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.S)


@dataclass(frozen=True)
class Step:
    """One step, with what of its job matters to it."""

    where: str
    uses: str = ""
    run: str = ""
    name: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)


def content(file: Path) -> dict[Any, Any]:
    """The file. YAML 1.1 reads its key ``on`` as True."""
    found: dict[Any, Any] = yaml.safe_load(file.read_text())
    return found


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    """Its jobs by name; the steps of an action count as one."""
    found = content(file)
    return found["jobs"] if "jobs" in found else {"runs": found["runs"]}


def steps(file: Path) -> Iterator[Step]:
    """Every step of every job."""
    for name, job in jobs(file).items():
        for number, step in enumerate(job["steps"]):
            environment = {**(job.get("env") or {}), **(step.get("env") or {})}
            yield Step(
                f"{file.name}, {name}, step {number}",
                step.get("uses", ""),
                step.get("run", ""),
                step.get("id", ""),
                environment,
                step.get("with") or {},
            )


def step(workflow: str, job: str, name: str) -> Step:
    """The one with that id."""
    file = next(file for file in [*WORKFLOWS, *ACTIONS] if workflow in (file.name, file.parent.name))
    [found] = [one for one in steps(file) if one.name == name and f", {job}, " in one.where]
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its expressions replaced by what the platform would put there. KeyError where one is not known."""
    return _EXPRESSION.sub(lambda found: values[" ".join(found[1].split())], text)
