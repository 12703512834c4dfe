"""`pulumi up` is killed at a random moment of a release, then run again."""

from __future__ import annotations

import random
import time

from lab.drills.backend import Backend, Interruptible
from lab.drills.drill import ENGINE, REDEPLOY, Drill, DrillContext, planned

_LONGEST = 15.0  # a release takes longer, so any part of it may be hit


def _kill(context: DrillContext, backend: Backend) -> None:
    if not isinstance(backend, Interruptible):
        return  # kubectl sends each object at once: it cannot be killed halfway
    environment = {**backend.desired.environment, "DRILL": str(int(backend.desired.environment.get("DRILL", "0")) + 1)}
    seconds = random.uniform(0.5, _LONGEST)  # noqa: S311 - chance, not a secret
    deploy = backend.start_change(environment=environment)
    time.sleep(seconds)
    context.note(
        f"{backend.name}: `up` killed after {seconds:.1f} s" if deploy.running else f"{backend.name}: `up` was faster"
    )
    deploy.kill()
    backend.change(environment=environment)


def _act(context: DrillContext) -> None:
    context.each(lambda backend: _kill(context, backend))


DRILL = Drill(
    "killed-up",
    "`pulumi up` killed, run again",
    _act,
    planned,
    "no failed request, never less capacity",
    needs=frozenset({REDEPLOY, ENGINE}),
)
