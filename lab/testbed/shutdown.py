"""How a run is ended from outside: Ctrl-C and SIGTERM become an exception, and what must still be done cannot be cut short."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Ended(KeyboardInterrupt):
    """The run was ended from outside, by the signal ``number``."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def endable(log: Callable[[str], None]) -> Iterator[None]:
    """Within, each of the two signals raises Ended; a second one does so again, wherever the first has got to."""

    def end(number: int, _: FrameType | None) -> None:
        log(f"{signal.Signals(number).name}: ending when the step under way is over; once more: at once")
        raise Ended(number)

    with _handled(end):
        yield


@contextmanager
def undisturbed(log: Callable[[str], None]) -> Iterator[None]:
    """Within, they are only answered: the report is being written, the cluster removed."""
    with _handled(lambda number, _: log(f"{signal.Signals(number).name}: ending already, a moment")):
        yield


@contextmanager
def _handled(by: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = [signal.signal(number, by) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, handler)
