"""What a mesh's proxy adds to the promise: time to start and to end, and requests of the pod."""

from __future__ import annotations

import pytest

from components.availability import ClusterFacts, pod_resources, promise, recovery, timing
from components.settings.quantity import amount
from tests.support.fake_engine import Monitor, backend


@pytest.mark.parametrize(("mesh", "end"), [("none", 0), ("istio", 5), ("istio-ambient", 0), ("linkerd", 5)])
def test_the_pods_end_and_start_cover_the_proxys(monitor: Monitor, mesh: str, end: int) -> None:
    settings = backend(mesh=mesh, shutdown={"deregistrationSeconds": 40, "drainSeconds": 20})
    assert timing.grace_period(settings) == 40 + 20 + 5 + end
    assert (
        timing.pod_start(settings)
        == timing.pod_start(backend()) + 2 * end
        == recovery.total(recovery.pod_start(settings))
    )
    assert monitor.make(mesh=mesh).pod()["terminationGracePeriodSeconds"] == 35 + 20 + 5 + end
    terms = [term.text for term in recovery.hang_restart(settings) if "shutdown" in term.source]
    assert ("5 for the mesh proxy" in terms[0]) is bool(end)
    assert timing.pod_start(settings) == sum(term.seconds for term in recovery.pod_start(settings))


def test_the_promise_names_the_start_of_the_proxy() -> None:
    row = promise(backend(mesh="istio"), ClusterFacts(("a", "b", "c"), 3)).as_output()["drain"]
    assert row["recoverySeconds"] == 10 + 60 + 5
    assert "10 s for the mesh proxy to become ready (mesh: an allowance)" in row["sources"]


@pytest.mark.parametrize(
    ("mesh", "cpu"), [("none", "500m"), ("istio", "600m"), ("istio-ambient", "500m"), ("linkerd", "600m")]
)
def test_a_pods_requests_include_the_proxy(mesh: str, cpu: str) -> None:
    assert pod_resources.pod_request(backend(mesh=mesh), "cpu") == amount(cpu)
    growth = pod_resources.pod_request(backend(mesh=mesh), pod_resources.STORAGE) / pod_resources.pod_request(
        backend(), pod_resources.STORAGE
    )
    assert growth == (2 if cpu == "600m" else 1)
