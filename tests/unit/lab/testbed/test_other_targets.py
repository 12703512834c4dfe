"""Drills on another target: supported ones run in order, the others are skipped by name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lab.drills.experiments import DRILLS
from lab.drills.kube import DrillError
from lab.drills.report.content import Failed
from lab.testbed import other_targets
from lab.testbed.context import Setup
from lab.testbed.options import parse
from lab.testbed.runner import RunState
from tests.support.fake_drills import kept


def setup(*names: str, **unsupported: str) -> Setup:
    unloaded: Any = SimpleNamespace(connections=())
    target: Any = SimpleNamespace()
    return Setup(target, (unloaded,), tuple(DRILLS[name] for name in names), unsupported, lambda: None)


def run_all(
    monkeypatch: pytest.MonkeyPatch, prepared: Setup, words: list[str], fails: str = ""
) -> tuple[RunState, list[str]]:
    attempts: list[str] = []

    def run(drill: Any, _backends: Any, _target: Any, vegeta: Any, _log: Any) -> Any:
        assert vegeta is None, "no backend receives load"
        attempts.append(drill.name)
        if drill.name == fails:
            raise DrillError("timed out")
        return kept(drill)

    monkeypatch.setattr("lab.drills.run.run", run)
    state = RunState()
    other_targets.run_supported(prepared, parse(words), lambda _: None, state)
    return state, attempts


def test_supported_drills_run_and_the_others_are_skipped_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    state, attempts = run_all(
        monkeypatch, setup("rollout", "drain", hang="pods there run no program"), ["--drill", "drain,hang"]
    )
    assert attempts == ["drain"]
    assert [(one.name, one.reason) for one in state.skipped] == [("hang", "pods there run no program")]


def test_the_run_ends_at_the_first_drill_that_cannot_be_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    state, attempts = run_all(monkeypatch, setup("rollout", "drain", "kill"), [], fails="drain")
    assert attempts == ["rollout", "drain"]
    assert isinstance(state.results[1], Failed)
    assert [one.name for one in state.skipped] == ["kill"] and "not repaired automatically" in state.skipped[0].reason
