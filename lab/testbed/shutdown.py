"""Signals during a run: Ctrl-C and SIGTERM become an exception, except while results are written."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """The run was interrupted by the signal ``number``."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def stop_on_signal(log: Callable[[str], None]) -> Iterator[None]:
    """Raise Interrupted within the ``with`` at each of the two signals, also at a second one."""

    def end(number: int, _: FrameType | None) -> None:
        log(f"{signal.Signals(number).name}: ending after the current step; send it again to end at once")
        raise Interrupted(number)

    with _handled(end):
        yield


@contextmanager
def ignore_signals(log: Callable[[str], None]) -> Iterator[None]:
    """Only log the two signals within the ``with``: the report is being written, the cluster removed."""
    with _handled(lambda number, _: log(f"{signal.Signals(number).name}: already ending, one moment")):
        yield


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = [signal.signal(number, handler) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, previous in zip(_SIGNALS, before, strict=True):
            signal.signal(number, previous)
