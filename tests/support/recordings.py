"""Recordings made by hand: a load of 100 requests a second whose losses are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.drills.model import Connections, Moment, Recording, Request, Sample, Stream

FAULT, ENDED, RATE = 5.0, 20.0, 100
FULL = {"a": 1, "b": 1, "c": 1}


def stream(connections: Connections = "new", *, lost: Callable[[float], str] = lambda at: "", **more: Any) -> Stream:
    """``lost`` says by which error the request sent at a moment fails; empty: it works, in 2 ms."""
    sent = [number / RATE for number in range(int(ENDED * RATE))]
    requests = tuple(Request(at, 0.002, 0 if lost(at) else 200, lost(at)) for at in sent)
    return Stream(
        **{
            "subject": "ours",
            "connections": connections,
            "rate": RATE,
            "requests": requests,
            "began": 0.0,
            "ended": ENDED,
            **more,
        }
    )


def samples(*changes: tuple[float, dict[str, int] | None]) -> tuple[Sample, ...]:
    """Every quarter of a second; each change holds from its moment on."""
    found = []
    for number in range(int(ENDED * 4)):
        now = [ready for since, ready in ((0.0, FULL), *changes) if since <= number / 4]
        found.append(Sample(number / 4, now[-1]))
    return tuple(found)


def recording(*streams: Stream, **more: Any) -> Recording:
    return Recording(
        **{
            "drill": "drain",
            "subject": "ours",
            "streams": streams or (stream(),),
            "samples": samples(),
            "moments": (Moment(FAULT, "node n1 is drained"), Moment(9.0, "it is back", "end")),
            "full": 3,
            "ended": ENDED,
            **more,
        }
    )


def between(begin: float, end: float, error: str = "connection refused") -> Callable[[float], str]:
    """Everything sent from one moment until before another fails."""
    return lambda at: error if begin <= at < end else ""
