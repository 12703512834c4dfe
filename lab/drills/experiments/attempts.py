"""Pod killed behind a proxy: with retries and outlier detection, no request through the proxy may fail."""

from __future__ import annotations

from lab.drills import envoy
from lab.drills.backend import Backend
from lab.drills.drill import CONTAINERS, PROXY, TRAFFIC, Drill, DrillContext, promise_row
from lab.drills.endpoints import accepting
from lab.drills.experiments import kill
from lab.drills.target import pause

_BEFORE, _AFTER = 3, 15  # seconds of load through the proxy


def _pods(context: DrillContext, backend: Backend) -> list[tuple[str, int]]:
    """Return the addresses of a backend's ready pods, as a proxy of the mesh receives them."""
    slices = context.target.kube.client.list_objects(
        f"/apis/discovery.k8s.io/v1/namespaces/{backend.namespace}/endpointslices",
        f"kubernetes.io/service-name={backend.service}",
    )
    return [(endpoint["addresses"][0], slice_["ports"][0]["port"]) for slice_, endpoint in accepting(slices)]


def _act(context: DrillContext) -> None:
    backends = list(context.under_test)
    with envoy.between([_pods(context, backend) for backend in backends], context.target.prefix) as addresses:
        urls = {}
        for backend, (plain, retried) in zip(backends, addresses, strict=True):
            urls.update({backend.name: retried, _unretried(backend): plain})
        # Both streams together are as much as one of the usual streams.
        rates = {
            name: max(1, backend.rate // 2) for backend in backends for name in (backend.name, _unretried(backend))
        }
        with context.extra_load(rates, urls):
            pause(_BEFORE)
            kill.act(context)
            pause(_AFTER)
    assert context.session is not None  # noqa: S101 - a drill acts under load
    for stream in context.session.extra_streams:
        lost = sum(not request.ok for request in stream.requests)
        mode = "without retries" if stream.subject not in {backend.name for backend in backends} else "with retries"
        context.note(
            f"through Envoy {mode}: {lost:,} of {len(stream.requests):,} requests of "
            f"{stream.subject.removesuffix(_UNRETRIED)} failed"
        )


_UNRETRIED = " without retries"


def _unretried(backend: Backend) -> str:
    return f"{backend.name}{_UNRETRIED}"


DRILL = Drill(
    "attempts",
    "pod killed behind a proxy that retries",
    _act,
    promise_row("pod"),
    "no request through a proxy that retries fails; others fail only on the killed pod, and only in the error window",
    needs=frozenset({CONTAINERS, TRAFFIC, PROXY}),
)
