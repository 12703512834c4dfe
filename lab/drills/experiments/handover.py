"""Handover: a fixed number of replicas, larger than the autoscaler's minimum, is handed over to the autoscaler."""

from __future__ import annotations

from lab.drills.drill import REDEPLOY, Drill, DrillContext, never_below_default


def _prepare(context: DrillContext) -> None:
    context.each(
        lambda backend: backend.change(
            autoscaled=False, replicas=min(backend.default_replicas * 4 // 3, backend.max_replicas)
        )
    )


def _act(context: DrillContext) -> None:
    context.each(lambda backend: backend.change(autoscaled=True, replicas=backend.default_replicas))


def _restore(context: DrillContext) -> None:
    context.each(
        lambda backend: backend.change(autoscaled=False), [one for one in context.backends if not one.under_test]
    )


DRILL = Drill(
    "handover",
    "fixed replicas to autoscaler",
    _act,
    never_below_default,
    "no failed request, never below the minimum",
    prepare=_prepare,
    restore=_restore,
    needs=frozenset({REDEPLOY}),
    starts_scaled_out=True,
)
