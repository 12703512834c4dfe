"""Findings about where pods run."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection import findings
from tests.support.fake_engine import backend
from tests.support.observations import deployment, endpoints, observation

ADVICE = "free capacity there, then replace the pods (kubectl rollout restart)"


@pytest.mark.parametrize(
    "different",
    [
        {
            "endpoints": endpoints(*[("zone-a", f"zone-a-{number}") for number in range(3)]),
            "schedulable_zones": frozenset({"zone-a"}),
        },
        {
            "endpoints": endpoints(*[("zone-a", "zone-a-1")] * 3),
            "schedulable_zones": frozenset({"zone-a"}),
            "schedulable_nodes": frozenset({"zone-a-1"}),
        },
        {"endpoints": endpoints(*[("zone-a", "zone-a-1")] * 2, ("zone-b", "zone-b-1"))},
        {
            "endpoints": endpoints(*[(None, "one")] * 2, (None, "two")),
            "schedulable_zones": frozenset(),
            "schedulable_nodes": frozenset({"one", "two"}),
        },
    ],
)
def test_pods_that_cannot_run_elsewhere_are_fine(different: dict[str, Any]) -> None:
    assert findings.collect(backend(), observation(**different)) == []


@pytest.mark.parametrize(
    "places", [[("zone-a", "zone-a-1")] * 3, [("zone-a", f"zone-a-{number}") for number in range(3)]]
)
def test_pods_may_run_anywhere_if_only_the_loss_of_a_pod_is_survived(places: list[tuple[str, str]]) -> None:
    assert findings.collect(backend(survive="pod"), observation(endpoints=endpoints(*places))) == []
    for survive in ("node", "zone"):
        (text,) = findings.collect(backend(survive=survive), observation(endpoints=endpoints(*places)))
        assert text.startswith("all 3 pods are in zone zone-a, although zone-b, zone-c would accept pods")


def packed(most: int, others: int) -> dict[str, Any]:
    """Return most pods in one zone and on its one node, and the others elsewhere."""
    return {
        "deployment": deployment(replicas=most + others),
        "endpoints": endpoints(*[("zone-a", "zone-a-1")] * most, *[("zone-b", "zone-b-1")] * others),
    }


# A pod may use twice what it requests: at 50 % of that it carries the load of four.
@pytest.mark.parametrize("survive", ["node", "zone"])
@pytest.mark.parametrize(
    ("most", "others", "red"), [(2, 1, False), (3, 1, False), (4, 1, True), (6, 2, False), (7, 2, True)]
)
def test_pods_outside_the_fullest_domain_must_carry_the_load(
    survive: str, most: int, others: int, *, red: bool
) -> None:
    alternatives = ", ".join(f"zone-{zone}" + ("-1" if survive == "node" else "") for zone in "bc")
    where = "on node zone-a-1" if survive == "node" else "in zone zone-a"
    settings = backend(survive=survive, autoscaling={"cpuPercent": 50})
    assert findings.collect(settings, observation(**packed(most, others))) == (
        [
            f"{most} of {most + others} pods are {where}, and without it the others could not carry the load, although "
            f"{alternatives} would accept pods: {ADVICE} [pods-uneven]"
        ]
        if red
        else []
    )


def test_only_the_kind_of_domain_that_is_survived_counts() -> None:
    places = endpoints(*[("zone-a", f"zone-a-{number}") for number in range(4)], ("zone-b", "zone-b-1"))
    uneven = observation(deployment=deployment(replicas=5), endpoints=places)
    assert findings.collect(backend(survive="node"), uneven) == []
    (text,) = findings.collect(backend(survive="zone"), uneven)
    assert text.startswith("4 of 5 pods are in zone zone-a, and without it")


def test_uneven_pods_are_fine_if_no_other_domain_accepts_pods() -> None:
    uneven = observation(
        **packed(5, 1), schedulable_zones=frozenset({"zone-a"}), schedulable_nodes=frozenset({"zone-a-1"})
    )
    assert findings.collect(backend(survive="zone"), uneven) == []
    assert findings.collect(backend(survive="node"), uneven) == []


def test_one_pod_elsewhere_is_enough_if_the_load_is_not_measured() -> None:
    different = {**packed(9, 1), "deployment": deployment(replicas=10), "autoscaler": None}
    settings = backend(replicas=10, survive="zone", autoscaling={"enabled": False})
    assert findings.collect(settings, observation(**different)) == []


def test_at_most_five_alternatives_are_named() -> None:
    nodes = frozenset(f"node-{number}" for number in range(9))
    (text,) = findings.collect(
        backend(),
        observation(
            endpoints=endpoints(*[(None, "node-0")] * 3), schedulable_zones=frozenset(), schedulable_nodes=nodes
        ),
    )
    assert "although node-1, node-2, node-3, node-4, node-5 would accept pods" in text
