"""What `make up` prints at its end: the state of four objects, and the promise with the sources of its numbers."""

from __future__ import annotations

from typing import Any

import pytest

from components.availability import ClusterFacts, promise
from ops.cli.report import promise_lines, state_lines
from tests.support.fake_engine import backend
from tests.support.observations import autoscaler, budget, deployment, observation, service

THREE = ClusterFacts(("a", "b", "c"), 3)


def states(**different: Any) -> dict[str, str]:
    """Return the printed state of each object."""
    return dict(line.split(maxsplit=1) for line in state_lines(observation(**different)))


def test_a_backend_that_runs() -> None:
    assert states() == {
        "Deployment": "3/3 Available",
        "Service": "192.0.2.10",
        "PodDisruptionBudget": "disruptionsAllowed=1",
        "HorizontalPodAutoscaler": "ScalingActive=True",
    }


def test_the_columns_are_aligned() -> None:
    lines = state_lines(observation())
    assert {line.index(line.split(maxsplit=1)[1]) for line in lines} == {27}


@pytest.mark.parametrize(
    ("different", "kind", "text"),
    [
        ({"deployment": None}, "Deployment", "missing"),
        ({"deployment": deployment(ready=2)}, "Deployment", "2/3 Available"),
        ({"deployment": deployment(ready=0, state="False")}, "Deployment", "0/3 not Available"),
        ({"service": None}, "Service", "no address yet"),
        ({"service": service(ip=None)}, "Service", "no address yet"),
        ({"service": service(ip=None, hostname="lb.example.org")}, "Service", "lb.example.org"),
        (
            {"service": service(ip=None, kind="ClusterIP")},
            "Service",
            "inside the cluster only (loadBalancer.enabled is false)",
        ),
        ({"budget": None}, "PodDisruptionBudget", "disruptionsAllowed=unknown"),
        ({"budget": budget(allowed=0)}, "PodDisruptionBudget", "disruptionsAllowed=0"),
        ({"autoscaler": None}, "HorizontalPodAutoscaler", "none (autoscaling.enabled is false)"),
        (
            {"autoscaler": autoscaler(conditions=[("ScalingActive", "False")])},
            "HorizontalPodAutoscaler",
            "ScalingActive=False",
        ),
        ({"autoscaler": autoscaler(conditions=())}, "HorizontalPodAutoscaler", "ScalingActive=unknown"),
    ],
)
def test_each_missing_state_is_printed(different: dict[str, Any], kind: str, text: str) -> None:
    assert states(**different) == {**states(), kind: text}


def rows(**settings: Any) -> dict[str, str]:
    """Return the rows of the table by their failure."""
    lines = promise_lines(promise(backend(**settings), THREE).as_output())
    return {line.split(maxsplit=1)[0]: line for line in lines[1:8]}


def test_the_promise_has_a_row_for_every_failure() -> None:
    table = rows()
    assert set(table) == {"pod", "hang", "node", "zone", "drain", "rollout", "release"}
    assert table["node"].split() == ["node", "yes", "155", "s", "31", "s", "66", "%", *table["node"].split()[8:]]
    assert table["drain"].split()[:8] == ["drain", "yes", "65", "s", "0", "s", "66", "%"]
    assert table["node"].endswith(
        "pods are spread over 3 nodes, evenly if capacity allows, and replaced on another node"
    )


def test_what_is_not_survived_stands_out() -> None:
    row = rows(replicas=1)["zone"]
    assert row.split()[:6] == ["zone", "NO", "-", "-", "0", "%"]
    assert "needs at least 2 replicas" in row


def test_numbers_of_a_stored_promise_are_printed_as_integers() -> None:
    stored = {
        "pod": {
            "survived": True,
            "recoverySeconds": 65.0,
            "errorWindowSeconds": 3.0,
            "capacityLeftPercent": 66.0,
            "why": "because",
            "sources": [],
            "errorWindowSources": [],
        }
    }
    assert promise_lines(stored)[1].split() == ["pod", "yes", "65", "s", "3", "s", "66", "%", "because"]


def test_every_number_of_the_promise_has_its_source() -> None:
    text = "\n".join(promise_lines(promise(backend(), THREE).as_output()))
    for source in (
        "health.startupSeconds",
        "rollout.minReadySeconds",
        "rollout.progressDeadlineSeconds",
        "placement.tolerationSeconds",
        "loadBalancer.healthCheckSeconds",
    ):
        assert source in text


def test_the_sources_of_both_times_are_separate() -> None:
    lines = promise_lines(promise(backend(), THREE).as_output())
    first, second = (
        lines.index("  sources of the recovery seconds:"),
        lines.index("  sources of the seconds in which requests fail:"),
    )
    failures = ["pod", "hang", "node", "zone", "drain", "rollout", "release"]
    assert [line.split()[0] for line in lines[first + 1 : second]] == failures
    assert [line.split()[0] for line in lines[second + 1 :]] == failures[:4], "a planned change fails no request"
    assert all("loadBalancer.healthCheckSeconds" in line for line in lines[second + 1 :])


def test_it_names_the_requests_that_fail() -> None:
    text = "\n".join(promise_lines(promise(backend(), THREE).as_output()))
    assert "worst cases, and only requests routed to the lost pod, node or zone fail" in text


def test_the_columns_of_the_promise_are_aligned() -> None:
    head, *lines = promise_lines(promise(backend(), THREE).as_output())[:8]
    for column in ("recovers in", "requests fail for"):
        end = head.index(column) + len(column)
        assert {line[end - 2 : end + 2] for line in lines} == {" s  "}
    assert {line.index(" %  ") for line in lines} == {head.index("because") - 4}
