"""Every way in which a running backend can fail to keep its promise is told, each in one line; nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection.checks import findings, troubles
from tests.support.fake_engine import backend
from tests.support.observations import NAME, autoscaler, budget, container, deployment, endpoints, pod, seen

FIXED = backend(autoscaling={"enabled": False})
PUT_RIGHT = "a refresh puts it right (make up ARGS=--refresh, or pulumi up --refresh)"
ROOM = "make room there, then replace the pods (kubectl rollout restart)"
ZONES = [("zone-a", "zone-a-1"), ("zone-b", "zone-b-1"), ("zone-c", "zone-c-1")]
PULL = pod(
    "new",
    conditions=[("Ready", "False", "ContainersNotReady", "x")],
    containers=[container("ImagePullBackOff", "no such image")],
)
PENDING = pod("late", conditions=[("PodScheduled", "False", "Unschedulable", "0/3 nodes are available")], containers=())
# What is observed, and the whole of what is told of it.
ALONE: list[tuple[dict[str, Any], str]] = [
    ({"deployment": None}, f"Deployment {NAME} is not there: {PUT_RIGHT}"),
    (
        {"deployment": deployment(replicas=2, updated=3, available=3)},
        f"Deployment {NAME} is set to 2 pods, fewer than the autoscaler's least (3)",
    ),
    (
        {"deployment": deployment(available=2)},
        f"Deployment {NAME} has 2 of 3 pods available, 3 of them of this release",
    ),
    ({"deployment": deployment(updated=1)}, f"Deployment {NAME} has 3 of 3 pods available, 1 of them of this release"),
    (
        {"deployment": deployment(available=0, updated=0)},
        f"Deployment {NAME} has 0 of 3 pods available, 0 of them of this release",
    ),
    (
        {"deployment": deployment(available=2), "pods": (pod(), PULL)},
        f"Deployment {NAME} has 2 of 3 pods available, 3 of them of this release (pod new: ImagePullBackOff no such image)",
    ),
    ({"autoscaler": None}, f"HorizontalPodAutoscaler {NAME} is not there: {PUT_RIGHT}"),
    (
        {"autoscaler": autoscaler(least=1)},
        f"HorizontalPodAutoscaler {NAME} goes from 1 to 10 pods, and the settings say 3 to 10: {PUT_RIGHT}",
    ),
    (
        {"autoscaler": autoscaler(most=99)},
        f"HorizontalPodAutoscaler {NAME} goes from 3 to 99 pods, and the settings say 3 to 10: {PUT_RIGHT}",
    ),
    (
        {"autoscaler": autoscaler(conditions=[("ScalingActive", "False", "FailedGetResourceMetric", "no metrics")])},
        f"HorizontalPodAutoscaler {NAME} cannot scale: ScalingActive is False (FailedGetResourceMetric: no metrics)",
    ),
    (
        {"autoscaler": autoscaler(conditions=[("AbleToScale", "Unknown", "FailedGetScale", "no scale")])},
        f"HorizontalPodAutoscaler {NAME} cannot scale: AbleToScale is Unknown (FailedGetScale: no scale)",
    ),
    ({"budget": None}, f"PodDisruptionBudget {NAME} is not there: {PUT_RIGHT}"),
    (
        {"budget": budget(expected=0)},
        f"PodDisruptionBudget {NAME} selects no pod: a drain may take all of them at once",
    ),
    (
        {"budget": budget(allowed=0, desired=3)},
        f"PodDisruptionBudget {NAME} allows no disruption, ever (3 of 3 pods must stay): node upgrades would hang",
    ),
    (
        {"budget": budget(allowed=0, expected=1, healthy=1, desired=2)},
        f"PodDisruptionBudget {NAME} allows no disruption, ever (2 of 1 pods must stay): node upgrades would hang",
    ),
    ({"service": None}, f"Service {NAME} is not there: {PUT_RIGHT}"),
    ({"endpoints": ()}, f"Service {NAME} has no ready endpoint: every request fails"),
    (
        {"endpoints": (), "pods": (PENDING,)},
        f"Service {NAME} has no ready endpoint: every request fails (pod late: Unschedulable 0/3 nodes are available)",
    ),
    ({"endpoints": endpoints(*ZONES[:2])}, f"Service {NAME} has 2 ready endpoints, fewer than 3"),
    (
        {"endpoints": endpoints(*[("zone-a", f"zone-a-{number}") for number in range(3)])},
        f"all 3 pods are in zone zone-a, though zone-b, zone-c take pods too: {ROOM}",
    ),
    (
        {"endpoints": endpoints(*[("zone-a", "zone-a-1")] * 3), "zones": frozenset({"zone-a"})},
        f"all 3 pods are in node zone-a-1, though zone-b-1, zone-c-1 take pods too: {ROOM}",
    ),
    (
        {"endpoints": endpoints(*[(None, "one")] * 3), "zones": frozenset(), "nodes": frozenset({"one", "two"})},
        f"all 3 pods are in node one, though two take pods too: {ROOM}",
    ),
    (
        {"pods": (pod(), pod("other", owner=None))},
        f"pod other is not of Deployment {NAME}, and carries the label that the "
        "Service, the autoscaler and the budget select by: take that label off it",
    ),
    (
        {"pods": (pod(), pod("theirs", owner="theirs-77")), "owners": {**seen().owners, "theirs-77": "theirs"}},
        f"pod theirs is not of Deployment {NAME}, and carries the label that the Service, the autoscaler and the budget select "
        "by: take that label off it",
    ),
]


def test_nothing_is_told_of_a_backend_that_keeps_its_promise() -> None:
    assert findings(backend(), seen()) == []


@pytest.mark.parametrize(("different", "text"), ALONE, ids=lambda value: value[:60] if isinstance(value, str) else "")
def test_one_thing_that_is_wrong_is_told_alone(different: dict[str, Any], text: str) -> None:
    assert findings(backend(), seen(**different)) == [text]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = findings(backend(), seen(deployment=None, autoscaler=None, budget=None, service=None, endpoints=()))
    assert [text.split()[0] for text in found] == [
        "Deployment",
        "HorizontalPodAutoscaler",
        "PodDisruptionBudget",
        "Service",
    ]


def test_a_fixed_number_is_held_to() -> None:
    assert findings(FIXED, seen(autoscaler=None)) == []
    for number in (2, 5):
        there = endpoints(*ZONES, *ZONES)[: max(number, 3)]
        (text,) = findings(FIXED, seen(autoscaler=None, deployment=deployment(replicas=number), endpoints=there))
        assert text == f"Deployment {NAME} is set to {number} pods, and the settings say 3: {PUT_RIGHT}"


def test_an_autoscaler_may_have_made_more_pods() -> None:
    assert findings(backend(), seen(deployment=deployment(replicas=7), endpoints=endpoints(*ZONES, *ZONES))) == []


@pytest.mark.parametrize(("available", "updated"), [(3, 3), (3, 7), (7, 3), (5, 4)])
def test_what_an_autoscaler_is_just_adding_may_still_start(available: int, updated: int) -> None:
    there = seen(deployment=deployment(replicas=7, available=available, updated=updated), endpoints=endpoints(*ZONES))
    assert findings(backend(), there) == []


@pytest.mark.parametrize(("available", "updated"), [(2, 7), (7, 2)])
def test_below_its_least_number_an_autoscaler_excuses_nothing(available: int, updated: int) -> None:
    (text,) = findings(backend(), seen(deployment=deployment(replicas=7, available=available, updated=updated)))
    assert text == f"Deployment {NAME} has {available} of 3 pods available, {updated} of them of this release"


def test_too_few_pods_are_told_with_how_many_are_wanted_and_how_many_there_are() -> None:
    assert findings(backend(), seen(deployment=deployment(replicas=2))) == [
        f"Deployment {NAME} is set to 2 pods, fewer than the autoscaler's least (3)",
        f"Deployment {NAME} has 2 of 3 pods available, 2 of them of this release",
    ]


def test_without_an_autoscaler_every_pod_must_be_available() -> None:
    there = seen(autoscaler=None, deployment=deployment(available=2))
    (text,) = findings(FIXED, there)
    assert text == f"Deployment {NAME} has 2 of 3 pods available, 3 of them of this release"


@pytest.mark.parametrize("held", [budget(allowed=0, healthy=2), budget(allowed=0, healthy=0), budget(allowed=0)])
def test_a_budget_that_allows_nothing_for_the_moment_is_as_it_should_be(held: Any) -> None:
    assert findings(backend(), seen(budget=held)) == []


def test_of_an_autoscaler_that_reached_its_bounds_nothing_is_told() -> None:
    limited = autoscaler(conditions=[("AbleToScale", "True"), ("ScalingActive", "True"), ("ScalingLimited", "True")])
    assert findings(backend(), seen(autoscaler=limited)) == []


@pytest.mark.parametrize(
    "different",
    [
        {
            "endpoints": endpoints(*[("zone-a", f"zone-a-{number}") for number in range(3)]),
            "zones": frozenset({"zone-a"}),
        },
        {
            "endpoints": endpoints(*[("zone-a", "zone-a-1")] * 3),
            "zones": frozenset({"zone-a"}),
            "nodes": frozenset({"zone-a-1"}),
        },
        {"endpoints": endpoints(*[("zone-a", "zone-a-1")] * 2, ("zone-b", "zone-b-1"))},
        {
            "endpoints": endpoints(*[(None, "one")] * 2, (None, "two")),
            "zones": frozenset(),
            "nodes": frozenset({"one", "two"}),
        },
    ],
)
def test_pods_are_where_they_can_be(different: dict[str, Any]) -> None:
    assert findings(backend(), seen(**different)) == []


@pytest.mark.parametrize(
    "places", [[("zone-a", "zone-a-1")] * 3, [("zone-a", f"zone-a-{number}") for number in range(3)]]
)
def test_where_only_the_loss_of_a_pod_is_to_be_survived_pods_may_be_anywhere(places: list[tuple[str, str]]) -> None:
    assert findings(backend(survive="pod"), seen(endpoints=endpoints(*places))) == []
    for survive in ("node", "zone"):
        (text,) = findings(backend(survive=survive), seen(endpoints=endpoints(*places)))
        assert text.startswith("all 3 pods are in zone zone-a, though zone-b, zone-c take pods too")


def packed(most: int, others: int) -> dict[str, Any]:
    """Most pods in one zone and on its one node, the others elsewhere."""
    return {
        "deployment": deployment(replicas=most + others),
        "endpoints": endpoints(*[("zone-a", "zone-a-1")] * most, *[("zone-b", "zone-b-1")] * others),
    }


# A pod may use twice what it requests: at 50 % of that it carries the load of four.
@pytest.mark.parametrize("survive", ["node", "zone"])
@pytest.mark.parametrize(
    ("most", "others", "red"), [(2, 1, False), (3, 1, False), (4, 1, True), (6, 2, False), (7, 2, True)]
)
def test_what_is_left_without_the_fullest_place_must_carry_the_load(
    survive: str, most: int, others: int, *, red: bool
) -> None:
    others_take = ", ".join(f"zone-{zone}" + ("-1" if survive == "node" else "") for zone in "bc")
    full = "zone-a-1" if survive == "node" else "zone-a"
    given = backend(survive=survive, autoscaling={"cpuPercent": 50})
    assert findings(given, seen(**packed(most, others))) == (
        [
            f"{most} of {most + others} pods are in {survive} {full}: without it the rest could not carry the load, though "
            f"{others_take} take pods too: {ROOM}"
        ]
        if red
        else []
    )


def test_only_the_place_that_is_to_be_survived_is_weighed() -> None:
    zoned = endpoints(*[("zone-a", f"zone-a-{number}") for number in range(4)], ("zone-b", "zone-b-1"))
    there = seen(deployment=deployment(replicas=5), endpoints=zoned)
    assert findings(backend(survive="node"), there) == []
    (text,) = findings(backend(survive="zone"), there)
    assert text.startswith("4 of 5 pods are in zone zone-a: without it")


def test_uneven_pods_are_no_fault_where_nothing_else_takes_pods() -> None:
    there = seen(**packed(5, 1), zones=frozenset({"zone-a"}), nodes=frozenset({"zone-a-1"}))
    assert findings(backend(survive="zone"), there) == []
    assert findings(backend(survive="node"), there) == []


def test_without_a_measure_of_the_load_one_pod_elsewhere_is_enough() -> None:
    there = {**packed(9, 1), "deployment": deployment(replicas=10), "autoscaler": None}
    assert findings(backend(replicas=10, survive="zone", autoscaling={"enabled": False}), seen(**there)) == []


def test_five_places_are_enough_to_name() -> None:
    many = frozenset(f"node-{number}" for number in range(9))
    (text,) = findings(backend(), seen(endpoints=endpoints(*[(None, "node-0")] * 3), zones=frozenset(), nodes=many))
    assert "though node-1, node-2, node-3, node-4, node-5 take pods too" in text


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


def limited(*policies: dict[str, Any]) -> dict[str, Any]:
    """A vertical autoscaler that says of containers what it may change."""
    made = vertical("Auto")
    made["spec"]["resourcePolicy"] = {"containerPolicies": list(policies)}
    return made


MEMORY_PERCENT = backend(autoscaling={"cpuPercent": None, "memoryPercent": 40})


@pytest.mark.parametrize(
    ("given", "policies", "red"),
    [
        (backend(), [{"containerName": "*", "controlledResources": ["memory"]}], False),
        (backend(), [{"containerName": "*", "controlledResources": ["cpu"]}], True),
        (backend(), [{"containerName": "*", "controlledResources": ["cpu", "memory"]}], True),
        (backend(), [{"containerName": "*"}], True),
        (backend(), [], True),
        (backend(), [{"containerName": "*", "mode": "Off"}], False),
        (backend(), [{"containerName": "*", "mode": "Auto"}], True),
        (MEMORY_PERCENT, [{"containerName": "*", "controlledResources": ["memory"]}], True),
        (MEMORY_PERCENT, [{"containerName": "*", "controlledResources": ["cpu"]}], False),
        (FIXED, [], False),
    ],
)
def test_a_vertical_autoscaler_is_in_the_way_of_what_is_measured_only(given: Any, policies: Any, *, red: bool) -> None:
    there = seen(vertical=(limited(*policies),), **({} if given.autoscaling.enabled else {"autoscaler": None}))
    assert [text.split()[0] for text in findings(given, there)] == ["VerticalPodAutoscaler"] * red


def test_a_vertical_autoscaler_of_something_else_by_that_name_is_another() -> None:
    other = vertical("Auto")
    other["spec"]["targetRef"]["kind"] = "StatefulSet"
    assert findings(backend(), seen(vertical=(other,))) == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            pod(
                "a",
                conditions=[("Ready", "False", "ContainersNotReady", "x")],
                containers=[container("CrashLoopBackOff")],
            ),
            "pod a: CrashLoopBackOff",
        ),
        (
            pod("a", conditions=[("PodScheduled", "False", "Unschedulable", "no room")], containers=()),
            "pod a: Unschedulable no room",
        ),
        (pod("a", conditions=[("Ready", "False")]), "pod a: not ready"),
        (
            pod(
                "a",
                conditions=[("Ready", "False", "ContainersNotReady", "containers: [backend]")],
                containers=[container()],
            ),
            "pod a: ContainersNotReady containers: [backend]",
        ),
    ],
)
def test_a_pod_tells_its_trouble(given: Any, text: str) -> None:
    assert troubles((pod(), given)) == [text]


def test_three_troubles_are_enough() -> None:
    found = troubles(tuple(pod(f"pod-{number}", conditions=[("Ready", "False", "No")]) for number in range(5)))
    assert found == ["pod pod-0: No", "pod pod-1: No", "pod pod-2: No", "and 2 more"]


def test_a_pod_that_runs_has_no_trouble_and_neither_has_one_of_which_nothing_is_known() -> None:
    unknown = pod()
    unknown.status.conditions = unknown.status.container_statuses = None
    assert troubles((pod(), unknown)) == []


def test_a_container_that_starts_first_and_fails_is_named_not_those_that_wait_for_it() -> None:
    stuck = pod(
        "pod-1",
        conditions=(("Ready", "False", "ContainersNotReady"),),
        containers=(container("PodInitializing"),),
        first=[container(ready=True), container("CrashLoopBackOff", "back-off 10s restarting failed container")],
    )
    waiting = pod(
        "pod-2",
        conditions=(("Ready", "False", "ContainersNotReady", "not yet"),),
        containers=(container("PodInitializing"),),
        first=[container()],
    )
    assert troubles((stuck, waiting)) == [
        "pod pod-1: CrashLoopBackOff back-off 10s restarting failed container",
        "pod pod-2: ContainersNotReady not yet",
    ]
