"""The one clock of a drill: seconds since its start, which no correction of the machine's time can move."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Starts when it is made. ``now()`` may be called from any thread."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def of_wall(self) -> Callable[[int], float]:
        """Turns wall-clock nanoseconds, as another process writes them from now on, into seconds of this clock.

        Ask for it just before that process starts: a step of the wall clock in between would shift what it wrote.
        """
        zero = time.time_ns() - int(self.now() * 1e9)
        return lambda nanoseconds: (nanoseconds - zero) / 1e9
