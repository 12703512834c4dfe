"""The balancer over several clusters, as a cloud or a DNS service provides it: haproxy on this machine.

It uses a stack's outputs: each cluster's address, health path and weight. It never retries a request on a second
cluster. Without a health path it sends to every cluster, whatever its state, as DNS does. The next cluster is random:
in turn, two streams of the same rate would each meet the same one again and again.
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
from components.devcluster.errors import DevClusterError
from components.devcluster.nodes import haproxy
from lab.drills.target import ClusterTraffic

_START_SECONDS = 10
_FAILED = ("econ", "eresp", "cli_abrt", "hrsp_5xx")  # connection error, response error, client timeout, server error


@dataclass(frozen=True)
class Frontend:
    """A backend's address. ``clusters``: host:port of each; ``weights``: percent; ``health``: path to check."""

    name: str
    port: int
    clusters: Mapping[str, str]
    weights: Mapping[str, int]
    health: str = ""


def configuration(frontends: Iterable[Frontend], folder: Path) -> str:
    """Return haproxy's configuration. It detects a lost cluster within ``haproxy.CHECK_SECONDS``."""
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
{haproxy.CHECK_DEFAULTS}"""
    ]
    for frontend in frontends:
        check, option = (" check", f"  option httpchk GET {frontend.health}\n") if frontend.health else ("", "")
        servers = "\n".join(
            f"  server {name} {address} weight {frontend.weights[name]}{check}"
            for name, address in frontend.clusters.items()
        )
        parts.append(
            f"listen {frontend.name}\n  bind 127.0.0.1:{frontend.port}\n  balance random(1)\n{option}{servers}\n"
        )
    return "".join(parts)


class Balancer:
    """The haproxy process. It ends with this process; start it from a thread that lives as long."""

    def __init__(self, frontends: Iterable[Frontend], folder: Path) -> None:
        self._frontends = {frontend.name: frontend for frontend in frontends}
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens. Raises DevClusterError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file, log_file = self._folder / "haproxy.cfg", self._folder / "haproxy.log"
        file.write_text(configuration(self._frontends.values(), self._folder))
        program = shutil.which("haproxy", path=f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin")
        if program is None:
            raise DevClusterError(
                "haproxy is not installed, but distributes requests over the clusters: install it (apt install haproxy)"
            )
        with log_file.open("wb") as log:
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
                output = log_file.read_text(errors="replace").strip()[-300:]
                raise DevClusterError(f"the balancer over the clusters does not start: {output}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it; may be called more than once."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def url(self, name: str) -> str:
        """Return the URL of a backend."""
        return f"http://127.0.0.1:{self._frontends[name].port}/"

    def traffic(self, name: str) -> Mapping[str, ClusterTraffic]:
        """Return the requests that each cluster has received so far. Raises DevClusterError without an answer."""
        try:
            return parse_traffic(haproxy.send_command(self._folder, "show stat"), self._frontends[name])
        except OSError as error:
            raise DevClusterError(f"the balancer over the clusters does not answer: {error}") from None

    def _listens(self) -> bool:
        try:
            return bool(haproxy.send_command(self._folder, "show info"))
        except OSError:
            return False


def parse_traffic(stat: str, frontend: Frontend) -> dict[str, ClusterTraffic]:
    """Parse haproxy's statistics of one frontend's servers."""
    rows = csv.DictReader(stat.removeprefix("# ").splitlines())
    return {
        row["svname"]: ClusterTraffic(
            int(row["stot"]), sum(int(row[key] or 0) for key in _FAILED), frontend.weights[row["svname"]]
        )
        for row in rows
        if row["pxname"] == frontend.name and row["svname"] in frontend.clusters
    }
