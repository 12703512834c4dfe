"""The report says what was measured, needs nothing from elsewhere, and lets no name become markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from lab.drills import recording_json
from lab.drills.drill import Drill
from lab.drills.model import Moment, Recording
from lab.drills.report import content, data, lines, markdown, page, timeline, words
from lab.drills.report.content import Failed, Report, Skipped
from lab.drills.run import Result
from lab.drills.verdict import Limits
from tests.support.drill_results import DRILL, GOOD, NAIVE, PLAIN, nothing_lost, result
from tests.support.recordings import FULL, between, recording, samples, stream

EVIL = '<script>alert("x")</script> & | `x`'
LOSSY = recording(stream(lost=between(6, 7)))
NODE = Limits(error_window_seconds=5, full_seconds=102, least_ready=2)


def report(*results: Result, more: tuple[list[Result] | Failed, ...] = ()) -> Report:
    first = list(results) or [result(GOOD), result(NAIVE), result(PLAIN, LOSSY)]
    return content.build_report([first, *more], [("machine", "2 CPUs")], "Drills")


def test_the_page_says_who_lost_what() -> None:
    text = page.render(report(result(GOOD, recording(stream(), stream("reused"))), result(NAIVE), result(PLAIN, LOSSY)))
    assert '<tr class="kept">' in text
    assert "1 of 1</b>drills kept their promise" in text
    assert '<b class="nothing">0</b> of 1,500</span> <small>reused</small>' in text
    assert '<b class="some">100</b> of 1,500' in text
    assert "<b>100</b>of 1,500 requests failed (6.7 %) in 1 drill: plain manifest" in text
    assert "connection refused 100" in text
    assert "2 CPUs" in text


def test_ours_is_open_and_the_others_are_folded() -> None:
    text = page.render(report(result(PLAIN, LOSSY), result(GOOD), result(NAIVE)))
    assert (
        text.index("<h3>ha-backend, well-behaved") < text.index("<h3>ha-backend, naive") < text.index("<details><summary><b>plain")
    )
    assert text.count("<svg") == 3 and text.count("<details>") == 1
    assert "failed: 100 of 1,500 (6.7 %), 2.0 s" in text


def test_a_broken_promise_stands_out_with_its_sentence() -> None:
    text = page.render(report(result(GOOD), result(NAIVE, LOSSY)))
    assert '<tr class="broken">' in text, "the worst of ours is the drill's"
    assert "0 of 1</b>drills kept their promise" in text
    assert "ha-backend, naive: new connections: 100 of 1,500 requests failed (promised: at most 0)" in text


def test_what_no_figure_shows_is_told_everywhere() -> None:
    made = report(result(GOOD, violations=("the bad release was green",)))
    assert made.sections[0].status == "broken"
    assert "ha-backend, well-behaved: the bad release was green" in page.render(made)
    assert "- drain: ha-backend, well-behaved: the bad release was green" in markdown.render(made)
    assert json.loads(data.render(made))["drills"][0]["outcomes"][0]["violations"] == ["the bad release was green"]


def test_what_proves_nothing_is_not_green() -> None:
    early = recording(stream(lost=between(1, 2)))
    text = page.render(report(result(GOOD, early), result(NAIVE)))
    assert '<tr class="invalid">' in text
    assert "100 of 500 requests failed before the fault" in text
    assert "0 of 1</b>drills kept their promise" in text
    assert report(result(GOOD, early), result(NAIVE, LOSSY)).sections[0].status == "broken", "a broken promise is worse"


def test_a_peer_is_doubted_as_ours_is_and_is_not_judged() -> None:
    made = report(result(GOOD), result(PLAIN, recording(stream(lost=between(1, 2)))))
    assert made.kept
    assert markdown.render(made).splitlines()[2].endswith("| 0 of 1,500 (inconclusive) |")
    assert "plain manifest: new connections: 100 of 500 requests failed before the fault" in page.render(made)


def test_without_ours_nothing_is_proved() -> None:
    made = report(result(PLAIN))
    assert made.sections[0].status == "invalid" and not made.kept
    assert "<small>not run</small>" in page.render(made)


def test_a_drill_that_could_not_be_carried_out_is_red() -> None:
    bad = replace(DRILL, name="spike", title="load spike")
    made = report(more=(Failed(bad, "waited 90 s in <vain>"),))
    assert made.statuses() == {"kept": 1, "broken": 1, "invalid": 0} and not made.kept
    text = page.render(made)
    assert text.count('<tr class="broken">') == 1
    assert "could not be carried out</b><br>waited 90 s in &lt;vain&gt;" in text
    row = markdown.render(made).splitlines()[3]
    assert row == r"| load spike | nothing is lost | could not be carried out: waited 90 s in \<vain\> | ✕ broken |  |"
    assert json.loads(data.render(made))["drills"][1]["failed"] == "waited 90 s in <vain>"


def test_what_was_skipped_and_what_was_repeated_is_told_by_name() -> None:
    made = content.build_report(
        [[result(GOOD)]],
        [],
        "Drills",
        skipped=[Skipped("killed-up", "it needs pulumi")],
        remarks={"drain": "tried again"},
    )
    assert made.kept
    assert "<li>killed-up: it needs pulumi</li>" in page.render(made) and "tried again" in page.render(made)
    assert markdown.render(made).splitlines()[-2:] == ["- drain: tried again", "- killed-up: not run, it needs pulumi"]
    assert json.loads(data.render(made))["skipped"] == [{"name": "killed-up", "reason": "it needs pulumi"}]


def test_the_page_needs_nothing_from_elsewhere() -> None:
    text = page.render(report())
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|@import|src=", text)
    assert set(re.findall(r"url\(([^)]{1,3})", text)) <= {"#t0"}
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_no_name_becomes_markup() -> None:
    evil = recording(
        stream(lost=between(6, 7, EVIL)),
        subject=EVIL,
        drill=EVIL,
        moments=(Moment(5, EVIL), Moment(6, EVIL, "note")),
        samples=samples((6, {EVIL: 1})),
    )
    drill = Drill(EVIL, EVIL, lambda _: None, nothing_lost, EVIL)
    found = [result(replace(one, title=one.title + EVIL), evil, drill=drill) for one in (GOOD, NAIVE, PLAIN)]
    made = content.build_report(
        [found, Failed(drill, EVIL)], [(EVIL, EVIL)], EVIL, skipped=[Skipped(EVIL, EVIL)], remarks={EVIL: EVIL}
    )
    text = page.render(made)
    assert "<script" not in text
    assert "alert(&quot;x&quot;)" in text
    for row in markdown.render(made).splitlines()[2:4]:
        assert len(re.findall(r"(?<!\\)\|", row)) == 6, "five columns, whatever a name contains"
    assert "<script" not in markdown.document(made).replace("\\<", "")
    assert json.loads(data.render(made))["title"] == EVIL


def test_a_picture_is_well_formed_and_shows_one_lost_request() -> None:
    lossy = ElementTree.fromstring(timeline.render(recording(stream(lost=between(6, 6.01)), subject=EVIL), "t"))  # noqa: S314
    clean = ElementTree.fromstring(timeline.render(recording(), "t"))  # noqa: S314
    (red,) = [one for one in lossy.iter("path") if one.get("class") == "failed"]
    (drawn,) = re.findall(r"v([\d.]+)", str(red.get("d")))
    assert float(drawn) >= 3
    assert not [one for one in clean.iter("path") if one.get("class") == "failed"]
    assert not [one for one in clean.iter("path") if "hatch" in (one.get("fill") or "")]
    assert [one.get("class") for one in clean.iter("line") if one.get("class") in ("fault", "end")] == ["fault", "end"]
    assert [one.text for one in clean.iter("text") if one.get("class") == "fault"] == ["node n1 is drained"]


@pytest.mark.parametrize(
    "made",
    [
        recording(samples=samples((7, None), (9, FULL))),
        recording(samples=()),
        recording(stream(requests=())),
        recording(stream(requests=tuple(one for one in stream().requests if not 9 < one.at < 12))),
        recording(stream(requests=tuple(replace(one, lag=0.6) for one in stream().requests))),
    ],
    ids=["no answer", "no samples", "no requests", "a stop of the load", "late"],
)
def test_what_is_not_known_is_hatched(made: Recording) -> None:
    assert 'fill="url(#t-hatch)"' in timeline.render(made, "t")


def test_labels_do_not_run_into_one_another() -> None:
    made = recording(
        moments=(Moment(5, "a fault with a long name"), Moment(5.5, "another one", "note"), Moment(19.9, "the end" * 4))
    )
    texts = [
        one
        for one in ElementTree.fromstring(timeline.render(made, "t")).iter("text")  # noqa: S314
        if one.get("class") in ("fault", "note")
    ]
    assert [one.get("y") for one in texts] == ["12", "27", "12"]
    assert texts[2].get("text-anchor") == "end", "at the right edge it is written to the left"


def test_the_markdown_is_a_table() -> None:
    rows = markdown.render(report()).splitlines()
    assert rows[0] == "| drill | promised | measured | verdict | plain manifest |"
    assert rows[2] == (
        "| node drain | no failed request | well-behaved, new: 0 of 1,500<br>naive, new: 0 of 1,500"
        "<br>capacity never lower | ✓ kept | 100 of 1,500 (6.7 %), 2.0 s |"
    )
    assert markdown.document(report()).startswith("# Drills\n\n- machine: 2 CPUs\n\n| drill")


def test_what_is_promised_in_seconds_is_said_in_seconds() -> None:
    lost = recording(stream(lost=between(6, 7)), samples=samples((6, {"a": 1, "b": 1}), (14, FULL)))
    made = report(result(GOOD, lost, NODE), result(NAIVE, lost, replace(NODE, full_seconds=107)), result(PLAIN, lost))
    (section,) = made.sections
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
    assert "6.7 %, for 2.0 s (promised 5)" in page.render(made)


@pytest.mark.parametrize(
    ("changes", "limits", "said"),
    [
        ((), Limits(), "never lower"),
        (((6, {"a": 1, "b": 1}), (14, FULL)), Limits(), "2 of 3 at worst, back after 9.0 s"),
        (((6, {"a": 1, "b": 1}),), Limits(), "not back by the end"),
        (((6, {"a": 1, "b": 1}),), NODE, "not back by the end (promised 102)"),
        (((6, None), (14, FULL)), Limits(), "never seen lower, unknown for 8.0 s"),
        (((0, None),), Limits(), "unknown"),
    ],
)
def test_capacity_is_said_shortly(
    changes: tuple[tuple[float, dict[str, int] | None], ...], limits: Limits, said: str
) -> None:
    found = result(GOOD, recording(samples=samples(*changes)), limits)
    assert lines.capacity(found.figures, limits) == said


def test_a_peer_without_all_its_pods_at_the_end_is_told() -> None:
    made = report(result(GOOD), result(PLAIN, recording(samples=samples((6, {"a": 1})))))
    assert markdown.render(made).splitlines()[2].endswith("| 0 of 1,500, capacity not back by the end |")


def test_a_peer_that_was_not_tried_is_told() -> None:
    both = report(more=([result(GOOD, drill=replace(DRILL, name="crash"))],))
    assert markdown.render(both).splitlines()[3].endswith("| not run |")
    assert "not run" in page.render(both)
    assert both.subjects == ("ha-backend, well-behaved", "ha-backend, naive", "plain manifest")
    assert both.lost("ha-backend, well-behaved") == (0, 3000, 2) and both.lost("plain manifest") == (100, 1500, 1)


def test_samples_that_say_the_same_are_one_shape() -> None:
    quiet, one_change = (
        timeline.render(recording(samples=samples(*changes)), "t") for changes in ((), ((9, {"a": 3}),))
    )
    assert [quiet.count(f'class="zone{number}"') for number in range(3)] == [1, 1, 1]
    drawn = [
        path.get("d") or ""
        for path in ElementTree.fromstring(one_change).iter("path")  # noqa: S314
        if path.get("class") == "zone0"
    ]
    assert [one.count("M") for one in drawn] == [2]


def test_the_data_gives_the_figures_and_apart_the_recordings() -> None:
    made = report()
    found = json.loads(data.render(made))
    (drill,) = found["drills"]
    assert [(one["title"], one["under_test"], one["status"]) for one in drill["outcomes"]] == [
        ("ha-backend, well-behaved", True, "kept"),
        ("ha-backend, naive", True, "kept"),
        ("plain manifest", False, None),
    ]
    assert [one["limits"]["failed"] for one in drill["outcomes"]] == [0, 0, None]
    assert drill["outcomes"][2]["figures"]["streams"][0]["failed"] == 100
    assert "recording" not in data.render(made)
    assert [recording_json.from_json(one) for one in json.loads(data.recordings(made))] == [
        one.recording for one in made.sections[0].outcomes
    ]


def test_an_empty_report_is_no_success() -> None:
    empty = content.build_report([], [], "Drills")
    assert not empty.kept
    assert 'class="tile invalid"><b>0 of 0' in page.render(empty)


@pytest.mark.parametrize(
    ("said", "text"),
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
def test_figures_are_said_in_the_words_of_people(said: str, text: str) -> None:
    assert said == text
