"""Findings about the replica count, available pods and the disruption budget."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection import findings
from tests.support.fake_engine import backend
from tests.support.observations import NAME, THREE_PLACES, budget, deployment, endpoints, observation

FIXED = backend(autoscaling={"enabled": False})


def test_a_fixed_replica_count_must_match() -> None:
    assert findings.collect(FIXED, observation(autoscaler=None)) == []
    for number in (2, 5):
        ready = endpoints(*THREE_PLACES, *THREE_PLACES)[: max(number, 3)]
        (text,) = findings.collect(
            FIXED, observation(autoscaler=None, deployment=deployment(replicas=number), endpoints=ready)
        )
        assert text == (
            f"Deployment {NAME} has {number} replicas, but the settings require 3: restore it with a refresh "
            "(make up ARGS=--refresh, or pulumi up --refresh) [replica-count-drifted]"
        )


def test_an_autoscaler_may_have_added_pods() -> None:
    scaled = observation(deployment=deployment(replicas=7), endpoints=endpoints(*THREE_PLACES, *THREE_PLACES))
    assert findings.collect(backend(), scaled) == []


@pytest.mark.parametrize(("available", "updated"), [(3, 3), (3, 7), (7, 3), (5, 4)])
def test_pods_that_an_autoscaler_is_adding_may_still_be_starting(available: int, updated: int) -> None:
    scaling = observation(
        deployment=deployment(replicas=7, available=available, updated=updated), endpoints=endpoints(*THREE_PLACES)
    )
    assert findings.collect(backend(), scaling) == []


@pytest.mark.parametrize(("available", "updated"), [(2, 7), (7, 2)])
def test_below_its_minimum_an_autoscaler_excuses_nothing(available: int, updated: int) -> None:
    (text,) = findings.collect(
        backend(), observation(deployment=deployment(replicas=7, available=available, updated=updated))
    )
    assert text == (
        f"Deployment {NAME} has {available} of 3 pods available, and {updated} of this release [pods-unavailable]"
    )


def test_too_few_replicas_are_reported_with_the_available_pods() -> None:
    assert findings.collect(backend(), observation(deployment=deployment(replicas=2))) == [
        f"Deployment {NAME} has 2 replicas, fewer than the autoscaler's minimum (3): check the autoscaler, which "
        "raises the number [replica-count-drifted]",
        f"Deployment {NAME} has 2 of 3 pods available, and 2 of this release [pods-unavailable]",
    ]


def test_without_an_autoscaler_every_pod_must_be_available() -> None:
    (text,) = findings.collect(FIXED, observation(autoscaler=None, deployment=deployment(available=2)))
    assert text == f"Deployment {NAME} has 2 of 3 pods available, and 3 of this release [pods-unavailable]"


@pytest.mark.parametrize("status", [budget(allowed=0, healthy=2), budget(allowed=0, healthy=0), budget(allowed=0)])
def test_a_budget_that_allows_nothing_for_the_moment_is_fine(status: Any) -> None:
    assert findings.collect(backend(), observation(budget=status)) == []
