"""A recording as JSON and back, exactly. Requests are columns, and their outcomes runs: a minute of load is some 100 kB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from lab.drills.model import Moment, Recording, Request, Sample, Stream

FORMAT = 1  # raise it when the meaning of a key changes


def as_json(recording: Recording) -> dict[str, Any]:
    """Plain dicts and lists, for ``json.dumps``."""
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
    """The recording again. Raises ValueError where the data is of another format, or is none."""
    if data.get("format") != FORMAT:
        raise ValueError(f"format: {data.get('format')!r} is not a recording's; right would be {FORMAT}")
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
        )  # recordings were made before there were these
    except KeyError as error:
        raise ValueError(f"{error.args[0]}: is missing in the recording") from None


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
