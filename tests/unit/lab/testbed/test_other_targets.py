"""Drills on another ground: what can take place there is done in order, what cannot is skipped by name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lab.drills.experiments import DRILLS
from lab.drills.kube import DrillError
from lab.drills.report.content import Failed
from lab.testbed import other_targets
from lab.testbed.context import Setting
from lab.testbed.options import parse
from lab.testbed.runner import Done
from tests.support.fake_drills import kept


def setting(*names: str, **cannot: str) -> Setting:
    unloaded: Any = SimpleNamespace(connections=())
    ground: Any = SimpleNamespace()
    return Setting(ground, (unloaded,), tuple(DRILLS[name] for name in names), cannot, lambda: None)


def carried(
    monkeypatch: pytest.MonkeyPatch, given: Setting, words: list[str], fails: str = ""
) -> tuple[Done, list[str]]:
    tried: list[str] = []

    def run(drill: Any, _backends: Any, _ground: Any, vegeta: Any, _log: Any) -> Any:
        assert vegeta is None, "nothing is loaded there"
        tried.append(drill.name)
        if drill.name == fails:
            raise DrillError("waited in vain")
        return kept(drill)

    monkeypatch.setattr(other_targets.run, "run", run)
    done = Done()
    other_targets.carry_out(given, parse(words), lambda _: None, done)
    return done, tried


def test_what_can_take_place_is_done_and_the_rest_skipped_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    done, tried = carried(
        monkeypatch, setting("rollout", "drain", hang="pods there run no program"), ["--drill", "drain,hang"]
    )
    assert tried == ["drain"]
    assert [(one.name, one.why) for one in done.skipped] == [("hang", "pods there run no program")]


def test_it_ends_at_the_first_that_could_not_be_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    done, tried = carried(monkeypatch, setting("rollout", "drain", "kill"), [], fails="drain")
    assert tried == ["rollout", "drain"]
    assert isinstance(done.results[1], Failed)
    assert [one.name for one in done.skipped] == ["kill"] and "nobody has mended" in done.skipped[0].why
