"""Sends several streams of requests at once, one vegeta each, from entering a ``with`` until leaving it."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from components.devcluster import priority
from lab.drills import vegeta
from lab.drills.clock import Clock
from lab.drills.model import Stream
from lab.drills.vegeta import LoadError, Target

_START_SECONDS = 5.0
_END_SECONDS = 10.0  # beyond the timeout of the last request


@dataclass
class _Running:
    target: Target
    process: subprocess.Popen[str]
    results: Path
    said: IO[str]
    seconds: Callable[[int], float]
    ended: float = 0.0
    trouble: str = ""


class Load:
    """All streams together. Entering returns when each has its first result, of whatever kind; leaving ends them all.

    ``program`` is vegeta's path, ``prefix`` goes before its command (``nsenter --net=...``; it must pass signals on).
    ``streams`` is there after ``stop()``, or the end of the ``with``. Raises LoadError where a load cannot be started.
    """

    def __init__(self, program: Path, targets: Sequence[Target], clock: Clock, prefix: Sequence[str] = ()) -> None:
        self._program, self._targets, self._clock, self._prefix = program, tuple(targets), clock, tuple(prefix)
        self._running: list[_Running] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._streams: tuple[Stream, ...] | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """What became of the requests, a Stream for each Target in their order."""
        if self._streams is None:
            raise LoadError("the load is still running: its streams are there after its end")
        return self._streams

    def start(self) -> None:
        """Starts them, and waits for the first result of each."""
        self._folder = tempfile.TemporaryDirectory(prefix="load-")
        try:
            for number, target in enumerate(self._targets):
                self._running.append(self._launch(target, Path(self._folder.name) / str(number)))
            for one in self._running:
                self._await(one)
        except BaseException:
            self._end()
            self._folder.cleanup()
            raise

    def stop(self) -> None:
        """Ends them, lets the requests that are under way finish, and reads the results."""
        if self._folder is None or self._streams is not None:
            return
        self._end()
        try:
            self._streams = tuple(self._read(one) for one in self._running)
        finally:
            self._folder.cleanup()

    def __enter__(self) -> Load:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self, target: Target, stem: Path) -> _Running:
        results = stem.with_suffix(".results")
        if not os.access(self._program, os.X_OK):
            raise LoadError(f"vegeta cannot be started: {self._program} is no program")
        words, stdin = vegeta.command(self._program, target, results)
        # No proxy of the environment may get between, and none of its other settings either.
        # One processor each: several streams share the machine with what they measure.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "GOMAXPROCS": "1", "GOGC": "400"}
        seconds = self._clock.of_wall()
        said = stem.with_suffix(".said").open("w+")
        try:
            process = subprocess.Popen(
                [*priority.prefix(priority.FIRST), *self._prefix, *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=environment,
                text=True,
                start_new_session=True,
            )  # Ctrl-C is ours to pass on
        except OSError as error:
            said.close()
            raise LoadError(f"vegeta cannot be started: {error}") from None
        assert process.stdin is not None  # noqa: S101 - for the type checker
        try:
            process.stdin.write(stdin)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended already: waiting for its first result says why
        return _Running(target, process, results, said, seconds)

    def _await(self, one: _Running) -> None:
        patience = time.monotonic() + one.target.timeout + _START_SECONDS
        while not (one.results.exists() and one.results.stat().st_size):
            if one.process.poll() is not None or time.monotonic() > patience:
                raise LoadError(
                    f"the load on {one.target.subject} does not start: {_said(one) or 'vegeta says nothing'}"
                )
            time.sleep(0.02)

    def _end(self) -> None:
        for one in self._running:
            one.ended = self._clock.now()
            if one.process.poll() is not None:
                one.trouble = f"vegeta ended by itself: {_said(one) or f'exit code {one.process.returncode}'}"
            else:
                one.process.send_signal(signal.SIGINT)  # once: at the second it would drop what is under way
        for one in self._running:
            try:
                one.process.wait(one.target.timeout + _END_SECONDS)
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()
                one.trouble = "vegeta did not end when it was asked to"
            one.said.close()

    def _read(self, one: _Running) -> Stream:
        target = one.target
        requests, began = vegeta.read(self._program, one.results, target, one.seconds)
        return Stream(
            target.subject, target.connections, target.rate, tuple(requests), began, round(one.ended, 4), one.trouble
        )


def _said(one: _Running) -> str:
    one.said.seek(0)
    return " ".join(one.said.read().partition("Usage of")[0].split())[:300]
