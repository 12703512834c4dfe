"""The workflows as data, and their steps as a runner executes them."""

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
    """One step, with the environment of its job."""

    where: str
    uses: str = ""
    run: str = ""
    name: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)


def content(file: Path) -> dict[Any, Any]:
    """Return the content of a file. YAML 1.1 reads the key ``on`` as True."""
    result: dict[Any, Any] = yaml.safe_load(file.read_text())
    return result


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    """Return the jobs of a workflow by name. The steps of an action count as one job."""
    workflow = content(file)
    return workflow["jobs"] if "jobs" in workflow else {"runs": workflow["runs"]}


def steps(file: Path) -> Iterator[Step]:
    """Yield every step of every job."""
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
    """Return the step with this id."""
    file = next(file for file in [*WORKFLOWS, *ACTIONS] if workflow in (file.name, file.parent.name))
    [result] = [one for one in steps(file) if one.name == name and f", {job}, " in one.where]
    return result


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its expressions replaced by values. Raises KeyError if one is missing."""
    return _EXPRESSION.sub(lambda match: values[" ".join(match[1].split())], text)
