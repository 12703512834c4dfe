"""Load spike: 2.5 times the requests until the autoscaler adds pods, a change meanwhile, then back to the default."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import REDEPLOY, TRAFFIC, Drill, DrillContext, planned

_TIMES, _OUT_SECONDS, _BACK_SECONDS = 1.5, 90, 150


def _pods(context: DrillContext, backend: Backend) -> int:
    return len(context.ready_pods(backend))


def _await_more(context: DrillContext, backend: Backend) -> None:
    context.target.kube.wait_until(
        lambda: _pods(context, backend) > backend.full, _OUT_SECONDS, f"{backend.name} to be scaled out"
    )
    context.note(f"{backend.name} has {_pods(context, backend)} pods")


def _change(context: DrillContext, backend: Backend) -> None:
    """Deploy a change, and check that it keeps the replicas that the autoscaler has chosen."""
    before = context.target.kube.deployment(backend.namespace, backend.deployment).spec.replicas
    backend.change(environment={**backend.desired.environment, "SPIKE": str(before)})
    after = context.target.kube.deployment(backend.namespace, backend.deployment).spec.replicas
    if after < before:
        context.violated(backend, f"a change lowered the autoscaler's replicas from {before} to {after}")


def _act(context: DrillContext) -> None:
    # Only the naive program's responses cost CPU time.
    autoscaled = [backend for backend in context.under_test if backend.name.endswith("naive")]
    with context.extra_load({backend.name: round(backend.rate * _TIMES) for backend in autoscaled}):
        context.each(lambda backend: _await_more(context, backend), autoscaled)
        context.each(lambda backend: _change(context, backend), autoscaled)
    context.note("the spike is over")
    context.each(
        lambda backend: context.target.kube.wait_until(
            lambda: _pods(context, backend) == backend.full, _BACK_SECONDS, f"{backend.name} to be scaled back"
        ),
        autoscaled,
    )


DRILL = Drill(
    "spike",
    "load spike, out and back",
    _act,
    planned,
    "no failed request, never below the minimum",
    needs=frozenset({REDEPLOY, TRAFFIC}),
)
