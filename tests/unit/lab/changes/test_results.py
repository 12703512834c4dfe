"""When review and cluster agree, and how the results are stored."""

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
        ({"observed": []}, False),
        ({"predicted": ["lower", "restart"]}, False),
        ({"observed_deletions": {"ConfigMap": 1}}, False),
        ({"failed": "error: nothing was deployed"}, False),
        (
            {"predicted": ["outage", "weaker"], "observed": ["lower", "outage"]},
            True,
        ),  # next to an outage nothing counts
        ({"predicted": ["outage"], "observed": ["outage"], "predicted_deletions": {"Service": 1}}, False),
        ({"predicted": [], "observed": []}, True),
    ],
)
def test_they_agree_only_with_equal_effects_and_deletions(more: dict[str, Any], agrees: bool) -> None:
    assert replace(RESTART, **more).agrees is agrees


def test_results_of_several_runs_are_one_table(tmp_path: Path) -> None:
    file = tmp_path / "own" / "changes.json"
    assert table.load(file) == {}
    other = replace(
        RESTART, name="quota", observed=["lower"], observed_deletions={"Pod|x": 2}, reasons=["the quota\nis less"]
    )
    stored = [{**one.plain(), "versions": "2026-01-01: pulumi 3"} for one in (RESTART, other)]
    table.save(file, stored)
    assert list(table.load(file).values()) == stored
    text = table.markdown(stored)
    assert "**1 of 2 agree.** 2026-01-01: pulumi 3\n" in text
    assert (
        "| image | rolling restart | rolling restart | 3 of 3 | 3 | nothing | 3 of 3 pods replaced | yes |\n"
        "| quota | rolling restart | capacity lower | 3 of 3 | 3 | predicted: nothing; observed: 2 Pod/x "
        "| the quota is less | **no** |"
    ) in text


def test_a_failed_change_has_its_error() -> None:
    failed = {**replace(RESTART, failed="error: no | answer", least_ready=None).plain(), "versions": "x"}
    assert "| 3 of 3 |  | nothing | error: no / answer | **no** |" in table.markdown([failed])
