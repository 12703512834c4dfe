"""`make help` fits a screen and names every command, and every command runs a module that exists."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent.parent
PHONY = re.search(r"^\.PHONY: help (.*)$", (PROJECT / "Makefile").read_text(), re.M)
COMMANDS = PHONY[1].split() if PHONY else []


def make(*words: str) -> str:
    """Return the output of make."""
    return subprocess.run(["make", "-s", *words], cwd=PROJECT, capture_output=True, text=True, check=True).stdout


def test_help_fits_a_screen_and_names_every_command() -> None:
    lines = make("help").splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80
    documented = [match[1] for line in lines if (match := re.match(r"[A-Z ].{14}([a-z-]+)  ", line))]
    assert sorted(documented) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_runs_modules_that_exist(command: str) -> None:
    output = make("-n", command)
    modules = set(re.findall(r"venv/bin/python -m ([\w.]+)", output))
    assert modules or "pip wheel" in output
    for module in modules - {"venv"}:
        spec = importlib.util.find_spec(module)
        assert spec and (not spec.submodule_search_locations or importlib.util.find_spec(f"{module}.__main__")), module
