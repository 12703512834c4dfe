"""The report's texts: Markdown, JSON, the lines of a cell, and figures as text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lab.drills import recording_json
from lab.drills.report import data, lines, markdown, page, summary, words
from lab.drills.verdict import Limits
from tests.support.drill_reports import report
from tests.support.drill_results import DRILL, GOOD, NAIVE, PLAIN, result
from tests.support.recordings import FULL, between, recording, samples, stream

NODE = Limits(error_window_seconds=5, full_seconds=102, least_ready=2)


def test_the_markdown_is_a_table() -> None:
    rows = markdown.render(report()).splitlines()
    assert rows[0] == "| drill | promised | measured | verdict | plain manifest |"
    assert rows[2] == (
        "| node drain | no failed request | well-behaved, new: 0 of 1,500<br>naive, new: 0 of 1,500"
        "<br>capacity never lower | ✓ kept | 100 of 1,500 (6.7 %), 2.0 s |"
    )
    assert markdown.document(report()).startswith("# Drills\n\n- machine: 2 CPUs\n\n| drill")


def test_a_promise_in_seconds_is_shown_in_seconds() -> None:
    lost = recording(stream(lost=between(6, 7)), samples=samples((6, {"a": 1, "b": 1}), (14, FULL)))
    built = report(result(GOOD, lost, NODE), result(NAIVE, lost, replace(NODE, full_seconds=107)), result(PLAIN, lost))
    (section,) = built.sections
    assert lines.promised(section) == [
        "no failure after 5.0 s",
        "at least 2 pods ready",
        "well-behaved: all pods back within 102 s",
        "naive: all pods back within 107 s",
    ]
    failing = "new: failures for 2.0 s (promised 5), 6.7 % of requests"
    assert lines.measured(section) == [
        f"well-behaved, {failing}",
        f"naive, {failing}",
        "well-behaved: capacity back 9.0 s (promised 102)",
        "naive: capacity back 9.0 s (promised 107)",
    ]
    assert "6.7 %, for 2.0 s (promised 5)" in page.render(built)


@pytest.mark.parametrize(
    ("changes", "limits", "text"),
    [
        ((), Limits(), "never lower"),
        (((6, {"a": 1, "b": 1}), (14, FULL)), Limits(), "2 of 3 at worst, back after 9.0 s"),
        (((6, {"a": 1, "b": 1}),), Limits(), "not back by the end"),
        (((6, {"a": 1, "b": 1}),), NODE, "not back by the end (promised 102)"),
        (((6, None), (14, FULL)), Limits(), "never seen lower, unknown for 8.0 s"),
        (((0, None),), Limits(), "unknown"),
    ],
)
def test_capacity_is_described_briefly(
    changes: tuple[tuple[float, dict[str, int] | None], ...], limits: Limits, text: str
) -> None:
    found = result(GOOD, recording(samples=samples(*changes)), limits)
    assert lines.capacity(found.figures, limits) == text


def test_a_baseline_without_all_pods_at_the_end_is_marked() -> None:
    built = report(result(GOOD), result(PLAIN, recording(samples=samples((6, {"a": 1})))))
    assert markdown.render(built).splitlines()[2].endswith("| 0 of 1,500, capacity not back by the end |")


def test_a_baseline_that_was_not_run_is_marked() -> None:
    both = report(more=([result(GOOD, drill=replace(DRILL, name="crash"))],))
    assert markdown.render(both).splitlines()[3].endswith("| not run |")
    assert "not run" in page.render(both)
    assert both.subjects == ("ha-backend, well-behaved", "ha-backend, naive", "plain manifest")
    assert both.lost("ha-backend, well-behaved") == (0, 3000, 2) and both.lost("plain manifest") == (100, 1500, 1)


def test_the_data_contains_the_figures_and_recordings_are_separate() -> None:
    built = report()
    content_ = json.loads(data.render(built))
    (drill,) = content_["drills"]
    assert [(one["title"], one["under_test"], one["status"]) for one in drill["outcomes"]] == [
        ("ha-backend, well-behaved", True, "kept"),
        ("ha-backend, naive", True, "kept"),
        ("plain manifest", False, None),
    ]
    assert [one["limits"]["failed"] for one in drill["outcomes"]] == [0, 0, None]
    assert drill["outcomes"][2]["figures"]["streams"][0]["failed"] == 100
    assert "recording" not in data.render(built)
    assert [recording_json.from_json(one) for one in json.loads(data.recordings(built))] == [
        one.recording for one in built.sections[0].outcomes
    ]


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (words.seconds(0), "0 s"),
        (words.seconds(1.26), "1.3 s"),
        (words.seconds(9.96), "10 s"),
        (words.seconds(57.4), "57 s"),
        (words.seconds(119.6), "2 min"),
        (words.seconds(357), "5 min 57 s"),
        (words.tick(-5), "-5 s"),
        (words.tick(-120), "-2 min"),
        (words.milliseconds(2.14), "2.1 ms"),
        (words.milliseconds(120.4), "120 ms"),
        (words.milliseconds(1234), "1.2 s"),
        (words.percent(0), "0 %"),
        (words.percent(0.00001), "under 0.01 %"),
        (words.percent(0.013), "1.3 %"),
        (words.percent(0.142), "14.2 %"),
        (words.percent(0.9999), "99.9 %"),
        (words.percent(1), "100 %"),
        (words.fraction(0, 12000), "0 of 12,000"),
        (", ".join(words.promised(Limits())), "nothing"),
        (
            ", ".join(words.promised(Limits(0, 0.01, 60, 5, 90, 2, 2))),
            "no failed request, at most 1 % of requests fail, no failure after 60 s, down for at most 5.0 s, "
            "all pods back within 90 s, at least 2 pods ready, pods in at least 2 zones",
        ),
        (
            ", ".join(words.promised(Limits(error_window_seconds=32, full_after_restore=True, least_ready=2))),
            "no failure after 32 s, all pods back when what was lost returns, at least 2 pods ready",
        ),
    ],
)
def test_figures_as_text(actual: str, expected: str) -> None:
    assert actual == expected


def test_the_summary_contains_what_was_promised_and_measured() -> None:
    built = report()
    content = json.loads(summary.render(built))
    assert content["about"] == {"machine": "2 CPUs"}
    (section,) = built.sections
    assert content["drills"]["drain"] == {
        "status": "kept",
        "promised": lines.promised(section),
        "measured": lines.measured(section),
        "baselines": {"plain manifest": "100 of 1,500 (6.7 %), 2.0 s"},
        "remark": "",
    }
