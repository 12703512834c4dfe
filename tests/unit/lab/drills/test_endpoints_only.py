"""Drills without load: endpoints alone are judged, and missing measurements are doubts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lab.drills import run
from lab.drills.drill import Drill, no_step, planned, planned_eviction
from lab.drills.measure import measure
from lab.drills.model import Moment
from lab.drills.recording_json import as_json, from_json
from lab.drills.session import Session, Subject
from lab.drills.vegeta import LoadError
from lab.drills.verdict import Limits, judge
from tests.support.fake_target import FakeTarget, backend
from tests.support.recordings import recording, samples


def drilled(target: FakeTarget, act: Any, limits: Any = planned, **more: Any) -> run.Result:
    (result,) = run.run(
        Drill("x", "x happens", act, limits, "it holds", seconds=0, steady_seconds=0.3, recovery_timeout=1),
        [backend(**more)],
        target,
        None,
        print,
    )
    return result


def test_without_load_endpoints_alone_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "TAIL_SECONDS", 0.3)
    kept = drilled(FakeTarget(), no_step)
    assert kept.verdict and (kept.verdict.status, kept.verdict.doubts) == ("kept", ())
    assert kept.limits == Limits(least_ready=3) and kept.recording.streams == () and not kept.recording.loaded
    assert from_json(as_json(kept.recording)) == kept.recording

    target = FakeTarget()
    broken = drilled(target, lambda context: target.kube.endpoints.update(b=0))
    assert broken.verdict and broken.verdict.violations == ("only 2 ready endpoints (promised: at least 3)",)


def test_without_load_a_promise_without_limits_on_endpoints_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "TAIL_SECONDS", 0.1)
    result = drilled(
        FakeTarget(), no_step, planned_eviction, max_unavailable=3
    )  # no disruption budget: a drain may evict all pods
    assert result.verdict and result.verdict.doubts == (
        "only endpoints were sampled, and the promise has no limit on them",
    )


def test_missing_load_is_a_doubt() -> None:
    assert judge(measure(recording(streams=(), loaded=True)), Limits(least_ready=3)).doubts == ("no load was sent",)
    with pytest.raises(LoadError, match="vegeta"):
        Session("x", [Subject("web", "http://127.0.0.1/", dict, 3)], None)


def test_a_sample_holds_for_its_sampling_interval() -> None:
    once_a_second = tuple(one for one in samples() if one.at == int(one.at))
    seldom = recording(samples=once_a_second, moments=(Moment(5.0, "x"),))
    assert measure(replace(seldom, every=1.0)).endpoints.unknown_seconds == 0
    holes = tuple(one for one in once_a_second if not 6 < one.at < 12)
    assert measure(replace(seldom, every=1.0, samples=holes)).endpoints.unknown_seconds == 6
    assert measure(replace(seldom, every=0.2)).endpoints.unknown_seconds == 15
