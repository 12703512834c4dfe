"""Convert a recording to JSON and back, exactly. Columns and runs of outcomes keep a minute of load near 100 kB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from lab.drills.model import Moment, Recording, Request, Sample, Stream

FORMAT = 1  # raise it when a key changes its meaning


def as_json(recording: Recording) -> dict[str, Any]:
    """Return dicts and lists for ``json.dumps``."""
    return {
        "format": FORMAT,
        "drill": recording.drill,
        "subject": recording.subject,
        "full": recording.full,
        "ended": recording.ended,
        "every": recording.every,
        "loaded": recording.loaded,
        "streams": [_stream(stream) for stream in recording.streams],
        "samples": {
            "at": [sample.at for sample in recording.samples],
            "ready": [None if sample.ready is None else dict(sample.ready) for sample in recording.samples],
        },
        "moments": [{"at": moment.at, "what": moment.what, "kind": moment.kind} for moment in recording.moments],
    }


def from_json(data: Mapping[str, Any]) -> Recording:
    """Return the recording of ``as_json``. Raises ValueError for another format or incomplete data."""
    if data.get("format") != FORMAT:
        raise ValueError(f"format: {data.get('format')!r} is not supported: use {FORMAT}")
    try:
        return Recording(
            data["drill"],
            data["subject"],
            tuple(_stream_from(stream) for stream in data["streams"]),
            tuple(Sample(at, ready) for at, ready in zip(data["samples"]["at"], data["samples"]["ready"], strict=True)),
            tuple(Moment(one["at"], one["what"], one["kind"]) for one in data["moments"]),
            data["full"],
            data["ended"],
            data.get("every", 0.25),
            data.get("loaded", True),
        )  # older recordings lack the last two keys
    except KeyError as error:
        raise ValueError(f"{error.args[0]}: the recording lacks this key") from None


def _stream(stream: Stream) -> dict[str, Any]:
    outcomes = [
        [code, error, len(list(run))]
        for (code, error), run in groupby(stream.requests, key=lambda one: (one.code, one.error))
    ]
    return {
        "subject": stream.subject,
        "connections": stream.connections,
        "rate": stream.rate,
        "began": stream.began,
        "ended": stream.ended,
        "trouble": stream.trouble,
        "outcomes": outcomes,
        "at": [one.at for one in stream.requests],
        "latency": [one.latency for one in stream.requests],
        "lag": [one.lag for one in stream.requests],
    }


def _stream_from(data: Mapping[str, Any]) -> Stream:
    outcomes: Iterable[tuple[int, str]] = [
        (code, error) for code, error, times in data["outcomes"] for _ in range(times)
    ]
    requests = tuple(
        Request(at, latency, code, error, lag)
        for at, latency, (code, error), lag in zip(data["at"], data["latency"], outcomes, data["lag"], strict=True)
    )
    return Stream(
        data["subject"], data["connections"], data["rate"], requests, data["began"], data["ended"], data["trouble"]
    )
