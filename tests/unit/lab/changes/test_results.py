"""When review and cluster agree, and how that is written down."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.changes import table
from lab.changes.attempt import Result

RESTART = Result("image", ["restart"], ["restart"], {}, {}, ["3 of 3 pods replaced"], "3 of 3", 3, 12.0)


@pytest.mark.parametrize(
    ("more", "agrees"),
    [
        ({}, True),
        ({"did": []}, False),
        ({"said": ["lower", "restart"]}, False),
        ({"did_gone": {"ConfigMap": 1}}, False),
        ({"failed": "error: nothing was made"}, False),
        ({"said": ["outage", "weaker"], "did": ["lower", "outage"]}, True),  # beside an outage nothing counts
        ({"said": ["outage"], "did": ["outage"], "said_gone": {"Service": 1}}, False),
        ({"said": [], "did": []}, True),
    ],
)
def test_they_agree_only_in_every_effect_and_in_what_is_gone(more: dict[str, Any], agrees: bool) -> None:
    assert replace(RESTART, **more).agrees is agrees


def test_results_of_several_runs_are_one_table(tmp_path: Path) -> None:
    file = tmp_path / "own" / "changes.json"
    assert table.kept(file) == {}
    other = replace(RESTART, name="quota", did=["lower"], did_gone={"Pod|x": 2}, reasons=["the quota\nis less"])
    stored = [{**one.plain(), "versions": "2026-01-01: pulumi 3"} for one in (RESTART, other)]
    table.store(file, stored)
    assert list(table.kept(file).values()) == stored
    text = table.markdown(stored)
    assert "**1 of 2 agree.** 2026-01-01: pulumi 3\n" in text
    assert (
        "| image | rolling restart | rolling restart | 3 of 3 | 3 | nothing | 3 of 3 pods replaced | yes |\n"
        "| quota | rolling restart | capacity lower | 3 of 3 | 3 | said: nothing; seen: 2 Pod/x | the quota is less "
        "| **no** |"
    ) in text


def test_a_change_that_could_not_be_made_says_why() -> None:
    failed = {**replace(RESTART, failed="error: no | answer", least=None).plain(), "versions": "x"}
    assert "| 3 of 3 |  | nothing | error: no / answer | **no** |" in table.markdown([failed])
