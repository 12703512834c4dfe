"""The clock of a drill: monotonic seconds since its start."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """A clock that starts when it is created. ``now()`` is thread-safe."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self._began

    def from_wall_clock(self) -> Callable[[int], float]:
        """Return a function that converts another process' wall-clock nanoseconds to seconds of this clock.

        Call it just before that process starts: a step of the wall clock in between would shift its timestamps.
        """
        zero = time.time_ns() - int(self.now() * 1e9)
        return lambda nanoseconds: (nanoseconds - zero) / 1e9
