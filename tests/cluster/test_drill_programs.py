"""The programs that drills run in pods: the naive backend and the sandbox. These tests need no cluster."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.devcluster import binaries

QUICK = {"START_SECONDS": "0", "ANSWER_MILLISECONDS": "0"}


def built(name: str) -> Path:
    if sys.platform != "linux":
        pytest.skip(f"{name} is made for the nodes of a cluster, which run Linux")
    if shutil.which("go") is None:
        pytest.skip(f"{name} is published nowhere and there is no Go compiler on PATH: nothing is proved of it here")
    return binaries.ensure(print, [name])[name]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def naive(**settings: str) -> Iterator[tuple[subprocess.Popen[str], http.client.HTTPConnection]]:
    """Run the backend, and yield a connection to it with a timeout of two seconds."""
    port = free_port()
    running = subprocess.Popen([built("naive")], env={"PORT": str(port), **settings}, stderr=subprocess.PIPE, text=True)
    try:
        yield running, http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    finally:
        running.kill()
        running.communicate()


def answering(connection: http.client.HTTPConnection) -> None:
    for _ in range(100):
        with contextlib.suppress(ConnectionRefusedError):
            return connection.connect()
        time.sleep(0.05)
    pytest.fail("it does not listen")


def got(connection: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode().strip()


def test_it_listens_late_and_responds_slowly() -> None:
    began = time.monotonic()
    with naive(START_SECONDS="0.7", ANSWER_MILLISECONDS="150") as (_, connection):
        answering(connection)
        assert time.monotonic() - began >= 0.7
        kept = connection.sock
        for path in ("/", "/healthz", "/any/where?at=all"):
            asked = time.monotonic()
            assert got(connection, path) == (200, socket.gethostname())
            assert time.monotonic() - asked >= 0.15
        assert connection.sock is kept  # an ordinary server keeps its connections


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_exits_at_once_with_requests_in_progress(number: signal.Signals) -> None:
    with naive(START_SECONDS="0", ANSWER_MILLISECONDS="60000") as (running, connection):
        answering(connection)
        connection.request("GET", "/")
        time.sleep(0.2)
        running.send_signal(number)
        assert running.wait(timeout=5) == 0
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
            connection.getresponse()


def test_it_exits_at_once_while_it_starts() -> None:
    with naive(START_SECONDS="60") as (running, _):
        time.sleep(0.5)
        running.terminate()
        assert running.wait(timeout=5) == 0


def test_it_hangs_permanently_on_request() -> None:
    with naive(**QUICK) as (running, connection):
        answering(connection)
        assert got(connection, "/healthz")[0] == 200
        for path in ("/hang", "/healthz", "/"):
            other = http.client.HTTPConnection(connection.host, connection.port, timeout=0.5)
            with pytest.raises(TimeoutError):
                got(other, path)
        assert running.poll() is None


def test_it_uses_the_requested_cpu_time_for_every_request() -> None:
    def seconds() -> float:
        fields = Path(f"/proc/{running.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    with naive(**QUICK, BURN="50") as (running, connection):
        answering(connection)
        before = seconds()
        for _ in range(10):
            assert got(connection, "/")[0] == 200
        assert 0.45 <= seconds() - before <= 0.9


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("FAIL_AT_START", "1", "FAIL_AT_START is set"),
        ("PORT", "70000", 'PORT="70000" is not a port'),
        ("START_SECONDS", "soon", 'START_SECONDS="soon" is not a number'),
        ("BURN", "-1", 'BURN="-1" is not a number'),
        ("ANSWER_MILLISECONDS", "NaN", 'ANSWER_MILLISECONDS="NaN" is not a number'),
    ],
)
def test_it_fails_at_its_start(name: str, value: str, told: str) -> None:
    with naive(**{name: value}) as (running, _):
        _, errors = running.communicate(timeout=2)
        assert running.returncode == 1
        assert told in errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sandbox_reaps_its_children_and_exits_on_a_signal(number: signal.Signals) -> None:
    # The shell becomes the sandbox, which so has a child that ended before, and one that ends later.
    script = f'true & sleep 1 & echo $!; exec "{built("pause")}"'
    running = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        child = running.stdout.readline().strip()
        assert child in children.read_text().split()
        deadline = time.monotonic() + 5
        while children.read_text().split() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert children.read_text().split() == []
        assert running.poll() is None
        running.send_signal(number)
        assert running.wait(timeout=5) == 0
    finally:
        running.kill()
        running.communicate()
