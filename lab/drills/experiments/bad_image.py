"""Bad image: a release that cannot be pulled. It must be told, in the time promised, while the old one serves on."""

from __future__ import annotations

from lab.drills.backend import Backend
from lab.drills.drill import OWNER, Drill, Scene, planned
from lab.drills.kube import DrillError

_BAD = "ha-backend.invalid/no-such-image:1"  # RFC 2606: no such host is ever found


def _release(scene: Scene, backend: Backend) -> None:
    good = backend.wish.image
    try:
        backend.change(image=_BAD)
    except DrillError:
        # From when the release began on the cluster: how long the engine takes to get there is not its matter.
        took, promised = scene.ground.kube.release_age(backend.namespace), backend.promised("release").full_seconds
        scene.log(f"{backend.name}: the bad release was red after {took:.0f} s")
        if promised is not None and took > promised:
            scene.broken(
                backend, f"the bad release was red after {took:.0f} s, promised is that within {promised:.0f} s"
            )
    else:
        if backend.ours:
            scene.broken(backend, "the deployment of an image that does not exist was green")
    backend.change(image=good)


def _act(scene: Scene) -> None:
    scene.each(lambda backend: _release(scene, backend))


DRILL = Drill(
    "bad-image",
    "bad image",
    _act,
    planned,
    "`up` is red in time, no request lost, capacity never lower",
    needs=frozenset({OWNER}),
)
