"""The pages of drills and benchmarks: every drill has a section, and each measured result is in it."""

from __future__ import annotations

import json
import re

import pytest

from lab.drills.experiments import DRILLS
from lab.pages import RESULTS, benchmarks_page, drills_page


def test_every_drill_has_a_section_with_its_anchor() -> None:
    page = drills_page()
    assert re.findall(r"^## .* \{#([\w-]+)\}$", page, re.MULTILINE) == list(DRILLS)
    assert re.findall(r"\]\(#([\w-]+)\)", page) == list(DRILLS)
    for name in DRILLS:
        assert f"make drill DRILL={name}`" in page


@pytest.mark.parametrize("name", DRILLS)
def test_a_section_has_what_was_promised_and_measured(name: str) -> None:
    (section,) = re.findall(rf"^## .* \{{#{name}\}}$(.*?)^## ", drills_page(), re.MULTILINE | re.DOTALL)
    runs = [json.loads(file.read_text())["drills"] for file in sorted(RESULTS.glob("drills*.json"))]
    results = [run[name] for run in runs if name in run]
    if not results:  # a new drill, before its first run on real nodes
        assert "not measured" in section.lower()
        return
    (result,) = results
    assert f"| {'<br>'.join(result['promised'])} | {'<br>'.join(result['measured'])} | ✓ kept |" in section
    for title, lost in result["baselines"].items():
        assert f"| {title} | {lost} |" in section


def test_the_benchmarks_have_their_tables_and_the_plot() -> None:
    page = benchmarks_page()
    assert page.startswith("# Benchmarks\n") and "](../figures/bench.svg)" in page
    assert "| preview, no change | hand-written |" in page and "Kubernetes 1.36.3" in page


def test_the_results_are_small() -> None:
    assert all(file.stat().st_size < 15_000 for file in RESULTS.iterdir())
