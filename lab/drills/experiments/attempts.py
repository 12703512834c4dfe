"""A pod is killed while a proxy stands between: with retries and outlier detection none of its requests may fail."""

from __future__ import annotations

from lab.drills import envoy
from lab.drills.backend import Backend
from lab.drills.drill import CONTAINERS, PROXY, TRAFFIC, Drill, Scene, row
from lab.drills.endpoints import taking
from lab.drills.experiments import kill
from lab.drills.target import pause

_BEFORE, _AFTER = 3, 15  # seconds of load through the proxy


def _pods(scene: Scene, backend: Backend) -> list[tuple[str, int]]:
    """Where its ready pods listen, as a proxy of the mesh knows it."""
    slices = scene.ground.kube.client.listed(
        f"/apis/discovery.k8s.io/v1/namespaces/{backend.namespace}/endpointslices",
        f"kubernetes.io/service-name={backend.service}",
    )
    return [(endpoint["addresses"][0], one["ports"][0]["port"]) for one, endpoint in taking(slices)]


def _act(scene: Scene) -> None:
    backends = list(scene.ours)
    with envoy.between([_pods(scene, backend) for backend in backends], scene.ground.prefix) as addresses:
        ways = {}
        for backend, (plain, retried) in zip(backends, addresses, strict=True):
            ways.update({backend.name: retried, _apart(backend): plain})
        # Both ways together are one of the usual streams.
        rates = {name: max(1, backend.rate // 2) for backend in backends for name in (backend.name, _apart(backend))}
        with scene.more_load(rates, ways):
            pause(_BEFORE)
            kill.act(scene)
            pause(_AFTER)
    assert scene.session is not None  # noqa: S101 - a drill's act runs under load
    for stream in scene.session.further:
        lost = sum(not request.ok for request in stream.requests)
        how = "without retries" if stream.subject not in {backend.name for backend in backends} else "with retries"
        scene.note(
            f"through Envoy {how}: {lost:,} of {len(stream.requests):,} requests of "
            f"{stream.subject.removesuffix(_APART)} failed"
        )


_APART = " without retries"


def _apart(backend: Backend) -> str:
    return f"{backend.name}{_APART}"


DRILL = Drill(
    "attempts",
    "pod killed behind a proxy that retries",
    _act,
    row("pod"),
    "none of the requests through a proxy that retries fails; of the others that pod's, for the seconds promised",
    needs=frozenset({CONTAINERS, TRAFFIC, PROXY}),
)
