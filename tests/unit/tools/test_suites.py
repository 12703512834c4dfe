"""`python -m tools.test`: unknown suites, and the reasons of failures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import test

PROJECT = Path(__file__).parent.parent.parent.parent


def test_an_unknown_suite_is_one_message() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.test", "untit"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "valid values: unit, cluster, nodes, engine, corpus" in done.stderr


def test_public_repositories_are_cloned_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(test.CORPUS, raising=False)
    assert "make test SUITE=corpus" in (test.missing("corpus", named=False) or "")
    assert test.missing("corpus", named=True) is None


def test_the_reasons_of_failed_tests_are_repeated_at_the_end_of_a_run() -> None:
    long = "x" * 5000 + "the reason"
    first, second = test._failures(
        f"""<testsuites><testsuite>
        <testcase classname="tests.engine.a" name="one"><failure message="{long}"/></testcase>
        <testcase classname="tests.engine.a" name="two"/>
        <testcase classname="tests.engine.a" name="three"><error message="line&#10;more"/></testcase></testsuite>
        </testsuites>"""
    )
    assert first.startswith("FAILED tests.engine.a::one") and first.endswith("the reason\n") and len(first) < 2200
    assert second == "FAILED tests.engine.a::three\n  line\n  more\n"
