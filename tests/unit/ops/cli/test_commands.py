"""The commands: one clear message for every error that a user can act on, with its id and its exit code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from components.errors import ErrorKind
from ops.cli import errors
from ops.cli.reference import exit_codes_page
from ops.errors import UserError
from ops.exit_codes import ExitCode
from ops.review.effect import Effect

PROJECT = Path(__file__).parent.parent.parent.parent.parent


@pytest.mark.parametrize("command", ["up", "preview", "destroy", "env"])
def test_an_unknown_stack_is_one_message_without_a_traceback(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", command, "stging"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (
        done.returncode == 1
        and "use one of dev, prod [stack-file-missing]" in done.stderr
        and "Traceback" not in done.stderr
    )


def test_every_exit_code_has_a_meaning_and_a_row() -> None:
    page = exit_codes_page()
    for code in ExitCode:
        assert code.meaning.endswith(".")
        assert (f"| {code.value} | {code.commands} |" in page) is (code is not ExitCode.NO_EFFECT)


def test_exit_codes_keep_their_numbers() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "FAILED": 1,
        "USAGE": 2,
        "NO_EFFECT": 10,
        "RESTART": 11,
        "LOWER": 12,
        "WEAKER": 13,
        "OUTAGE": 14,
        "ROLLED_BACK": 20,
        "NOT_ROLLED_BACK": 21,
        "PLAN_REJECTED": 22,
        "DRIFT": 30,
        "INTERRUPTED": 130,
    }


def test_an_effect_s_exit_code_is_10_plus_its_number() -> None:
    assert [ExitCode(ExitCode.NO_EFFECT + effect).name for effect in Effect if effect] == [
        effect.name for effect in Effect if effect
    ]


def test_every_kind_of_error_is_used_in_source() -> None:
    sources = "\n".join(file.read_text() for file in (PROJECT / "ops").rglob("*.py") if file.name != "errors.py")
    names = {name: kind for name, kind in vars(errors).items() if isinstance(kind, ErrorKind)}
    assert len({kind.id for kind in names.values()}) == len(names) > 20
    for name, kind in names.items():
        assert re.search(rf"\b{name}\b", sources), name
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.id)
        assert kind.meaning.endswith(".") and kind.remedy.endswith(".")


def test_an_error_s_text_ends_with_its_id() -> None:
    error = UserError("web: missing: create it", errors.STATE_LOCKED)
    assert (str(error), error.text) == ("web: missing: create it [state-locked]", "web: missing: create it")
