"""Niceness of processes, so that what runs on separate machines in reality does not wait on a busy one.

A load balancer and its clients come first, then the nodes and the control plane. A deployment comes last: it must not
take processor time from what is measured.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FIRST, NODES, LAST = -15, -10, 5


@contextmanager
def of_this_process(niceness: int) -> Iterator[None]:
    """Set the niceness of this process and its session's scheduling group for the duration of the context."""
    set_niceness(niceness, [os.getpid()])
    try:
        yield
    finally:
        set_niceness(0, [os.getpid()])


def set_niceness(niceness: int, pids: Iterable[int]) -> None:
    """Set the niceness of running processes and of their sessions' scheduling groups, where the machine allows it."""
    for pid in pids:
        with suppress(OSError):  # the process ended meanwhile, or this user may not change it
            os.setpriority(os.PRIO_PROCESS, pid, niceness)
            Path(f"/proc/{pid}/autogroup").write_text(str(niceness))


def prefix(niceness: int) -> tuple[str, ...]:
    """Return the prefix of a command that starts in a session of its own, where the machine allows the niceness.

    The kernel may schedule each session as one group (autogroup). Niceness then counts only within the group, and each
    group has a niceness of its own.
    """
    script = (
        f'echo {niceness} 2>/dev/null > /proc/self/autogroup; renice -n {niceness} -p $$ >/dev/null 2>&1; exec "$@"'
    )
    return ("sh", "-c", script, "sh")
