"""Verdicts: kept, broken or inconclusive. Each violation names what was promised and what was measured."""

from __future__ import annotations

from typing import Any

import pytest

from lab.drills.measure import measure
from lab.drills.model import Recording, Request
from lab.drills.verdict import Limits, Tolerance, Verdict, judge
from tests.support.recordings import FULL, between, recording, samples, stream

STRICT = Limits(
    failed=0, failed_share=0, error_window_seconds=0, longest_gap=0.5, full_seconds=30, least_ready=3, least_zones=3
)
DOWN = samples((6, {"a": 1, "b": 1}), (16, FULL))


def verdict(built: Recording, limits: Limits = STRICT) -> Verdict:
    return judge(measure(built), limits)


def test_a_clean_run_keeps_every_limit() -> None:
    assert verdict(recording(stream(), stream("reused"))) == Verdict()
    assert Verdict().status == "kept"


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (Limits(failed=99), "new connections: 100 of 1,500 requests failed (promised: at most 99)"),
        (Limits(failed_share=0.05), "new connections: 100 of 1,500 requests failed, 6.67 % (promised: at most 5 %)"),
        (
            Limits(error_window_seconds=1.5),
            "new connections: requests failed until 2.0 s after the fault (promised: at most 1.5 s)",
        ),
        (Limits(longest_gap=0.9), "new connections: no request succeeded for 1.0 s (promised: 0.9 s)"),
        (Limits(full_seconds=10), "all 3 pods were ready again after 11.0 s (promised: within 10.0 s)"),
        (Limits(least_ready=3), "only 2 ready endpoints (promised: at least 3)"),
        (Limits(least_zones=3), "only 2 zones with a ready endpoint (promised: at least 3)"),
    ],
)
def test_each_broken_limit_has_its_sentence(limits: Limits, sentence: str) -> None:
    actual = verdict(recording(stream(lost=between(6, 7)), samples=DOWN), limits)
    assert (actual.status, actual.violations, actual.doubts) == ("broken", (sentence,), ())


@pytest.mark.parametrize(
    "limits",
    [
        Limits(),
        Limits(failed=100),
        Limits(failed_share=0.07),
        Limits(error_window_seconds=2),
        Limits(longest_gap=1.1),
        Limits(full_seconds=11),
        Limits(least_ready=2),
        Limits(least_zones=2),
    ],
)
def test_a_figure_at_the_limit_is_kept(limits: Limits) -> None:
    assert verdict(recording(stream(lost=between(6, 7)), samples=DOWN), limits).status == "kept"


def test_capacity_that_returns_only_with_what_was_lost_is_no_limit() -> None:
    for_good = recording(stream(), samples=samples((6, {"a": 1, "b": 1})))
    assert verdict(for_good, Limits(full_after_restore=True, least_ready=2)) == Verdict()
    assert verdict(for_good, Limits(full_after_restore=True, least_ready=3)).status == "broken"
    unloaded = recording(samples=samples((6, {"a": 1})), loaded=False)
    assert verdict(unloaded, Limits(full_after_restore=True).endpoint_limits).status == "invalid"


def test_each_stream_is_judged() -> None:
    actual = verdict(recording(stream(), stream("reused", lost=between(6, 7))), Limits(failed=0))
    assert actual.violations == ("reused connections: 100 of 1,500 requests failed (promised: at most 0)",)


def test_never_full_again_breaks_the_promise() -> None:
    actual = verdict(recording(samples=samples((6, {"a": 1}))), Limits(full_seconds=10))
    assert actual.violations == ("not all 3 pods were ready again by the end (promised: within 10.0 s)",)


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        ({"streams": (stream(lost=between(1, 1.01)),)}, "new connections: 1 of 500 requests failed before the fault"),
        ({"streams": ()}, "no load was sent"),
        ({"moments": ()}, "no fault was recorded: nothing was tested"),
        (
            {"streams": (stream(requests=stream().requests[:400]),)},
            "new connections: no request was sent after the fault",
        ),
        (
            {"streams": (stream(requests=stream().requests[:1900]),)},
            "0 of 2,000 requests were sent late, 100 never (tolerated: 0.5 %)",
        ),
        (
            {"streams": (stream(requests=tuple(Request(one.at, one.latency, lag=0.51) for one in stream().requests)),)},
            "2,000 of 2,000 requests were sent late, 0 never",
        ),
        ({"streams": (stream(trouble="vegeta exited early"),)}, "new connections: vegeta exited early"),
        (
            {"streams": (stream(lost=between(6, 6.01, "client: too many open files")),)},
            "new connections: 1 requests failed on the measuring machine itself",
        ),
        ({"streams": (stream(began=4.5),)}, "the load ran for 0.5 s before the fault (required: 1.0 s)"),
        (
            {"samples": samples((6, None), (8.5, FULL))},
            "the number of ready endpoints was unknown for 2.5 s (tolerated: 2.0 s)",
        ),
        ({"samples": ()}, "the number of ready endpoints was unknown"),
        (
            {"samples": samples((4, {"a": 1, "b": 1}))},
            "2 of 3 pods were ready before the fault: not a steady state",
        ),
        ({"samples": samples((3, None), (5.25, FULL))}, "an unknown number of 3 pods were ready before the fault"),
    ],
)
def test_a_doubt_is_inconclusive(change: dict[str, Any], doubt: str) -> None:
    actual = verdict(recording(**change))
    assert actual.status == "invalid"
    assert doubt in " | ".join(actual.doubts)


def test_endpoints_matter_only_with_a_limit_on_them() -> None:
    assert verdict(recording(samples=()), Limits(failed=0)).status == "kept"


def test_a_violation_is_reported_despite_a_doubt() -> None:
    actual = verdict(recording(stream(lost=between(1, 7))), Limits(failed=0))
    assert (actual.status, len(actual.violations), len(actual.doubts)) == ("invalid", 1, 1)


def test_the_tolerance_can_be_set() -> None:
    figures = measure(recording(stream(requests=stream().requests[:1900])))
    assert judge(figures, Limits(), Tolerance(late_share=0.1)).status == "kept"
