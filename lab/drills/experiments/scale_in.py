"""Scale-in: from two thirds more replicas than the default, or the allowed maximum, back to the default."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import REDEPLOY, Drill, DrillContext, never_below_default
from lab.drills.kube import DrillError

_SECONDS, _PER_POD = 90, 0.2


def _scale_out(backend: Backend) -> None:
    replicas = min(backend.default_replicas * 5 // 3, backend.max_replicas)
    if replicas <= backend.default_replicas:
        raise DrillError(
            f"{backend.name} runs {backend.default_replicas} replicas and allows no more: there is nothing to scale in"
        )
    backend.change(replicas=replicas)


def _scale_in(context: DrillContext, backend: Backend) -> None:
    backend.change(replicas=backend.default_replicas)
    kube = context.target.kube
    kube.wait_until(
        lambda: kube.deployment(backend.namespace, backend.deployment).status.replicas == backend.full,
        _SECONDS + _PER_POD * backend.full,
        f"{backend.name} to have {backend.full} pods",
    )


def _prepare(context: DrillContext) -> None:
    context.each(_scale_out)


def _act(context: DrillContext) -> None:
    context.each(lambda backend: _scale_in(context, backend))


DRILL = Drill(
    "scale-in",
    "scale-in",
    _act,
    never_below_default,
    "no failed request, never below the minimum",
    prepare=_prepare,
    needs=frozenset({REDEPLOY}),
    starts_scaled_out=True,
)
