"""Control plane down for 60 s: API server, etcd, controllers and scheduler are killed. Traffic must not be affected."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import CONTROL_PLANE, Drill, DrillContext
from lab.drills.target import pause
from lab.drills.verdict import Limits

_SECONDS, _START_SECONDS = 60, 60


def _limits(backend: Backend) -> Limits:
    # The number of ready endpoints is unknown meanwhile, and must be full when the control plane is back.
    return Limits(failed=0, least_ready=backend.full)


def _act(context: DrillContext) -> None:
    context.target.kill_control_plane()
    pause(_SECONDS)
    context.target.start_control_plane()


DRILL = Drill(
    "control-plane",
    "control plane down for 60 s",
    _act,
    _limits,
    "no failed request, full capacity when it is back",
    needs=frozenset({CONTROL_PLANE}),
    seconds=80,
    unknown_seconds=_SECONDS + _START_SECONDS,
)
