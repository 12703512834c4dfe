"""A pod's process hangs: it accepts connections and answers nothing. Readiness removes it, liveness restarts it."""

from __future__ import annotations

import signal
from contextlib import suppress

from lab.drills.backend import Backend
from lab.drills.drill import CONTAINERS, TRAFFIC, Drill, DrillContext, promise_row


def _hang(context: DrillContext, backend: Backend) -> None:
    pod = context.ready_pods(backend)[0]
    context.notes.setdefault("stopped", []).append(pod.container)
    context.target.signal_container(pod.container, signal.SIGSTOP)


def _act(context: DrillContext) -> None:
    context.each(lambda backend: _hang(context, backend))


def _restore(context: DrillContext) -> None:
    for container in context.notes.get("stopped", ()):
        with suppress(LookupError):  # it has been restarted, as it should be
            context.target.signal_container(container, signal.SIGCONT)


DRILL = Drill(
    "hang",
    "container hangs",
    _act,
    promise_row("hang"),
    "only requests to that pod fail, and only in the error window",
    needs=frozenset({CONTAINERS, TRAFFIC}),
    seconds=75,
    recovery_timeout=120,
    restore=_restore,
)
