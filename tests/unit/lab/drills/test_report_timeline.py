"""The report's timelines: well-formed, with single failures visible and unknown times hatched."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from lab.drills.model import Moment, Recording
from lab.drills.report import timeline
from tests.support.drill_reports import EVIL
from tests.support.recordings import FULL, between, recording, samples, stream


def test_a_timeline_is_well_formed_and_shows_one_lost_request() -> None:
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
    "recorded",
    [
        recording(samples=samples((7, None), (9, FULL))),
        recording(samples=()),
        recording(stream(requests=())),
        recording(stream(requests=tuple(one for one in stream().requests if not 9 < one.at < 12))),
        recording(stream(requests=tuple(replace(one, lag=0.6) for one in stream().requests))),
    ],
    ids=["no response", "no samples", "no requests", "a gap in the load", "late"],
)
def test_unknown_times_are_hatched(recorded: Recording) -> None:
    assert 'fill="url(#t-hatch)"' in timeline.render(recorded, "t")


def test_labels_do_not_overlap() -> None:
    recorded = recording(
        moments=(Moment(5, "a fault with a long name"), Moment(5.5, "another one", "note"), Moment(19.9, "the end" * 4))
    )
    texts = [
        one
        for one in ElementTree.fromstring(timeline.render(recorded, "t")).iter("text")  # noqa: S314
        if one.get("class") in ("fault", "note")
    ]
    assert [one.get("y") for one in texts] == ["12", "27", "12"]
    assert texts[2].get("text-anchor") == "end", "at the right edge the label is on the left"


def test_equal_samples_are_one_shape() -> None:
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
