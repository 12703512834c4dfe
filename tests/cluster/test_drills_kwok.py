"""Drills on a few simulated nodes that can be lost, with a real control plane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lab.drills.experiments import DRILLS
from lab.drills.run import run
from lab.testbed.context import Setup
from lab.testbed.simulated import simulated
from tests.cluster.conftest import PROJECT

PODS = 30


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    simulation = simulated(
        PROJECT, tmp_path_factory.mktemp("large"), print, per_zone=3, pods=PODS, max_pods=40, engine="not in this test"
    )
    yield simulation
    simulation.close()


def test_drills_that_need_no_traffic_are_supported(setup: Setup) -> None:
    assert {drill.name for drill in setup.drills} == {
        "rollout",
        "config",
        "rotation",
        "bad-image",
        "handover",
        "scale-in",
        "drain",
        "zone-drain",
        "kill",
        "metrics",
        "control-plane",
        "node-loss",
        "zone-loss",
    }
    assert setup.unsupported["killed-up"] == "it needs pulumi, which is not installed" and not setup.loaded


def test_a_drain_evicts_what_the_budget_allows(setup: Setup) -> None:
    drill = replace(DRILLS["drain"], seconds=5, steady_seconds=3)
    (result,) = run(drill, setup.backends, setup.target, None, print)
    assert result.verdict and (result.verdict.status, result.verdict.violations, result.verdict.doubts) == (
        "kept",
        (),
        (),
    )
    assert result.figures.endpoints.least_ready == PODS - 1 and result.limits.failed is None
    assert set(result.recording.samples[-1].ready or {}) == {"zone-a", "zone-b", "zone-c"}
    assert not any(node.spec.unschedulable for node in setup.target.kube.nodes())


def test_a_lost_node_is_detected_and_returns(setup: Setup) -> None:
    drill = replace(DRILLS["node-loss"], seconds=78, steady_seconds=3)  # missed by then
    kube, (backend,) = setup.target.kube, setup.backends
    (result,) = run(drill, setup.backends, setup.target, None, print)
    assert result.verdict and (result.verdict.status, result.verdict.violations, result.verdict.doubts) == (
        "kept",
        (),
        (),
    )
    seen = result.figures.endpoints
    assert seen.least_ready is not None and PODS - 5 <= seen.least_ready < PODS
    # As on real nodes: missed after 50 s since the last sign of life, replaced after another 30 s.
    assert seen.seconds_to_full is not None and 65 < seen.seconds_to_full < 112
    assert len(kube.ready_nodes()) == 9
    # Those that were frozen on it have gone, or are ready again: none is left behind.
    kube.wait_until(
        lambda: len(kube.pods(backend.namespace)) == len(kube.ready_pods(backend.namespace)) == PODS, 30, "all pods"
    )
