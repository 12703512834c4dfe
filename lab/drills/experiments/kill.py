"""A pod is killed, as when it runs out of memory: with SIGKILL if its process can be reached."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import Drill, DrillContext, promise_row


def _kill(context: DrillContext, backend: Backend) -> None:
    context.note(context.target.kill(context.ready_pods(backend)[0]))


def act(context: DrillContext) -> None:
    """Kill one pod of each backend."""
    context.each(lambda backend: _kill(context, backend))


DRILL = Drill(
    "kill", "pod killed", act, promise_row("pod"), "only requests to that pod fail, and only in the error window"
)
