"""Constructed recordings: a load of 100 requests a second with known losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.drills.model import Connections, Moment, Recording, Request, Sample, Stream

FAULT, ENDED, RATE = 5.0, 20.0, 100
FULL = {"a": 1, "b": 1, "c": 1}


def stream(connections: Connections = "new", *, lost: Callable[[float], str] = lambda at: "", **more: Any) -> Stream:
    """Return a stream. ``lost`` returns the error of the request sent at a time; "" means success in 2 ms."""
    sent = [number / RATE for number in range(int(ENDED * RATE))]
    requests = tuple(Request(at, 0.002, 0 if lost(at) else 200, lost(at)) for at in sent)
    return Stream(
        **{
            "subject": "web",
            "connections": connections,
            "rate": RATE,
            "requests": requests,
            "began": 0.0,
            "ended": ENDED,
            **more,
        }
    )


def samples(*changes: tuple[float, dict[str, int] | None]) -> tuple[Sample, ...]:
    """Return a sample every quarter of a second; each change holds from its time on."""
    result = []
    for number in range(int(ENDED * 4)):
        now = [ready for since, ready in ((0.0, FULL), *changes) if since <= number / 4]
        result.append(Sample(number / 4, now[-1]))
    return tuple(result)


def recording(*streams: Stream, **more: Any) -> Recording:
    return Recording(
        **{
            "drill": "drain",
            "subject": "web",
            "streams": streams or (stream(),),
            "samples": samples(),
            "moments": (Moment(FAULT, "node n1 is drained"), Moment(9.0, "it is back", "end")),
            "full": 3,
            "ended": ENDED,
            **more,
        }
    )


def between(begin: float, end: float, error: str = "connection refused") -> Callable[[float], str]:
    """Return a function by which each request sent in an interval fails."""
    return lambda at: error if begin <= at < end else ""
