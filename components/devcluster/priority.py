"""Which processes of a busy machine go first.

A load balancer and its clients, the nodes and the control plane are machines of their own in reality: on this one they must
not wait for what else is going on. And what merely deploys must not take the processors from what is measured.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FIRST, MACHINES, LAST = -15, -10, 5


@contextmanager
def mine(niceness: int) -> Iterator[None]:
    """The same for this process and its session's group, until the end of the ``with``."""
    give(niceness, [os.getpid()])
    try:
        yield
    finally:
        give(0, [os.getpid()])


def give(niceness: int, pids: Iterable[int]) -> None:
    """The same for processes that run already."""
    for pid in pids:
        with suppress(OSError):  # it ended meanwhile, or it may not be done
            os.setpriority(os.PRIO_PROCESS, pid, niceness)
            Path(f"/proc/{pid}/autogroup").write_text(str(niceness))


def prefix(niceness: int) -> tuple[str, ...]:
    """Put before a command that is started in a session of its own. What the machine does not allow is left as it is.

    The kernel may schedule each session as one group (autogroup): then niceness counts only inside it, and each group has its
    own.
    """
    script = (
        f'echo {niceness} 2>/dev/null > /proc/self/autogroup; renice -n {niceness} -p $$ >/dev/null 2>&1; exec "$@"'
    )
    return ("sh", "-c", script, "sh")
