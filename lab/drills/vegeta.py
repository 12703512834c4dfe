"""How vegeta is called for one stream, and what its results say. Version 12.

Its schedule is open: a request is sent when it is due, whether or not the earlier ones were answered.
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

TIMEOUT_SECONDS = 3.0  # a user has given up by then
LONGEST_SECONDS = 900  # it ends by itself after that, should nobody be left to end it
_AMPLE = 2  # times the workers that can be busy at once


class LoadError(Exception):
    """The load cannot be made, or its results cannot be read."""


@dataclass(frozen=True)
class Target:
    """One stream to be sent: ``rate`` GETs a second to ``url``, each given ``timeout`` seconds.

    ``connections`` is "new" (one for each request) or "reused". Of the reused ones there are ``clients``, with one each, used
    in turn: an idle client would give every request the same connection, and so one pod, and see nothing of the others' end.
    With https, or an address of IPv6, they are not told apart, and few are in use. ``headers`` are lines, ``Host: name``.
    ``source``: an address of this machine to send from, with ports of its own; left out, the kernel chooses.
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
            raise LoadError(f"url: {self.url!r} is no address; right would be http://HOST:PORT/PATH")
        for key in ("rate", "timeout", "clients"):
            if getattr(self, key) <= 0:
                raise LoadError(f"{key}: {getattr(self, key)!r} sends nothing; right would be more than 0")

    @property
    def interval(self) -> float:
        """Seconds between two requests, as vegeta reckons: in whole nanoseconds."""
        return 1_000_000_000 // self.rate / 1e9


def command(program: Path, target: Target, results: Path) -> tuple[list[str], str]:
    """The command that sends one stream, and what it reads from its standard input."""
    words = [
        str(program),
        "attack",
        f"-rate={target.rate}/1s",
        f"-duration={LONGEST_SECONDS}s",
        f"-timeout={round(target.timeout * 1000)}ms",
        "-redirects=-1",
        "-max-body=0",
        "-http2=false",
        f"-max-workers={int(target.rate * target.timeout * _AMPLE) + 10}",
        f"-output={results}",
        *(f"-header={line}" for line in target.headers),
        *([f"-laddr={target.source}"] if target.source else []),
    ]
    if target.connections == "new":
        return [*words, "-keepalive=false"], f"GET {target.url}\n"
    parts = urlsplit(target.url)
    if parts.scheme == "https" or ":" in (parts.hostname or ""):
        return words, f"GET {target.url}\n"
    # A client keeps its connections by host name: so each of the clients is a name of its own, led to the one address.
    port = parts.port or 80
    names = [f"client-{number}.invalid" for number in range(target.clients)]
    words += [f"-connect-to={name}:{port}:{parts.hostname}:{port}" for name in names]
    if not any(line.lower().startswith("host:") for line in target.headers):
        words.append(f"-header=Host: {parts.netloc.rpartition('@')[2]}")
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    # One at a time for each: one that lies idle, opened in a burst, would tell of a lost node only when the next burst uses it.
    words.append("-connections=1")
    return words, "".join(f"GET http://{name}:{port}{rest}\n" for name in names)


def read(program: Path, results: Path, target: Target, seconds: Callable[[int], float]) -> tuple[list[Request], float]:
    """The requests in the order they were sent, and when the first was due.

    ``seconds`` turns vegeta's wall clock in nanoseconds into the drill's. Raises LoadError where there is nothing to read.
    """
    # A file that was cut short is decoded up to there; what is missing shows as not sent.
    done = subprocess.run(
        [str(program), "encode", "--to=csv", str(results)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    rows = sorted(
        (int(row[8]), int(row[0]), int(row[1]), int(row[2]), row[5])
        for row in csv.reader(io.StringIO(done.stdout))
        if len(row) == 12
    )
    if not rows:
        raise LoadError(
            f"no results of the load on {target.subject}: {done.stderr.strip()[-300:] or 'vegeta wrote none'}"
        )
    sent = [seconds(wall) for _, wall, *_ in rows]
    # Nobody knows when it was due but from the others: the least late of all counts as in time.
    began = min(at - row[0] * target.interval for at, row in zip(sent, rows, strict=True))
    return [
        Request(
            round(at, 4),
            round(latency / 1e9, 5),
            code,
            errors.kind(code, text),
            round(max(0.0, at - began - number * target.interval), 4),
        )
        for at, (number, _, code, latency, text) in zip(sent, rows, strict=True)
    ], round(began, 4)
