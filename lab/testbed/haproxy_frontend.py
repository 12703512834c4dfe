"""The balancer over several clusters, as a cloud or a DNS service would be it: haproxy on this machine, outside of all of them.

It knows what a stack's outputs say: where each cluster takes requests, what to ask for its health, its weight. It tries no
second cluster for a request. What is given no path to ask sends to all of them, whatever becomes of it: as DNS does. Which
cluster is next is drawn by lot: in turn, two streams of the same rate would each meet the same one again and again.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from components.devcluster import priority
from components.devcluster.errors import LocalError
from components.devcluster.nodes import haproxy
from lab.drills.target import Sent

_START_SECONDS = 10
_FAILED = ("econ", "eresp", "cli_abrt", "hrsp_5xx")  # no connection, no answer, not in the client's time, an error


@dataclass(frozen=True)
class Front:
    """One backend's address. ``clusters``: host and port of each; ``weights`` in percent; ``health``: what to ask, if any."""

    name: str
    port: int
    clusters: Mapping[str, str]
    weights: Mapping[str, int]
    health: str = ""


def configuration(fronts: Iterable[Front], folder: Path) -> str:
    """haproxy's configuration file. A cluster is found lost within ``components.devcluster.nodes.haproxy.CHECK_SECONDS``."""
    parts = [
        f"""global
  stats socket {folder}/haproxy.sock mode 600 level admin
  maxconn 8000
  no strict-limits
defaults
  mode http
  retries 0
  option http-server-close
  timeout connect 5s
  timeout client 30s
  timeout server 30s
{haproxy.CHECKS}"""
    ]
    for front in fronts:
        check, asked = (" check", f"  option httpchk GET {front.health}\n") if front.health else ("", "")
        servers = "\n".join(
            f"  server {name} {address} weight {front.weights[name]}{check}" for name, address in front.clusters.items()
        )
        parts.append(f"listen {front.name}\n  bind 127.0.0.1:{front.port}\n  balance random(1)\n{asked}{servers}\n")
    return "".join(parts)


class Balancer:
    """The running program; it ends with this one, however that ends. Start it from a thread that lives as long."""

    def __init__(self, fronts: Iterable[Front], folder: Path) -> None:
        self._fronts = {front.name: front for front in fronts}
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it listens. Raises LocalError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file, said = self._folder / "haproxy.cfg", self._folder / "haproxy.log"
        file.write_text(configuration(self._fronts.values(), self._folder))
        program = shutil.which("haproxy", path=f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin")
        if program is None:
            raise LocalError(
                "haproxy is not here, which spreads requests over the clusters: install it (apt install haproxy)"
            )
        with said.open("wb") as log:
            self._process = subprocess.Popen(
                [*priority.prefix(priority.FIRST), "setpriv", "--pdeathsig", "KILL", program, "-f", str(file), "-db"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                why = said.read_text(errors="replace").strip()[-300:]
                raise LocalError(f"the balancer over the clusters does not start: {why}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ends it; may be called more than once."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def url(self, name: str) -> str:
        """Where it takes requests for a backend."""
        return f"http://127.0.0.1:{self._fronts[name].port}/"

    def sent(self, name: str) -> Mapping[str, Sent]:
        """What it has sent to each cluster until now. Raises LocalError where it does not answer."""
        try:
            return counted(haproxy.say(self._folder, "show stat"), self._fronts[name])
        except OSError as error:
            raise LocalError(f"the balancer over the clusters does not answer: {error}") from None

    def _listens(self) -> bool:
        try:
            return bool(haproxy.say(self._folder, "show info"))
        except OSError:
            return False


def counted(stat: str, front: Front) -> dict[str, Sent]:
    """haproxy's own statistics of one front's servers."""
    rows = csv.DictReader(stat.removeprefix("# ").splitlines())
    return {
        row["svname"]: Sent(int(row["stot"]), sum(int(row[key] or 0) for key in _FAILED), front.weights[row["svname"]])
        for row in rows
        if row["pxname"] == front.name and row["svname"] in front.clusters
    }
