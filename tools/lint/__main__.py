"""`python -m tools.lint`: run every static check, and return 1 if one fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from components.devcluster import binaries
from lab.testbed.baselines import BASELINES, manifests
from ops.render.__main__ import as_yaml
from ops.render.evaluate import evaluate
from tools import graders
from tools.graders import exemptions

from .kubeconform import kubeconform

PROJECT = Path(__file__).parent.parent.parent
STACKS = sorted(file.name.split(".")[1] for file in PROJECT.glob("Pulumi.*.yaml"))
_PYTHON = [sys.executable, "-m"]
_COMMANDS: dict[str, list[str]] = {
    "ruff check": [*_PYTHON, "ruff", "check", "."],
    "ruff format --check": [*_PYTHON, "ruff", "format", "--check", "."],
    "import-linter": [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
    "mypy --strict": [*_PYTHON, "mypy"],
    "settings.schema.json is up to date": [*_PYTHON, "components.settings", "check"],
    "documentation, strictly": [
        *_PYTHON,
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        "dist/site",
    ],
}


def main() -> int:
    """Run the checks one after the other; report every failure, not only the first."""
    checks: dict[str, Callable[[], int]] = {
        **{title: partial(_run, command) for title, command in _COMMANDS.items()},
        "actionlint": _workflows,
        "kubeconform -strict, baselines of the drills": _baselines,
        "kubeconform -strict, kube-score and checkov, rendered stacks": _stacks,
    }
    failed = [title for title, check in checks.items() if not _passes(title, check)]
    print(f"lint: failed: {'; '.join(failed)}" if failed else "lint: clean")
    return 1 if failed else 0


def _passes(title: str, check: Callable[[], int]) -> bool:
    print(f"== {title} ==", flush=True)
    try:
        return check() == 0
    except Exception as error:  # one check that cannot run must not hide the others
        print(f"{type(error).__name__}: {error}", flush=True)
        return False


def _run(command: list[str]) -> int:
    # MkDocs' theme prints an advertisement for its successor otherwise.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode


def _workflows() -> int:
    program = binaries.ensure(print, ["actionlint"])["actionlint"]
    files = sorted(str(file) for file in (PROJECT / ".github" / "workflows").glob("*.yml"))
    # Without shellcheck and pyflakes: whether they are installed must not decide the result.
    command = [str(program), "-shellcheck=", "-pyflakes=", *files]
    return _run(command)


def _baselines() -> int:
    rendered = [
        manifests(baseline, name="web", namespace="web", image="web:1", environment={}, cpu="100m")
        for baseline in BASELINES.values()
    ]
    return sum(kubeconform(yaml.safe_dump_all(each)) for each in rendered)


def _stacks() -> int:
    rendered = {stack: as_yaml(evaluate(PROJECT, stack)) for stack in STACKS}
    invalid = sum(kubeconform(text) for text in rendered.values())
    return invalid + graders.run(rendered, exemptions.read())


if __name__ == "__main__":
    sys.exit(main())
