"""Figures of recordings with known losses; unknown is never good."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.drills import recording_json
from lab.drills.endpoint_figures import endpoint_figures, spans
from lab.drills.measure import measure, stream_figures
from lab.drills.model import Moment, Recording, Request, Sample, Stream
from tests.support.recordings import ENDED, FAULT, FULL, between, recording, samples, stream

TWO = {"a": 1, "b": 1}


def test_a_clean_run_loses_nothing() -> None:
    figures = measure(recording(stream(), stream("reused")))
    assert (figures.sent, figures.failed) == (3000, 0)
    for one in figures.streams:
        assert (one.steady_sent, one.steady_failed, one.sent, one.failed, one.unsent, one.late) == (
            500,
            0,
            1500,
            0,
            0,
            0,
        )
        assert (one.first_failure, one.last_failure, one.error_window_seconds) == (None, None, 0)
        assert one.longest_gap == pytest.approx(0, abs=1e-6)
        assert one.latency is not None
        assert (one.latency.p50, one.latency.max) == (2.0, 2.0)
        assert one.errors == {}
    assert [one.name for one in figures.streams] == ["new connections", "reused connections"]


def test_a_known_loss_has_its_times() -> None:
    lost = stream(lost=lambda at: between(6, 7)(at) or between(8, 8.5, "timeout")(at))
    (one,) = measure(recording(lost)).streams
    assert (one.sent, one.failed, one.errors) == (1500, 150, {"connection refused": 100, "timeout": 50})
    assert list(one.errors) == ["connection refused", "timeout"], "the most frequent first"
    assert one.failed_percent == pytest.approx(10)
    assert one.first_failure == pytest.approx(1)
    assert one.last_failure == one.error_window_seconds == pytest.approx(3.49)
    assert one.longest_gap == pytest.approx(1.0)


def test_an_error_status_is_a_failure() -> None:
    requests = (Request(6, 0.1, 503, "503"), Request(7, 0.1, 302), Request(8, 0.1, 404), Request(9, 0.1, 199))
    one = stream_figures(stream(requests=requests), FAULT)
    assert (one.failed, one.errors) == (3, {"503": 1, "404": 1, "199": 1})


def test_failures_before_the_fault_are_counted_separately() -> None:
    one = stream_figures(stream(lost=between(1, 2)), FAULT)
    assert (one.steady_failed, one.failed, one.error_window_seconds, one.first_failure) == (100, 0, 0, None)
    assert one.longest_gap == pytest.approx(0, abs=1e-6)


def test_a_request_in_progress_at_the_fault_belongs_to_the_drill() -> None:
    one = stream_figures(stream(requests=(Request(1, 0.1), Request(4.9, 0.3, 0, "EOF"), Request(6, 0.1))), FAULT)
    assert (one.steady_sent, one.steady_failed, one.sent, one.failed) == (1, 0, 2, 1)
    assert one.first_failure == pytest.approx(-0.1)
    assert one.error_window_seconds == 0


def test_all_failed() -> None:
    one = stream_figures(stream(lost=between(FAULT, ENDED)), FAULT)
    assert (one.failed, one.sent, one.failed_share, one.latency) == (1500, 1500, 1.0, None)
    assert one.longest_gap == pytest.approx(ENDED - FAULT, abs=0.02), "it is down until the end"


def test_no_requests_are_no_success() -> None:
    one = stream_figures(stream(requests=()), FAULT)
    assert (one.sent, one.unsent, one.failed_share, one.latency) == (0, 2000, 1.0, None)
    assert one.longest_gap == pytest.approx(ENDED - 0.01)
    assert measure(recording(stream(requests=()), samples=())).endpoints.least_ready is None


def test_late_and_unsent_requests_are_counted() -> None:
    requests = [*stream().requests[:700], *(replace(one, lag=0.6) for one in stream().requests[700:720])]
    one = stream_figures(stream(requests=tuple(requests)), FAULT)
    assert (one.scheduled, one.unsent, one.late) == (2000, 1280, 20)
    assert one.longest_gap == pytest.approx(ENDED - 7.2), "a pause of the load is no success"


def test_errors_of_the_measuring_machine_are_counted_separately() -> None:
    one = stream_figures(stream(lost=between(6, 6.1, "client: out of local ports")), FAULT)
    assert (one.failed, one.client_errors) == (10, 10)


@settings(deadline=None)  # a busy machine is no failure
@given(lost=st.sets(st.integers(0, 1999)))
def test_the_counts_always_add_up(lost: set[int]) -> None:
    requests = tuple(
        Request(number / 100, 0.002, 0, "EOF") if number in lost else Request(number / 100, 0.002)
        for number in range(2000)
    )
    one = stream_figures(stream(requests=requests), FAULT)
    assert one.steady_sent + one.sent == 2000
    assert one.steady_failed + one.failed == len(lost) == sum(one.errors.values()) + one.steady_failed
    assert (one.error_window_seconds > 0) <= (one.failed > 0)
    assert 0 <= one.error_window_seconds <= ENDED - FAULT
    run = longest = 0
    worked_before = max((number for number in range(500) if number not in lost), default=0)
    for number in range(worked_before + 1, 2000):
        run = run + 1 if number in lost else 0
        longest = max(longest, run)
    assert one.longest_gap == pytest.approx(longest / 100, abs=0.011)


def test_endpoints_drop_and_recover() -> None:
    seen = measure(recording(samples=samples((6, TWO), (7, {"a": 1, "b": 0}), (8, TWO), (10, FULL)))).endpoints
    assert (seen.steady_ready, seen.least_ready, seen.least_zones, seen.unknown_seconds) == (3, 1, 1, 0)
    assert seen.seconds_to_full == pytest.approx(5)


def test_full_capacity_counts_once_it_lasts() -> None:
    assert endpoint_figures(recording(samples=samples((6, TWO), (7, FULL), (9, TWO), (12, FULL)))).seconds_to_full == 7
    assert endpoint_figures(recording(samples=samples((6, TWO)))).seconds_to_full is None
    assert endpoint_figures(recording()).seconds_to_full == 0
    assert endpoint_figures(recording(samples=samples((1, TWO), (3, FULL)))).seconds_to_full == 0, "before the fault"
    assert endpoint_figures(recording(samples=samples((6, {"a": 4})))).seconds_to_full == 0, "four are enough for three"


def test_unknown_is_not_good() -> None:
    seen = endpoint_figures(recording(samples=samples((6, TWO), (7, None), (8.5, FULL))))
    assert (seen.unknown_seconds, seen.seconds_to_full, seen.least_ready) == (1.5, 3.5, 2)
    assert endpoint_figures(recording(samples=samples((19, None)))).seconds_to_full is None


def test_a_gap_in_the_samples_is_unknown() -> None:
    kept = tuple(one for one in samples() if not 10 < one.at < 12)
    seen = endpoint_figures(recording(samples=kept))
    assert (seen.unknown_seconds, seen.seconds_to_full) == (2, 7)
    short = tuple(one for one in samples() if not 10 < one.at < 11)
    assert endpoint_figures(recording(samples=short)).unknown_seconds == 0
    early = tuple(one for one in samples() if one.at < 12)
    assert endpoint_figures(recording(samples=early)).unknown_seconds == ENDED - 11.75


def test_without_samples_everything_is_unknown() -> None:
    seen = endpoint_figures(recording(samples=()))
    assert (seen.least_ready, seen.least_zones, seen.steady_ready, seen.seconds_to_full) == (None, None, None, None)
    assert seen.unknown_seconds == ENDED - FAULT


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.tuples(st.floats(0, 25), st.none() | st.dictionaries(st.sampled_from("abc"), st.integers(0, 5)))))
def test_the_spans_leave_no_gap(seen: list[tuple[float, dict[str, int] | None]]) -> None:
    built = spans(recording(samples=tuple(Sample(at, ready) for at, ready in seen)))
    assert built[0].begin == 0
    assert built[-1].end == ENDED
    assert all(earlier.end == later.begin for earlier, later in pairwise(built))
    figures = endpoint_figures(recording(samples=tuple(Sample(at, ready) for at, ready in seen)))
    assert figures.unknown_seconds >= 0
    assert figures.seconds_to_full is None or figures.seconds_to_full >= 0


def test_without_a_fault_everything_counts() -> None:
    figures = measure(recording(stream(lost=between(1, 2)), moments=(Moment(3, "begun", "note"),)))
    assert (figures.fault, figures.failed, figures.sent) == (None, 100, 2000)


def test_the_first_fault_counts() -> None:
    assert recording(moments=(Moment(9, "b"), Moment(7, "a"), Moment(1, "n", "note"))).fault == 7


_STREAMS = st.builds(
    Stream,
    subject=st.text(),
    connections=st.sampled_from(["new", "reused"]),
    rate=st.integers(1, 1000),
    requests=st.lists(
        st.builds(
            Request,
            at=st.floats(0, 99),
            latency=st.floats(0, 9),
            code=st.sampled_from([0, 200, 503]),
            error=st.sampled_from(["", "EOF", "503"]),
            lag=st.floats(0, 9),
        )
    ).map(tuple),
    began=st.floats(0, 9),
    ended=st.floats(0, 99),
    trouble=st.text(),
)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(_STREAMS).map(tuple), st.text(), st.none() | st.dictionaries(st.text(), st.integers(0, 9)))
def test_a_recording_survives_json(streams: tuple[Stream, ...], text: str, ready: dict[str, int] | None) -> None:
    built = Recording(text, text, streams, (Sample(1.25, ready),), (Moment(1.5, text, "note"),), 3, 9.75)
    assert recording_json.from_json(json.loads(json.dumps(recording_json.as_json(built)))) == built


def test_the_json_of_a_minute_is_small() -> None:
    assert len(json.dumps(recording_json.as_json(recording()))) < 60_000  # 20 s


@pytest.mark.parametrize(
    ("change", "text"),
    [({"format": 7}, "format: 7 is not supported: use 1"), ({"streams": [{}]}, "the recording lacks this key")],
)
def test_other_json_is_rejected(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        recording_json.from_json({**recording_json.as_json(recording()), **change})
