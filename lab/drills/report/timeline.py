"""One subject's drill as an SVG: requests a second by outcome, ready endpoints by zone, and the faults."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lab.drills.endpoint_figures import Span, spans
from lab.drills.measure import LATE_SECONDS
from lab.drills.model import Moment, Recording, Stream
from lab.drills.report import words

WIDTH, LEFT, RIGHT = 960, 128, 12
LANE, ROOM, LABEL = 44, 12, 15
ZONES = 4  # colours; a fifth zone reuses the first


class _Axis:
    """The horizontal axis. Seconds count from the first fault."""

    def __init__(self, recording: Recording) -> None:
        self.zero = recording.fault or 0.0
        self.begin = min([0.0, *(stream.began for stream in recording.streams)])
        self.end = max([recording.ended, self.begin + 1])
        self.bin = max(1, math.ceil((self.end - self.begin) / 400))

    def x(self, at: float) -> float:
        """Return the coordinate of a time."""
        inside = min(max(at, self.begin), self.end)
        return LEFT + (inside - self.begin) / (self.end - self.begin) * (WIDTH - LEFT - RIGHT)

    def bins(self) -> range:
        """Return the numbers of the bins of ``bin`` seconds; the fault is between -1 and 0."""
        return range(math.floor((self.begin - self.zero) / self.bin), math.ceil((self.end - self.zero) / self.bin))


def render(recording: Recording, ident: str) -> str:
    """Return an ``svg`` element. ``ident`` is unique on the page, whose style sets the colours."""
    axis = _Axis(recording)
    moments, top = _moments(recording, axis)
    body, y = [], top
    for stream in recording.streams:
        body += [_name(y, stream.name, f"{stream.rate:g} a second"), *_stream(stream, axis, y, ident)]
        y += LANE + ROOM
    body += [_name(y, "ready endpoints", f"{recording.full} at full capacity"), *_endpoints(recording, axis, y, ident)]
    y += LANE
    body += _ticks(axis, y)
    labels = [
        f'{text}<line class="{moment.kind}" x1="{axis.x(moment.at):.1f}" x2="{axis.x(moment.at):.1f}" '
        f'y1="{row * LABEL + 4}" y2="{y}"/>'
        for moment, row, text in moments
    ]
    hatch = (
        f'<defs><pattern id="{ident}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect class="unknown" width="6" height="6"/>'
        '<line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>'
    )
    title = html.escape(f"{recording.subject}: requests and ready endpoints over time")
    return (
        f'<svg viewBox="0 0 {WIDTH} {y + 20}" role="img" aria-label="{title}">{hatch}{"".join(body)}'
        f"{''.join(labels)}</svg>"
    )


def _moments(recording: Recording, axis: _Axis) -> tuple[list[tuple[Moment, int, str]], int]:
    """Return moments with row and label, each in the first row with enough space, and the top of the first lane."""
    ends: list[float] = []
    result: list[tuple[Moment, int, str]] = []
    for moment in sorted(recording.moments, key=lambda one: one.at):
        x, wide = axis.x(moment.at), 6.2 * len(moment.what) + 10
        left = x if x + wide < WIDTH else max(0.0, x - wide)
        row = next((number for number, end in enumerate(ends) if end <= left), len(ends))
        ends[row : row + 1] = [left + wide]
        anchor, at = ("start", x + 4) if left == x else ("end", x - 4)
        result.append(
            (
                moment,
                row,
                f'<text class="{moment.kind}" x="{at:.1f}" y="{row * LABEL + 12}" text-anchor="{anchor}">'
                f"{html.escape(moment.what)}</text>",
            )
        )
    return result, len(ends) * LABEL + 8


def _stream(stream: Stream, axis: _Axis, y: int, ident: str) -> Iterator[str]:
    """Yield bars: successes below, failures above; a single failure is drawn large enough to be seen."""
    worked, failed, late = (dict.fromkeys(axis.bins(), 0) for _ in range(3))
    for one in stream.requests:
        number = math.floor((min(one.at, axis.end) - axis.zero) / axis.bin)
        outcome = worked if one.ok else failed
        outcome[number] = outcome.get(number, 0) + 1
        late[number] = late.get(number, 0) + (one.lag > LATE_SECONDS)
    good, bad, unknown = [], [], []
    for number in axis.bins():
        left, right = axis.x(axis.zero + number * axis.bin), axis.x(axis.zero + (number + 1) * axis.bin)
        begin = axis.zero + number * axis.bin
        running = stream.began <= begin and begin + axis.bin <= stream.ended
        if late[number] or (running and worked[number] + failed[number] < 0.5 * stream.rate * axis.bin):
            unknown.append(_box(left, y, right - left, LANE))
        most = max(stream.rate * axis.bin, worked[number] + failed[number])  # a burst that catches up is clipped
        red = max(3.0, LANE * failed[number] / most) if failed[number] else 0.0
        green = min(LANE * worked[number] / most, LANE - red)
        wide = max(right - left - 0.6, 0.5)
        good.append(_box(left, y + LANE - green, wide, green))
        bad.append(_box(left, y + LANE - green - red, wide, red))
    yield _path("base", [_box(LEFT, y + LANE, WIDTH - LEFT - RIGHT, 0.6)])
    yield from (_path("", unknown, ident), _path("worked", good), _path("failed", bad))


def _endpoints(recording: Recording, axis: _Axis, y: int, ident: str) -> Iterator[str]:
    joined = _joined(spans(recording))
    zones = sorted({zone for span in joined for zone in span.ready or ()})
    most = max([recording.full, 1, *(span.count or 0 for span in joined)])
    boxes: dict[str, list[str]] = {zone: [] for zone in zones}
    unknown = []
    for span in joined:
        left, wide = axis.x(span.begin), axis.x(span.end) - axis.x(span.begin)
        if span.ready is None:
            unknown.append(_box(left, y, wide, LANE))
            continue
        top = float(y + LANE)
        for zone in zones:
            height = LANE * span.ready.get(zone, 0) / most
            top -= height
            boxes[zone].append(_box(left, top, wide + 0.3, height))
    yield _path("", unknown, ident)
    for number, zone in enumerate(zones):
        yield _path(f"zone{number % ZONES}", boxes[zone], title=zone)
    level = y + LANE - LANE * recording.full / most
    yield f'<line class="full" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{level:.1f}" y2="{level:.1f}"/>'


def _joined(all_spans: Iterable[Span]) -> list[Span]:
    """Join consecutive spans that are equal, as most of thousands of samples are."""
    result: list[Span] = []
    for span in all_spans:
        same = result and result[-1].ready == span.ready
        result.append(replace(result.pop(), end=span.end) if same else span)
    return result


def _ticks(axis: _Axis, y: int) -> Iterator[str]:
    """Yield about ten ticks, at round numbers of seconds from the fault."""
    wanted = (axis.end - axis.begin) / 10
    step = next((step for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600) if step >= wanted), 3600)
    for number in range(math.ceil((axis.begin - axis.zero) / step), math.floor((axis.end - axis.zero) / step) + 1):
        x = axis.x(axis.zero + number * step)
        if x < WIDTH - 30:  # the last label would be clipped
            yield f'<text class="tick" x="{x:.1f}" y="{y + 15}" text-anchor="middle">{words.tick(number * step)}</text>'


def _name(y: int, name: str, more: str) -> str:
    return (
        f'<text class="lane" x="{LEFT - 10}" y="{y + LANE / 2 - 1:.0f}" text-anchor="end">{html.escape(name)}</text>'
        f'<text class="tick" x="{LEFT - 10}" y="{y + LANE / 2 + 13:.0f}" text-anchor="end">{html.escape(more)}</text>'
    )


def _box(x: float, y: float, wide: float, high: float) -> str:
    return f"M{x:.1f} {y:.1f}h{wide:.1f}v{high:.1f}h{-wide:.1f}z" if wide > 0 and high > 0 else ""


def _path(name: str, boxes: Iterable[str], hatch: str = "", title: str = "") -> str:
    drawn = "".join(boxes)
    if not drawn:
        return ""
    look = f'fill="url(#{hatch}-hatch)"' if hatch else f'class="{name}"'
    return f'<path {look} d="{drawn}">{f"<title>{html.escape(title)}</title>" if title else ""}</path>'
