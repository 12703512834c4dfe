"""Bad image: a release that cannot be pulled must fail in the promised time, while the old one keeps serving."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import REDEPLOY, Drill, DrillContext, planned
from lab.drills.kube import DrillError

_BAD = "ha-backend.invalid/no-such-image:1"  # RFC 2606 reserves .invalid: no such host is ever resolved


def _release(context: DrillContext, backend: Backend) -> None:
    good = backend.desired.image
    try:
        backend.change(image=_BAD)
    except DrillError:
        # Count from when the release began on the cluster: the engine's own time before that is not part of the
        # promise.
        seconds = context.target.kube.release_age(backend.namespace)
        promised = backend.promised("release").full_seconds
        context.log(f"{backend.name}: the bad release failed after {seconds:.0f} s")
        if promised is not None and seconds > promised:
            context.violated(
                backend, f"the bad release failed after {seconds:.0f} s (promised: within {promised:.0f} s)"
            )
    else:
        if backend.under_test:
            context.violated(backend, "the deployment of an image that does not exist succeeded")
    backend.change(image=good)


def _act(context: DrillContext) -> None:
    context.each(lambda backend: _release(context, backend))


DRILL = Drill(
    "bad-image",
    "bad image",
    _act,
    planned,
    "`up` fails in time, no failed request, never less capacity",
    needs=frozenset({REDEPLOY}),
)
