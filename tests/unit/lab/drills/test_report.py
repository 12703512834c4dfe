"""The report's page: it shows what was measured, needs no external resource, and lets no name become markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from lab.drills.drill import Drill
from lab.drills.model import Moment
from lab.drills.report import content, data, markdown, page
from lab.drills.report.content import Failed, Skipped
from tests.support.drill_reports import EVIL, LOSSY, report
from tests.support.drill_results import DRILL, GOOD, NAIVE, PLAIN, nothing_lost, result
from tests.support.recordings import between, recording, samples, stream


def test_the_page_shows_what_each_subject_lost() -> None:
    text = page.render(report(result(GOOD, recording(stream(), stream("reused"))), result(NAIVE), result(PLAIN, LOSSY)))
    assert '<tr class="kept">' in text
    assert "1 of 1</b>drills kept their promise" in text
    assert '<b class="nothing">0</b> of 1,500</span> <small>reused</small>' in text
    assert '<b class="some">100</b> of 1,500' in text
    assert "<b>100</b>of 1,500 requests failed (6.7 %) in 1 drill: plain manifest" in text
    assert "connection refused 100" in text
    assert "2 CPUs" in text


def test_verified_backends_are_open_and_baselines_are_folded() -> None:
    text = page.render(report(result(PLAIN, LOSSY), result(GOOD), result(NAIVE)))
    assert (
        text.index("<h3>ha-backend, well-behaved")
        < text.index("<h3>ha-backend, naive")
        < text.index("<details><summary><b>plain")
    )
    assert text.count("<svg") == 3 and text.count("<details>") == 1
    assert "failed: 100 of 1,500 (6.7 %), 2.0 s" in text


def test_a_broken_promise_is_highlighted_with_its_sentence() -> None:
    text = page.render(report(result(GOOD), result(NAIVE, LOSSY)))
    assert '<tr class="broken">' in text, "the worst verdict is the drill's"
    assert "0 of 1</b>drills kept their promise" in text
    assert "ha-backend, naive: new connections: 100 of 1,500 requests failed (promised: at most 0)" in text


def test_a_violation_that_no_figure_shows_is_in_every_format() -> None:
    built = report(result(GOOD, violations=("the bad release succeeded",)))
    assert built.sections[0].status == "broken"
    assert "ha-backend, well-behaved: the bad release succeeded" in page.render(built)
    assert "- drain: ha-backend, well-behaved: the bad release succeeded" in markdown.render(built)
    assert json.loads(data.render(built))["drills"][0]["outcomes"][0]["violations"] == ["the bad release succeeded"]


def test_an_inconclusive_drill_is_not_green() -> None:
    early = recording(stream(lost=between(1, 2)))
    text = page.render(report(result(GOOD, early), result(NAIVE)))
    assert '<tr class="invalid">' in text
    assert "100 of 500 requests failed before the fault" in text
    assert "0 of 1</b>drills kept their promise" in text
    assert report(result(GOOD, early), result(NAIVE, LOSSY)).sections[0].status == "broken", (
        "broken is worse than inconclusive"
    )


def test_a_baseline_has_doubts_and_no_verdict() -> None:
    built = report(result(GOOD), result(PLAIN, recording(stream(lost=between(1, 2)))))
    assert built.kept
    assert markdown.render(built).splitlines()[2].endswith("| 0 of 1,500 (inconclusive) |")
    assert "plain manifest: new connections: 100 of 500 requests failed before the fault" in page.render(built)


def test_without_a_verified_backend_a_drill_is_inconclusive() -> None:
    built = report(result(PLAIN))
    assert built.sections[0].status == "invalid" and not built.kept
    assert "<small>not run</small>" in page.render(built)


def test_a_drill_that_could_not_be_carried_out_is_broken() -> None:
    bad = replace(DRILL, name="spike", title="load spike")
    built = report(more=(Failed(bad, "timed out after <90> s"),))
    assert built.statuses() == {"kept": 1, "broken": 1, "invalid": 0} and not built.kept
    text = page.render(built)
    assert text.count('<tr class="broken">') == 1
    assert "could not be carried out</b><br>timed out after &lt;90&gt; s" in text
    row = markdown.render(built).splitlines()[3]
    assert row == r"| load spike | nothing is lost | could not be carried out: timed out after \<90\> s | ✕ broken |  |"
    assert json.loads(data.render(built))["drills"][1]["failed"] == "timed out after <90> s"


def test_skipped_and_repeated_drills_are_named() -> None:
    built = content.build_report(
        [[result(GOOD)]],
        [],
        "Drills",
        skipped=[Skipped("killed-up", "it needs pulumi")],
        remarks={"drain": "tried again"},
    )
    assert built.kept
    assert "<li>killed-up: it needs pulumi</li>" in page.render(built) and "tried again" in page.render(built)
    assert markdown.render(built).splitlines()[-2:] == ["- drain: tried again", "- killed-up: not run, it needs pulumi"]
    assert json.loads(data.render(built))["skipped"] == [{"name": "killed-up", "reason": "it needs pulumi"}]


def test_the_page_has_no_external_resources() -> None:
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
    built = content.build_report(
        [found, Failed(drill, EVIL)], [(EVIL, EVIL)], EVIL, skipped=[Skipped(EVIL, EVIL)], remarks={EVIL: EVIL}
    )
    text = page.render(built)
    assert "<script" not in text
    assert "alert(&quot;x&quot;)" in text
    for row in markdown.render(built).splitlines()[2:4]:
        assert len(re.findall(r"(?<!\\)\|", row)) == 6, "five columns, whatever a name contains"
    assert "<script" not in markdown.document(built).replace("\\<", "")
    assert json.loads(data.render(built))["title"] == EVIL


def test_an_empty_report_is_no_success() -> None:
    empty = content.build_report([], [], "Drills")
    assert not empty.kept
    assert 'class="tile invalid"><b>0 of 0' in page.render(empty)
