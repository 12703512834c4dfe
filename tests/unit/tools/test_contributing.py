"""Documents and hooks name only what exists: paths, modules, make targets and files that hooks watch."""

from __future__ import annotations

import importlib
import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parent.parent.parent.parent
TRACKED = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split()
DOCUMENTS = [name for name in TRACKED if name.endswith(".md") and name != "CHANGELOG.md"]
HOOKS = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
TARGETS = set(re.findall(r"^([a-z][a-z-]*)[ a-z-]*:", (PROJECT / "Makefile").read_text(), re.M))
TARGETS |= {
    name for line in re.findall(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), re.M) for name in line.split()
}
_ROOTS = {name.split("/")[0] for name in TRACKED if "/" in name}
# Made by a command, and ignored by git.
_MADE = ("venv/", "policy/venv", "venv-checkov", ".ha-backend", "dist/")


def _paths(text: str) -> Iterator[str]:
    """Yield what looks like a path in this repository: in backticks, and with a folder of ours at its start."""
    for code in re.findall(r"`([\w./*-]+/[\w./*-]*)`", text):
        if code.split("/")[0] in _ROOTS and not code.startswith(_MADE):
            yield code


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_only_paths_that_exist(document: str) -> None:
    missing = [path for path in _paths((PROJECT / document).read_text()) if not any(PROJECT.glob(path.rstrip("/")))]
    assert not missing, f"{document} names {missing}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_only_modules_that_exist(document: str) -> None:
    modules = re.findall(r"python -m ([a-z_]+(?:\.[a-z_]+)*)", (PROJECT / document).read_text())
    for module in modules:
        if module.split(".")[0] in _ROOTS:
            assert importlib.util.find_spec(module), f"{document} names {module}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_names_only_make_targets_that_exist(document: str) -> None:
    named = re.findall(r"(?:^ {4}|`|\| )make (?:-s )?([a-z][a-z-]*)", (PROJECT / document).read_text(), re.M)
    assert not set(named) - TARGETS, f"{document} names {sorted(set(named) - TARGETS)}"


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_a_hook_runs_what_exists_and_watches_files_that_exist(hook: dict[str, str]) -> None:
    module = re.search(r"python -m ([\w.]+)", hook["entry"])
    assert module is None or importlib.util.find_spec(module[1])
    if "files" in hook:
        for part in hook["files"].split("|^"):
            pattern = part if part.startswith("^") else f"^{part}"
            assert any(re.search(pattern, name) for name in TRACKED), f"{pattern} matches no file"


def test_the_search_finds_paths_at_all() -> None:
    assert len(list(_paths((PROJECT / "CONTRIBUTING.md").read_text()))) > 20


def test_ci_calls_only_functions_that_exist() -> None:
    """What CI asks before it installs anything, in the machine's own Python."""
    called = re.findall(r"from ([\w.]+) import (\w+); (?:print\(\*)?\2\.(\w+)\(", (PROJECT / ".ci" / "run").read_text())
    assert len(called) == 2
    for package, module, function in called:
        assert callable(getattr(importlib.import_module(f"{package}.{module}"), function))
