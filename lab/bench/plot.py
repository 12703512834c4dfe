"""An SVG plot of seconds and MiB a backend by the number of backends in one stack; both axes are logarithmic."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from lab.bench import figures, table
from lab.bench.checkpoint import Figures

_WIDE, _HIGH = 380, 250  # of one panel
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 34, 14, 40
_COLOURS = {
    "ours": "#0b6fb8",
    "handwritten": "#c2540a",
    "component": "#d9a406",
    "floor-objects": "#6b7280",
    "floor-random": "#a3a9b3",
}
_PANELS = (
    ("seconds", "preview", "seconds a backend: no-change preview"),
    ("seconds", "up", "seconds a backend: first up"),
    ("peak_mib", "preview", "MiB a backend: no-change preview"),
    ("peak_mib", "up", "MiB a backend: first up"),
)
_LEGEND = 24

Lines = Mapping[str, Mapping[int, float]]


def svg(raw: Figures) -> str | None:
    """Return the plot; None with fewer than two sizes."""
    if len(raw.get("many", {})) < 2:
        return None
    panels = [
        (
            title,
            {
                name: {size: figures.each(size, value) for size, value in table.by_size(raw, key, action, name).items()}
                for name in _COLOURS
            },
        )
        for key, action, title in _PANELS
    ]
    wide, high = 2 * _WIDE, 2 * _HIGH + _LEGEND
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{wide}" height="{high}" fill="white"/>',
        *_legend(wide),
    ]
    for number, (title, lines) in enumerate(panels):
        left, top = number % 2 * _WIDE, _LEGEND + number // 2 * _HIGH
        parts += [f'<g transform="translate({left} {top})">', *_panel(title, lines), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _legend(wide: int) -> Iterator[str]:
    step = wide / len(_COLOURS)
    for number, (name, colour) in enumerate(_COLOURS.items()):
        left = number * step + 12
        yield f'<line x1="{left:.0f}" y1="12" x2="{left + 20:.0f}" y2="12" stroke="{colour}" stroke-width="2"/>'
        yield f'<text x="{left + 26:.0f}" y="16">{escape(table.NAMES[name])}</text>'


def _panel(title: str, lines: Lines) -> Iterator[str]:
    yield f'<text x="{_LEFT}" y="20" font-weight="bold">{escape(title)}</text>'
    sizes = sorted({size for line in lines.values() for size in line})
    values = [value for line in lines.values() for value in line.values() if value > 0]
    if not values:
        yield f'<text x="{_LEFT}" y="{_HIGH / 2}">not measured</text>'
        return
    across, up = (
        _scale(sizes[0], sizes[-1], _LEFT, _WIDE - _RIGHT),
        _scale(min(values), max(values), _HIGH - _BOTTOM, _TOP),
    )
    for size in sizes:
        yield _line(across(size), _TOP, across(size), _HIGH - _BOTTOM, "#e5e7eb")
        yield f'<text x="{across(size):.1f}" y="{_HIGH - _BOTTOM + 16}" text-anchor="middle">{size}</text>'
    yield f'<text x="{(_LEFT + _WIDE - _RIGHT) / 2}" y="{_HIGH - 8}" text-anchor="middle">backends in one stack</text>'
    for value in ticks(min(values), max(values)):
        yield _line(_LEFT, up(value), _WIDE - _RIGHT, up(value), "#e5e7eb")
        yield f'<text x="{_LEFT - 6}" y="{up(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
    for name, line in lines.items():
        points = [(across(size), up(value)) for size, value in sorted(line.items()) if value > 0]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{_COLOURS[name]}" stroke-width="2"/>'
        for x, y in points:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_COLOURS[name]}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


class _scale:  # noqa: N801 (used like a function)
    """Maps a value to its coordinate by logarithm; to the middle if all values are equal."""

    def __init__(self, least: float, most: float, begin: float, end: float) -> None:
        self._least, self._begin, self._end = math.log(least), begin, end
        self._wide = math.log(most) - self._least

    def __call__(self, value: float) -> float:
        part = (math.log(value) - self._least) / self._wide if self._wide else 0.5
        return self._begin + part * (self._end - self._begin)


def ticks(least: float, most: float) -> list[float]:
    """Return 1, 2 and 5 of every power of ten within the range; its ends if there are fewer than two of these."""
    result = [
        number * 10.0**power
        for power in range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
        for number in (1, 2, 5)
        if least <= number * 10.0**power <= most
    ]
    return result if len(result) > 1 else sorted({float(f"{least:.2g}"), float(f"{most:.2g}")})
