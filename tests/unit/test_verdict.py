"""Every way in which a running backend can fail to keep its promise is told, each in one line; nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from inspection.verdict import findings, troubles
from tests.unit.observed import NAME, autoscaler, budget, container, deployment, endpoints, pod, seen
from tests.unit.recording import backend

FIXED = backend(autoscaling={"enabled": False})
PUT_RIGHT = "`pulumi up --refresh` puts it right"
ZONES = [("zone-a", "zone-a-1"), ("zone-b", "zone-b-1"), ("zone-c", "zone-c-1")]
PULL = pod("new", conditions=[("Ready", "False", "ContainersNotReady", "x")],
           containers=[container("ImagePullBackOff", "no such image")])
PENDING = pod("late", conditions=[("PodScheduled", "False", "Unschedulable", "0/3 nodes are available")], containers=())
# What is observed, and the whole of what is told of it.
ALONE: list[tuple[dict[str, Any], str]] = [
    ({"deployment": None}, f"Deployment {NAME} is not there: {PUT_RIGHT}"),
    ({"deployment": deployment(replicas=2)}, f"Deployment {NAME} is set to 2 pods, fewer than the autoscaler's least (3)"),
    ({"deployment": deployment(available=2)}, f"Deployment {NAME} has 2 of 3 pods available, 3 of them of this release"),
    ({"deployment": deployment(updated=1)}, f"Deployment {NAME} has 3 of 3 pods available, 1 of them of this release"),
    ({"deployment": deployment(available=0, updated=0)},
     f"Deployment {NAME} has 0 of 3 pods available, 0 of them of this release"),
    ({"deployment": deployment(available=2), "pods": (pod(), PULL)},
     f"Deployment {NAME} has 2 of 3 pods available, 3 of them of this release (pod new: ImagePullBackOff no such image)"),
    ({"autoscaler": None}, f"HorizontalPodAutoscaler {NAME} is not there: {PUT_RIGHT}"),
    ({"autoscaler": autoscaler(least=1)},
     f"HorizontalPodAutoscaler {NAME} goes from 1 to 10 pods, and the settings say 3 to 10: {PUT_RIGHT}"),
    ({"autoscaler": autoscaler(most=99)},
     f"HorizontalPodAutoscaler {NAME} goes from 3 to 99 pods, and the settings say 3 to 10: {PUT_RIGHT}"),
    ({"autoscaler": autoscaler(conditions=[("ScalingActive", "False", "FailedGetResourceMetric", "no metrics")])},
     f"HorizontalPodAutoscaler {NAME} cannot scale: ScalingActive is False (FailedGetResourceMetric: no metrics)"),
    ({"autoscaler": autoscaler(conditions=[("AbleToScale", "Unknown", "FailedGetScale", "no scale")])},
     f"HorizontalPodAutoscaler {NAME} cannot scale: AbleToScale is Unknown (FailedGetScale: no scale)"),
    ({"budget": None}, f"PodDisruptionBudget {NAME} is not there: {PUT_RIGHT}"),
    ({"budget": budget(expected=0)}, f"PodDisruptionBudget {NAME} selects no pod: a drain may take all of them at once"),
    ({"budget": budget(allowed=0, healthy=2)},
     f"PodDisruptionBudget {NAME} allows no disruption (2 of 3 pods healthy, 2 needed): node upgrades would hang"),
    ({"service": None}, f"Service {NAME} is not there: {PUT_RIGHT}"),
    ({"endpoints": ()}, f"Service {NAME} has no ready endpoint: every request fails"),
    ({"endpoints": (), "pods": (PENDING,)}, f"Service {NAME} has no ready endpoint: every request fails "
     "(pod late: Unschedulable 0/3 nodes are available)"),
    ({"endpoints": endpoints(*ZONES[:2])}, f"Service {NAME} has 2 ready endpoints, fewer than 3"),
    ({"endpoints": endpoints(*[("zone-a", f"zone-a-{number}") for number in range(3)])},
     "all 3 pods are in zone zone-a, though nodes in zone-b, zone-c take pods: make room there, then replace the pods "
     "(kubectl rollout restart)"),
    ({"endpoints": endpoints(*[("zone-a", "zone-a-1")] * 3), "zones": frozenset({"zone-a"})},
     "all 3 pods are on node zone-a-1, though 3 nodes take pods: make room there, then replace the pods "
     "(kubectl rollout restart)"),
    ({"endpoints": endpoints(*[(None, "one")] * 3), "zones": frozenset(), "nodes": frozenset({"one", "two"})},
     "all 3 pods are on node one, though 2 nodes take pods: make room there, then replace the pods "
     "(kubectl rollout restart)"),
    ({"pods": (pod(), pod("other", owner=None))}, f"pod other is not of Deployment {NAME}, and carries the label that the "
     "Service, the autoscaler and the budget select by: take that label off it"),
    ({"pods": (pod(), pod("theirs", owner="theirs-77")), "owners": {**seen().owners, "theirs-77": "theirs"}},
     f"pod theirs is not of Deployment {NAME}, and carries the label that the Service, the autoscaler and the budget select "
     "by: take that label off it"),
]


def test_nothing_is_told_of_a_backend_that_keeps_its_promise() -> None:
    assert findings(backend(), seen()) == []


@pytest.mark.parametrize(("different", "text"), ALONE, ids=lambda value: value[:60] if isinstance(value, str) else "")
def test_one_thing_that_is_wrong_is_told_alone(different: dict[str, Any], text: str) -> None:
    assert findings(backend(), seen(**different)) == [text]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = findings(backend(), seen(deployment=None, autoscaler=None, budget=None, service=None, endpoints=()))
    assert [text.split()[0] for text in found] == ["Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Service"]


def test_a_fixed_number_is_held_to() -> None:
    assert findings(FIXED, seen(autoscaler=None)) == []
    for number in (2, 5):
        there = endpoints(*ZONES, *ZONES)[:max(number, 3)]
        (text,) = findings(FIXED, seen(autoscaler=None, deployment=deployment(replicas=number), endpoints=there))
        assert text == f"Deployment {NAME} is set to {number} pods, and the settings say 3: {PUT_RIGHT}"


def test_an_autoscaler_may_have_made_more_pods() -> None:
    assert findings(backend(), seen(deployment=deployment(replicas=7), endpoints=endpoints(*ZONES, *ZONES))) == []


def test_of_an_autoscaler_that_reached_its_bounds_nothing_is_told() -> None:
    limited = autoscaler(conditions=[("AbleToScale", "True"), ("ScalingActive", "True"), ("ScalingLimited", "True")])
    assert findings(backend(), seen(autoscaler=limited)) == []


@pytest.mark.parametrize("different", [
    {"endpoints": endpoints(*[("zone-a", f"zone-a-{number}") for number in range(3)]), "zones": frozenset({"zone-a"})},
    {"endpoints": endpoints(*[("zone-a", "zone-a-1")] * 3), "zones": frozenset({"zone-a"}), "nodes": frozenset({"zone-a-1"})},
    {"endpoints": endpoints(*[("zone-a", "zone-a-1")] * 2, ("zone-b", "zone-b-1"))},
    {"endpoints": endpoints(*[(None, "one")] * 2, (None, "two")), "zones": frozenset(), "nodes": frozenset({"one", "two"})},
])
def test_pods_are_where_they_can_be(different: dict[str, Any]) -> None:
    assert findings(backend(), seen(**different)) == []


def test_a_stranger_that_is_on_its_way_out_is_none() -> None:
    assert findings(backend(), seen(pods=(pod(), pod("other", owner=None, ending=True)))) == []


def vertical(mode: str | None, target: str = NAME) -> dict[str, Any]:
    policy = {"updatePolicy": {"updateMode": mode}} if mode else {}
    return {"metadata": {"name": "v"}, "spec": {"targetRef": {"kind": "Deployment", "name": target}, **policy}}


@pytest.mark.parametrize("mode", [None, "Auto", "Recreate", "Initial"])
def test_two_autoscalers_must_not_chase_one_another(mode: str | None) -> None:
    (text,) = findings(backend(), seen(vertical=(vertical(mode),)))
    assert text.startswith("VerticalPodAutoscaler v changes the requests")
    assert text.endswith("set its updateMode to Off")


def test_a_vertical_autoscaler_that_changes_nothing_here_is_none_of_our_business() -> None:
    harmless = (vertical("Off"), vertical("Auto", "another"), {"metadata": {"name": "x"}})
    assert findings(backend(), seen(vertical=harmless)) == []
    assert findings(FIXED, seen(vertical=(vertical("Auto"),), autoscaler=None)) == []


@pytest.mark.parametrize(("given", "text"), [
    (pod("a", conditions=[("Ready", "False", "ContainersNotReady", "x")], containers=[container("CrashLoopBackOff")]),
     "pod a: CrashLoopBackOff"),
    (pod("a", conditions=[("PodScheduled", "False", "Unschedulable", "no room")], containers=()),
     "pod a: Unschedulable no room"),
    (pod("a", conditions=[("Ready", "False")]), "pod a: not ready"),
    (pod("a", conditions=[("Ready", "False", "ContainersNotReady", "containers: [backend]")], containers=[container()]),
     "pod a: ContainersNotReady containers: [backend]")])
def test_a_pod_tells_its_trouble(given: Any, text: str) -> None:
    assert troubles((pod(), given)) == [text]


def test_three_troubles_are_enough() -> None:
    found = troubles(tuple(pod(f"pod-{number}", conditions=[("Ready", "False", "No")]) for number in range(5)))
    assert found == ["pod pod-0: No", "pod pod-1: No", "pod pod-2: No", "and 2 more"]


def test_a_pod_that_runs_has_no_trouble_and_neither_has_one_of_which_nothing_is_known() -> None:
    unknown = pod()
    unknown.status.conditions = unknown.status.container_statuses = None
    assert troubles((pod(), unknown)) == []
