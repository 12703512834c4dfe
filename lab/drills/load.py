"""Send several streams of requests in parallel, with one vegeta process each."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from components.devcluster import priority
from lab.drills import vegeta
from lab.drills.background import Background
from lab.drills.clock import Clock
from lab.drills.model import Stream
from lab.drills.vegeta import LoadError, LoadSpec

_START_SECONDS = 5.0
_END_SECONDS = 10.0  # after the timeout of the last request


@dataclass
class _Running:
    spec: LoadSpec
    process: subprocess.Popen[str]
    results: Path
    output: IO[str]
    seconds: Callable[[int], float]
    ended: float = 0.0
    trouble: str = ""


class Load(Background):
    """All streams together, as a context manager. Entering returns when each has its first result; leaving ends all.

    ``program`` is vegeta's path. ``prefix`` is put before its command (``nsenter --net=...``) and must forward signals.
    ``streams`` is available after ``stop()`` or the end of the ``with``. Raises LoadError if a load cannot be started.
    """

    def __init__(self, program: Path, specs: Sequence[LoadSpec], clock: Clock, prefix: Sequence[str] = ()) -> None:
        self._program, self._targets, self._clock, self._prefix = program, tuple(specs), clock, tuple(prefix)
        self._running: list[_Running] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._streams: tuple[Stream, ...] | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Return the recorded requests, one Stream for each LoadSpec in their order."""
        if self._streams is None:
            raise LoadError("the load is still running: stop it before reading its streams")
        return self._streams

    def start(self) -> None:
        """Start all streams, and wait for the first result of each."""
        self._folder = tempfile.TemporaryDirectory(prefix="load-")
        try:
            for number, spec in enumerate(self._targets):
                self._running.append(self._launch(spec, Path(self._folder.name) / str(number)))
            for one in self._running:
                self._await(one)
        except BaseException:
            self._end()
            self._folder.cleanup()
            raise

    def stop(self) -> None:
        """Stop all streams, let outstanding requests finish, and read the results."""
        if self._folder is None or self._streams is not None:
            return
        self._end()
        try:
            self._streams = tuple(self._read(one) for one in self._running)
        finally:
            self._folder.cleanup()

    def _launch(self, spec: LoadSpec, stem: Path) -> _Running:
        results = stem.with_suffix(".results")
        if not os.access(self._program, os.X_OK):
            raise LoadError(f"vegeta cannot be started: {self._program} is not an executable")
        words, stdin = vegeta.command(self._program, spec, results)
        # No proxy and no other setting of the environment may interfere.
        # One processor each: several streams share the machine with what they measure.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "GOMAXPROCS": "1", "GOGC": "400"}
        seconds = self._clock.from_wall_clock()
        output = stem.with_suffix(".output").open("w+")
        try:
            process = subprocess.Popen(
                [*priority.prefix(priority.FIRST), *self._prefix, *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=output,
                env=environment,
                text=True,
                start_new_session=True,
            )  # Ctrl-C is handled here, not by vegeta
        except OSError as error:
            output.close()
            raise LoadError(f"vegeta cannot be started: {error}") from None
        assert process.stdin is not None  # noqa: S101 - for the type checker
        try:
            process.stdin.write(stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass  # vegeta has already exited: waiting for its first result reports why
        return _Running(spec, process, results, output, seconds)

    def _await(self, one: _Running) -> None:
        deadline = time.monotonic() + one.spec.timeout + _START_SECONDS
        while not (one.results.exists() and one.results.stat().st_size):
            if one.process.poll() is not None or time.monotonic() > deadline:
                raise LoadError(
                    f"the load on {one.spec.subject} does not start: {_printed(one) or 'vegeta printed nothing'}"
                )
            time.sleep(0.02)

    def _end(self) -> None:
        for one in self._running:
            one.ended = self._clock.now()
            if one.process.poll() is not None:
                one.trouble = f"vegeta exited early: {_printed(one) or f'exit code {one.process.returncode}'}"
            else:
                one.process.send_signal(signal.SIGINT)  # once: a second one would drop outstanding requests
        for one in self._running:
            try:
                one.process.wait(one.spec.timeout + _END_SECONDS)
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()
                one.trouble = "vegeta did not exit on SIGINT"
            one.output.close()

    def _read(self, one: _Running) -> Stream:
        spec = one.spec
        requests, began = vegeta.read(self._program, one.results, spec, one.seconds)
        return Stream(
            spec.subject, spec.connections, spec.rate, tuple(requests), began, round(one.ended, 4), one.trouble
        )


def _printed(one: _Running) -> str:
    one.output.seek(0)
    return " ".join(one.output.read().partition("Usage of")[0].split())[:300]
