"""The command line of vegeta 12 for one stream, and its results.

The schedule is open: each request is sent when it is due, whether or not earlier ones have been answered.
"""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lab.drills import errors
from lab.drills.model import Connections, Request

TIMEOUT_SECONDS = 3.0  # users have given up by then
MAX_SECONDS = 900  # vegeta exits after that, if nothing stops it earlier
_SPARE = 2  # times the workers that can be busy at once


class LoadError(Exception):
    """The load cannot be sent, or its results cannot be read."""


@dataclass(frozen=True)
class LoadSpec:
    """A stream to send: ``rate`` GETs a second to ``url``, each with a timeout of ``timeout`` seconds.

    ``connections`` is "new" (one for each request) or "reused". Reused connections belong to ``clients`` clients with
    one each, used in turn: an idle client would send every request on the same connection, so to one pod, and would
    miss the loss of the others. With https or an IPv6 address the clients cannot be told apart, and few connections are
    in use. ``headers`` are lines, ``Host: name``. ``source`` is a local address to send from; if empty, the kernel
    chooses.
    """

    subject: str
    url: str
    connections: Connections
    rate: int = 100
    timeout: float = TIMEOUT_SECONDS
    clients: int = 10
    headers: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or any(sign.isspace() for sign in self.url):
            raise LoadError(f"url: {self.url!r} is not a URL: use http://HOST:PORT/PATH")
        for key in ("rate", "timeout", "clients"):
            if getattr(self, key) <= 0:
                raise LoadError(f"{key}: {getattr(self, key)!r} sends no requests: set it above 0")

    @property
    def interval(self) -> float:
        """Return the seconds between two requests, in vegeta's resolution of nanoseconds."""
        return 1_000_000_000 // self.rate / 1e9


def command(program: Path, spec: LoadSpec, results: Path) -> tuple[list[str], str]:
    """Return the command that sends one stream, and its standard input."""
    words = [
        str(program),
        "attack",
        f"-rate={spec.rate}/1s",
        f"-duration={MAX_SECONDS}s",
        f"-timeout={round(spec.timeout * 1000)}ms",
        "-redirects=-1",
        "-max-body=0",
        "-http2=false",
        f"-max-workers={int(spec.rate * spec.timeout * _SPARE) + 10}",
        f"-output={results}",
        *(f"-header={line}" for line in spec.headers),
        *([f"-laddr={spec.source}"] if spec.source else []),
    ]
    if spec.connections == "new":
        return [*words, "-keepalive=false"], f"GET {spec.url}\n"
    parts = urlsplit(spec.url)
    if parts.scheme == "https" or ":" in (parts.hostname or ""):
        return words, f"GET {spec.url}\n"
    # vegeta keeps connections by host name: give each client a name of its own that resolves to the one address.
    port = parts.port or 80
    names = [f"client-{number}.invalid" for number in range(spec.clients)]
    words += [f"-connect-to={name}:{port}:{parts.hostname}:{port}" for name in names]
    if not any(line.lower().startswith("host:") for line in spec.headers):
        words.append(f"-header=Host: {parts.netloc.rpartition('@')[2]}")
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    # One connection each: an idle one, opened in a burst, would reveal a lost node only when the next burst uses it.
    words.append("-connections=1")
    return words, "".join(f"GET http://{name}:{port}{rest}\n" for name in names)


def read(program: Path, results: Path, spec: LoadSpec, seconds: Callable[[int], float]) -> tuple[list[Request], float]:
    """Return the requests in send order, and when the first was due.

    ``seconds`` converts vegeta's wall clock in nanoseconds to the drill's clock. Raises LoadError without any result.
    """
    # vegeta decodes a truncated file up to the truncation; the missing requests count as not sent.
    process = subprocess.run(
        [str(program), "encode", "--to=csv", str(results)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    rows = sorted(
        (int(row[8]), int(row[0]), int(row[1]), int(row[2]), row[5])
        for row in csv.reader(io.StringIO(process.stdout))
        if len(row) == 12
    )
    if not rows:
        raise LoadError(
            f"no results of the load on {spec.subject}: {process.stderr.strip()[-300:] or 'vegeta printed nothing'}"
        )
    sent = [seconds(wall) for _, wall, *_ in rows]
    # The due time of the first request is only known from the others: the least late one counts as on time.
    began = min(at - row[0] * spec.interval for at, row in zip(sent, rows, strict=True))
    return [
        Request(
            round(at, 4),
            round(latency / 1e9, 5),
            code,
            errors.classify(code, text),
            round(max(0.0, at - began - number * spec.interval), 4),
        )
        for at, (number, _, code, latency, text) in zip(sent, rows, strict=True)
    ], round(began, 4)
