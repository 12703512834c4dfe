"""The report says what was measured, needs nothing from elsewhere, and lets no name become markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from drills import stored
from drills.model import Moment, Recording
from drills.report import content, data, markdown, page, timeline, words
from drills.report.content import Report
from drills.verdict import Limits
from tests.unit.recorded import FULL, between, recording, samples, stream

EVIL = '<script>alert("x")</script> & | `x`'
PEER = "plain manifest"


def peer(made: Recording, name: str = PEER) -> Recording:
    return replace(made, subject=name)


def report(*recordings: Recording, name: str = "drain", limits: Limits | None = None) -> Report:
    made = content.drill(name, what="a node is drained", promise="a drain loses nothing", limits=limits or Limits(failed=0),
                         recordings=recordings or (recording(), peer(recording(stream(lost=between(6, 7))))))
    return Report("Drills", (("machine", "2 CPUs"),), (made,))


def test_the_page_says_who_lost_what() -> None:
    text = page.render(report())
    assert '<tr class="kept">' in text
    assert "1 of 1</b>promises kept" in text
    assert '<b class="nothing">0</b> of 1,500' in text
    assert '<b class="some">100</b> of 1,500' in text
    assert "100 more than ours" in text
    assert "connection refused 100" in text
    assert "2 CPUs" in text


def test_a_broken_promise_stands_out_with_its_sentence() -> None:
    text = page.render(report(recording(stream(lost=between(6, 7)))))
    assert '<tr class="broken">' in text
    assert "0 of 1</b>promises kept" in text
    assert "new connections: 100 of 1,500 requests failed, promised are at most 0" in text


def test_what_proves_nothing_is_not_green() -> None:
    text = page.render(report(recording(stream(lost=between(1, 2)))))
    assert '<tr class="invalid">' in text
    assert "100 of 500 requests failed before the fault" in text
    assert "0 of 1</b>promises kept" in text


def test_the_page_needs_nothing_from_elsewhere() -> None:
    text = page.render(report())
    assert not re.search(r"https?:|//[a-z]|<script|<link|<img|@import|src=", text)
    assert set(re.findall(r"url\(([^)]{1,3})", text)) <= {"#t0"}
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_no_name_becomes_markup() -> None:
    evil = recording(stream(lost=between(6, 7, EVIL)), subject=EVIL, drill=EVIL,
                     moments=(Moment(5, EVIL), Moment(6, EVIL, "note")), samples=samples((6, {EVIL: 1})))
    drill = content.drill(EVIL, what=EVIL, promise=EVIL, limits=Limits(failed=0), recordings=[evil, peer(evil, EVIL + "2")])
    made = Report(EVIL, ((EVIL, EVIL),), (drill,))
    text = page.render(made)
    assert "<script" not in text
    assert "alert(&quot;x&quot;)" in text
    row = markdown.render(made).splitlines()[2]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6, "five columns, whatever a name contains"
    assert "<script" not in row.replace("\\<", "")
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


@pytest.mark.parametrize("made", [
    recording(samples=samples((7, None), (9, FULL))), recording(samples=()), recording(stream(requests=())),
    recording(stream(requests=tuple(one for one in stream().requests if not 9 < one.at < 12))),
    recording(stream(requests=tuple(replace(one, lag=0.6) for one in stream().requests)))],
    ids=["no answer", "no samples", "no requests", "a stop of the load", "late"])
def test_what_is_not_known_is_hatched(made: Recording) -> None:
    assert 'fill="url(#t-hatch)"' in timeline.render(made, "t")


def test_labels_do_not_run_into_one_another() -> None:
    made = recording(moments=(Moment(5, "a fault with a long name"), Moment(5.5, "another one", "note"),
                              Moment(19.9, "the end" * 4)))
    texts = [one for one in ElementTree.fromstring(timeline.render(made, "t")).iter("text")  # noqa: S314
             if one.get("class") in ("fault", "note")]
    assert [one.get("y") for one in texts] == ["12", "27", "12"]
    assert texts[2].get("text-anchor") == "end", "at the right edge it is written to the left"


def test_the_markdown_is_a_table() -> None:
    lines = markdown.render(report()).splitlines()
    assert lines[0] == "| drill | promised | measured | verdict | plain manifest |"
    assert lines[2] == ("| drain | no failed request | new connections: 0 of 1,500 failed<br>all pods ready: never fewer "
                        "| ✓ kept | 100 of 1,500 failed (6.7 %) |")


def test_a_peer_that_was_not_tried_is_told() -> None:
    one, two = report(), report(recording(), name="crash")
    both = Report("Drills", (), (*one.drills, *two.drills))
    assert markdown.render(both).splitlines()[3].endswith("| not tried |")
    assert "not tried" in page.render(both)
    assert both.lost("ours") == (0, 3000)
    assert both.lost("ours", beside=PEER) == (0, 1500)


def test_the_data_gives_the_recordings_back() -> None:
    made = report()
    found = json.loads(data.render(made))
    (drill,) = found["drills"]
    assert [one["status"] for one in drill["outcomes"]] == ["kept", "broken"]
    assert drill["limits"]["failed"] == 0
    assert drill["outcomes"][1]["figures"]["streams"][0]["failed"] == 100
    assert stored.from_json(drill["outcomes"][0]["recording"]) == made.drills[0].ours.recording
    assert "recording" not in json.loads(data.render(made, recordings=False))["drills"][0]["outcomes"][0]


def test_an_empty_report_is_no_success() -> None:
    text = page.render(Report("Drills", (), ()))
    assert 'class="tile invalid"><b>0 of 0' in text
    with pytest.raises(ValueError, match="recordings: drill x has none"):
        content.drill("x", what="", promise="", limits=Limits(), recordings=[])


@pytest.mark.parametrize(("said", "text"), [
    (words.seconds(0), "0 s"), (words.seconds(1.26), "1.3 s"), (words.seconds(9.96), "10 s"), (words.seconds(57.4), "57 s"),
    (words.seconds(119.6), "2 min"), (words.seconds(357), "5 min 57 s"), (words.tick(-5), "-5 s"), (words.tick(-120), "-2 min"),
    (words.milliseconds(2.14), "2.1 ms"), (words.milliseconds(120.4), "120 ms"), (words.milliseconds(1234), "1.2 s"),
    (words.percent(0), "0 %"), (words.percent(0.00001), "under 0.01 %"), (words.percent(0.013), "1.3 %"),
    (words.percent(0.142), "14.2 %"), (words.percent(0.9999), "99.9 %"), (words.percent(1), "100 %"),
    (words.of(0, 12000), "0 of 12,000"), (words.comparison(0, 0), "as many as ours"),
    (words.comparison(0, 98), "98 more than ours"), (words.comparison(2, 98), "49 times ours"),
    (words.comparison(4, 2), "0.5 times ours"), (", ".join(words.promised(Limits())), "nothing"),
    (", ".join(words.promised(Limits(0, 0.01, 60, 5, 90, 2, 2))),
     "no failed request, at most 1 % of requests fail, none fails after 60 s, down for at most 5.0 s, "
     "all pods back within 90 s, at least 2 pods ready, pods in at least 2 zones"),
])
def test_figures_are_said_in_the_words_of_people(said: str, text: str) -> None:
    assert said == text
