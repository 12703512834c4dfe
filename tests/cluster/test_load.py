"""Load and measurement: a real vegeta against a local server with known failures."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.devcluster import binaries
from lab.drills.clock import Clock
from lab.drills.load import Load
from lab.drills.measure import StreamFigures, measure, stream_figures
from lab.drills.model import Connections, Stream
from lab.drills.session import Session, Subject
from lab.drills.vegeta import LoadError, LoadSpec
from lab.drills.verdict import Limits, judge

RATE = 50
BOTH: tuple[Connections, ...] = ("new", "reused")


class Backend:
    """A server that refuses connections, responds 503, or hangs on request; it counts its connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.code, self.hang = 200, threading.Event()
        self.hang.set()
        self._open: set[socket.socket] = set()
        self.port = 0
        self.serve()

    def serve(self) -> None:
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._open.add(self.connection)
                outer.hang.wait()
                self.send_response(outer.code)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def setup(self) -> None:
                super().setup()
                outer.connections += 1

            def log_message(self, *words: object) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 512
            daemon_threads = True

            def handle_error(self, *words: object) -> None:
                pass  # a client that was cut off

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def refuse(self) -> None:
        """Behave like a killed process: refuse new connections, and reset open ones."""
        self._server.shutdown()
        self._server.server_close()
        for one in list(self._open):
            with contextlib.suppress(OSError):  # closed by now
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@pytest.fixture
def server() -> Iterator[Backend]:
    made = Backend()
    yield made
    made.hang.set()
    made.refuse()


@pytest.fixture(scope="module")
def vegeta() -> Path:
    return binaries.ensure(print, ["vegeta"])["vegeta"]


def specs(server: Backend, timeout: float = 3.0) -> list[LoadSpec]:
    return [LoadSpec("ours", server.url, kind, RATE, timeout) for kind in BOTH]


def both(streams: tuple[Stream, ...], fault: float) -> list[StreamFigures]:
    assert [stream.connections for stream in streams] == list(BOTH)
    return [stream_figures(stream, fault) for stream in streams]


def test_a_healthy_server_loses_nothing(server: Backend, vegeta: Path) -> None:
    clock = Clock()
    with Load(vegeta, specs(server), clock) as load:
        begun = clock.now()
        time.sleep(2)
        ended = clock.now()
    for stream, one in zip(load.streams, both(load.streams, 0), strict=True):
        assert (one.failed, one.unsent, one.late, one.trouble) == (0, 0, 0, "")
        assert RATE * 2 <= one.sent <= RATE * (ended + 0.2)
        assert 0 < stream.began < begun
        assert ended - 0.001 <= stream.ended < ended + 0.5
        assert one.latency is not None
        assert 0 < one.latency.p50 < 500
    with pytest.raises(LoadError, match="still running"):
        _ = Load(vegeta, specs(server), clock).streams


def test_connections_are_new_or_reused(server: Backend, vegeta: Path) -> None:
    counts = {}
    for kind in BOTH:
        server.connections = 0
        with Load(vegeta, [LoadSpec("ours", server.url, kind, RATE, clients=8)], Clock()) as load:
            time.sleep(2)
        counts[kind] = (server.connections, len(load.streams[0].requests))
    assert counts["new"][0] == counts["new"][1]
    assert 8 <= counts["reused"][0] <= 16, "eight clients, each with a connection that it keeps"


def test_a_second_of_refused_connections_has_its_time(server: Backend, vegeta: Path) -> None:
    clock = Clock()
    with Load(vegeta, specs(server), clock) as load:
        time.sleep(1.5)
        fault = clock.now()
        server.refuse()
        refusing = clock.now()
        time.sleep(1)
        server.serve()
        back = clock.now()
        time.sleep(1.5)
    for one in both(load.streams, fault):
        assert one.steady_failed == 0
        assert one.failed == pytest.approx((back - refusing) * RATE, abs=RATE * 0.3)
        assert one.first_failure == pytest.approx(refusing - fault, abs=0.15)
        assert one.error_window_seconds == pytest.approx(back - fault, abs=0.15)
        assert one.longest_gap == pytest.approx(back - refusing, abs=0.25)
        assert one.errors["connection refused"] > RATE * 0.7


def test_503_responses_are_failures(server: Backend, vegeta: Path) -> None:
    clock = Clock()
    with Load(vegeta, specs(server), clock) as load:
        time.sleep(1)
        fault = clock.now()
        server.code = 503
        time.sleep(1)
        server.code = 200
        back = clock.now()
        time.sleep(1)
    for one in both(load.streams, fault):
        assert set(one.errors) == {"503"}
        assert one.failed == pytest.approx((back - fault) * RATE, abs=5)
        assert one.error_window_seconds == pytest.approx(back - fault, abs=0.1)


def test_hanging_requests_fail_at_the_timeout_and_the_schedule_continues(server: Backend, vegeta: Path) -> None:
    clock = Clock()
    with Load(vegeta, specs(server, timeout=0.5), clock) as load:
        time.sleep(1)
        fault = clock.now()
        server.hang.clear()
        time.sleep(1.5)
        server.hang.set()
        back = clock.now()
        time.sleep(1)
    for one in both(load.streams, fault):
        assert set(one.errors) == {"timeout"}
        assert (one.late, one.unsent, one.steady_failed) == (0, 0, 0)
        assert one.failed == pytest.approx((back - fault - 0.5) * RATE, abs=10), (
            "what waited less than the timeout worked"
        )
        assert one.longest_gap == pytest.approx(back - fault - 0.5, abs=0.25)


def test_outstanding_requests_are_awaited_at_the_end(server: Backend, vegeta: Path) -> None:
    clock = Clock()
    with Load(vegeta, specs(server, timeout=1), clock) as load:
        time.sleep(0.5)
        server.hang.clear()
        hanging = clock.now()
        time.sleep(0.5)
    for stream in load.streams:
        assert len(stream.requests) >= stream.scheduled
        hung = [one for one in stream.requests if one.at > hanging]
        assert len(hung) >= RATE * 0.4
        assert {one.error for one in hung} == {"timeout"}
        assert max(one.finished for one in hung) > stream.ended, "these were waited for"


def test_a_late_load_is_recorded(server: Backend, vegeta: Path) -> None:
    with Load(vegeta, specs(server), Clock()) as load:
        time.sleep(1)
        running = load._running[0].process
        running.send_signal(19)  # SIGSTOP: as on a machine that is too busy
        time.sleep(1.2)
        running.send_signal(18)
        time.sleep(1)
    stalled, other = both(load.streams, 0)
    assert stalled.late == pytest.approx(RATE * 0.7, abs=8)
    assert (other.late, other.unsent) == (0, 0)


def test_a_load_that_exits_early_is_recorded(server: Backend, vegeta: Path) -> None:
    with Load(vegeta, specs(server), Clock()) as load:
        time.sleep(0.5)
        load._running[0].process.kill()
        time.sleep(1)
    died, other = both(load.streams, 0)
    assert "vegeta exited early" in died.trouble
    assert died.unsent == pytest.approx(RATE, abs=8)
    assert other.trouble == ""


def test_a_load_that_cannot_start_reports_why(server: Backend, vegeta: Path, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="vegeta cannot be started"):
        Load(tmp_path / "none", specs(server), Clock()).start()
    bad = LoadSpec("ours", server.url, "new", headers=("no colon",))
    with pytest.raises(LoadError, match=r"the load on ours does not start: .*no colon"):
        Load(vegeta, [*specs(server), bad], Clock()).start()


def test_the_prefix_is_used_and_no_proxy(
    server: Backend, vegeta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    seen = tmp_path / "seen"
    with Load(vegeta, specs(server)[:1], Clock(), ["sh", "-c", f'env > {seen}; exec "$@"', "sh"]) as load:
        time.sleep(0.3)
    assert "PROXY" not in seen.read_text()
    assert stream_figures(load.streams[0], 0).failed == 0


def test_a_session_records_every_subject(server: Backend, vegeta: Path) -> None:
    baseline = Backend()
    subjects = [
        Subject(name, one.url, lambda: {"a": 1}, 1, RATE) for name, one in (("ours", server), ("plain", baseline))
    ]
    with Session("restart", subjects, vegeta) as session:
        time.sleep(1.5)
        with session.fault("the baseline is killed"):
            baseline.refuse()
            time.sleep(0.5)
        baseline.serve()
        session.note("it is back")
        time.sleep(1)
    baseline.refuse()
    ours, plain = (measure(recording) for recording in session.recordings)
    assert (ours.subject, ours.failed, plain.subject) == ("ours", 0, "plain")
    assert plain.failed == pytest.approx(RATE, abs=RATE * 0.4)  # half a second, of two streams
    assert judge(ours, Limits(failed=0, full_seconds=0, least_ready=1)).status == "kept"
    assert judge(plain, Limits(failed=0)).status == "broken"
    assert [moment.kind for moment in session.recordings[0].moments] == ["fault", "end", "note"]
