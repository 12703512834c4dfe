"""The arithmetic of the benchmarks, their tables, summary and plot, from known figures."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from lab.bench import figures, plot, profile, summary, table
from lab.bench.checkpoint import column
from lab.bench.figures import Spread

SVG = "{http://www.w3.org/2000/svg}"


def _runs(*seconds: float, mib: float = 100.0) -> list[dict[str, Any]]:
    return [{"seconds": each, "cpu_seconds": each, "peak_mib": mib, "parts_mib": {}} for each in seconds]


def _many(sizes: tuple[int, ...] = (1, 10, 300)) -> dict[str, Any]:
    """Return figures: this project takes 2 s + 3 s and 100 + 5 MiB a backend, the hand-written program 2 s + 2 s."""
    return {
        "many": {
            str(size): {
                done: {
                    "ours": _runs(2 + 3 * size, mib=100 + 5 * size),
                    "handwritten": _runs(2 + 2 * size, mib=100 + 4 * size),
                }
                for done in ("preview", "up")
            }
            for size in sizes
        }
    }


def test_a_spread_is_the_median_with_the_extremes() -> None:
    assert figures.spread([3.0, 1.0, 2.0, 9.0]) == Spread(1.0, 2.5, 9.0)
    assert figures.spread([3.0, 1.0, 2.0]).text() == "2.00 (1.00 to 3.00)"
    assert figures.spread([3.14159]).text(3) == "3.142"
    with pytest.raises(ValueError, match="no figure"):
        figures.spread([])


def test_ratios_are_computed_from_pairs_not_from_medians() -> None:
    assert figures.ratios([1.0, 20.0, 3.0], [1.0, 10.0, 6.0]) == Spread(0.5, 1.0, 2.0)
    with pytest.raises(ValueError, match="2 rounds cannot be paired with 1"):
        figures.ratios([1.0, 2.0], [1.0])


def test_growth_compares_one_backend_among_many_with_one_among_few() -> None:
    assert figures.growth({10: 20.0, 300: 660.0}, 10, 300) == pytest.approx(1.1)
    assert figures.growth({300: 660.0}, 10, 300) is None


def test_one_more_backend_costs_the_slope() -> None:
    assert figures.slope({1: 105.0, 10: 150.0, 300: 1600.0}) == pytest.approx(5.0)
    assert figures.slope({1: 105.0}) is None


def test_a_column_is_empty_without_a_measurement() -> None:
    raw = {"one": {"up": {"ours": _runs(1.0, 2.0)}}}
    assert column(raw, "seconds", "one", "up", "ours") == [1.0, 2.0]
    assert column(raw, "seconds", "one", "up", "helm") == column(raw, "seconds", "many", "up") == []


def test_the_program_s_own_share_excludes_the_sdk_and_waiting() -> None:
    assert profile.own(
        {"import": 0.1, "import, while the engine works": 0.2, "building": 0.02, "sdk": 5.0, "waiting": 7.0}
    ) == pytest.approx(0.32)


def test_the_table_of_one_backend_has_the_ratio_round_by_round() -> None:
    runs = {"ours": _runs(2.0, 4.0), "handwritten": _runs(1.0, 4.0), "kubectl": _runs(1.0)}
    text = table.markdown({"one": {"preview": runs}})
    assert "| preview, no change | hand-written | 2.50 (1.00 to 4.00) s | 1.50 (1.00 to 2.00) | 1.05 |" in text
    assert "| preview, no change | ha-backend | 3.00 (2.00 to 4.00) s |  |  |" in text
    assert "| preview, no change | kubectl | 1.00 s |  |  |" in text, "rounds that do not pair have no ratio"
    assert "first up" not in text


def test_the_table_of_many_has_each_size_and_the_cost_of_one_more_backend() -> None:
    text = table.markdown(_many())
    assert "| first up | ha-backend | 300 | 902.00 s | 3.007 s | 1600 MiB | 5.3 MiB |" in text
    assert "| seconds a backend, preview, ha-backend: at 300 relative to 10 | 0.94 | 1.1 |" in text
    assert "| seconds, preview: ha-backend / hand-written at 300 | 1.50 | 1.1 |" in text
    assert "| MiB for one more backend, first up: ha-backend, hand-written | 5.00, 4.00 |  |" in text


def test_hand_written_components_are_listed_separately() -> None:
    raw = _many()
    for size, done in raw["many"].items():
        for runs in done.values():
            runs["component"] = _runs(2 + 2.5 * int(size))
    text = table.markdown(raw)
    assert "| first up | hand-written component | 300 | 752.00 s | 2.507 s | 100 MiB | 0.3 MiB |" in text
    assert "| seconds, preview: ha-backend / hand-written component at 300 | 1.20 |  |" in text


def test_the_table_of_the_program_has_each_part_as_a_share_of_its_preview() -> None:
    rounds = [
        {"seconds": 2.0, "phases": {"import": 0.1, "settings": 0.02, "sdk": 0.5, "waiting": 0.3}},
        {"seconds": 4.0, "phases": {"import": 0.4, "settings": 0.04, "sdk": 0.5}},
    ]
    text = table.markdown({"program": {"ours": rounds}})
    assert "| ha-backend | import | 0.250 (0.100 to 0.400) s | 7.5 (5.0 to 10.0) % |  |" in text
    assert (
        "| ha-backend | **the program's own share** | 0.280 (0.120 to 0.440) s | 8.5 (6.0 to 11.0) % | 10 % |" in text
    )
    assert "| ha-backend | waiting | 0.150 (0.000 to 0.300) s |" in text


def test_a_part_that_was_not_measured_has_no_table() -> None:
    assert table.markdown({}) == "\n"
    assert table.markdown({"many": {"10": {}}, "cluster": {"ready_s": [5.0, 6.0, 5.5]}}) == (
        "| figure | measured | goal: at most |\n|---|---|---|\n| embedded cluster ready | 5.5 (5.0 to 6.0) s | 6 s |\n"
    )


def test_the_plot_has_a_point_for_each_size() -> None:
    svg = plot.svg(_many())
    assert svg is not None
    root = ElementTree.fromstring(svg)  # noqa: S314 (our own)
    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f".//{SVG}circle")) == 4 * 2 * 3
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "ha-backend" in texts and "MiB a backend: first up" in texts and texts.count("300") == 4
    wide, high = float(root.attrib["width"]), float(root.attrib["height"])
    for panel in root.findall(f"{SVG}g"):
        left, top = map(float, panel.attrib["transform"][len("translate(") : -1].split())
        for point in panel.findall(f"{SVG}circle"):
            assert 0 <= left + float(point.attrib["cx"]) <= wide and 0 <= top + float(point.attrib["cy"]) <= high


def test_more_is_higher_and_to_the_right() -> None:
    root = ElementTree.fromstring(plot.svg(_many()) or "")  # noqa: S314 (our own)
    points = root.findall(f"{SVG}g")[0].findall(f"{SVG}circle")[:3]  # seconds a backend: falls with the size
    across, up = ([float(point.attrib[key]) for point in points] for key in ("cx", "cy"))
    assert across == sorted(across) and up == sorted(up)


@pytest.mark.parametrize("raw", [{}, {"many": {"10": {}}}])
def test_fewer_than_two_sizes_have_no_plot(raw: dict[str, Any]) -> None:
    assert plot.svg(raw) is None


def test_a_plot_without_figures_says_so() -> None:
    assert (plot.svg({"many": {"1": {}, "10": {}}}) or "").count("not measured") == 4


@pytest.mark.parametrize(
    ("least", "most", "expected"), [(0.9, 12, [1, 2, 5, 10]), (3, 4, [3, 4]), (0.02, 0.06, [0.02, 0.05])]
)
def test_ticks_are_round_numbers(least: float, most: float, expected: list[float]) -> None:
    assert plot.ticks(least, most) == pytest.approx(expected)


def test_a_summary_renders_the_same_tables_as_the_figures() -> None:
    raw = {**_many(), "machine": {"processors": "2", "Python": "3.11"}, "cluster": {"ready_s": [5.0, 6.0]}}
    text = summary.dumps(raw)
    assert summary.markdown(json.loads(text)) == table.markdown(raw)
    assert len(text) < 10_000
