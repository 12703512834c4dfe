"""Findings about the HorizontalPodAutoscaler, and about a VerticalPodAutoscaler next to it."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection import findings
from tests.support.fake_engine import backend
from tests.support.observations import autoscaler, observation, vertical_autoscaler

FIXED = backend(autoscaling={"enabled": False})
BY_MEMORY = backend(autoscaling={"cpuPercent": None, "memoryPercent": 40})


def test_an_autoscaler_at_its_bounds_is_fine() -> None:
    limited = autoscaler(conditions=[("AbleToScale", "True"), ("ScalingActive", "True"), ("ScalingLimited", "True")])
    assert findings.collect(backend(), observation(autoscaler=limited)) == []


@pytest.mark.parametrize("mode", [None, "Auto", "Recreate", "Initial"])
def test_two_autoscalers_must_not_chase_each_other(mode: str | None) -> None:
    (text,) = findings.collect(backend(), observation(vertical_autoscalers=(vertical_autoscaler(mode),)))
    assert text.startswith("VerticalPodAutoscaler v changes the requests")
    assert text.endswith("set its updateMode to Off [autoscalers-conflict]")


def test_a_vertical_autoscaler_that_changes_nothing_of_the_backend_is_fine() -> None:
    harmless = (vertical_autoscaler("Off"), vertical_autoscaler("Auto", "another"), {"metadata": {"name": "x"}})
    assert findings.collect(backend(), observation(vertical_autoscalers=harmless)) == []
    only_vertical = observation(vertical_autoscalers=(vertical_autoscaler("Auto"),), autoscaler=None)
    assert findings.collect(FIXED, only_vertical) == []


def restricted(*policies: dict[str, Any]) -> dict[str, Any]:
    """Return a VerticalPodAutoscaler with policies for containers."""
    result = vertical_autoscaler("Auto")
    result["spec"]["resourcePolicy"] = {"containerPolicies": list(policies)}
    return result


@pytest.mark.parametrize(
    ("settings", "policies", "red"),
    [
        (backend(), [{"containerName": "*", "controlledResources": ["memory"]}], False),
        (backend(), [{"containerName": "*", "controlledResources": ["cpu"]}], True),
        (backend(), [{"containerName": "*", "controlledResources": ["cpu", "memory"]}], True),
        (backend(), [{"containerName": "*"}], True),
        (backend(), [], True),
        (backend(), [{"containerName": "*", "mode": "Off"}], False),
        (backend(), [{"containerName": "*", "mode": "Auto"}], True),
        (BY_MEMORY, [{"containerName": "*", "controlledResources": ["memory"]}], True),
        (BY_MEMORY, [{"containerName": "*", "controlledResources": ["cpu"]}], False),
        (FIXED, [], False),
    ],
)
def test_a_vertical_autoscaler_conflicts_only_over_measured_resources(
    settings: Any, policies: Any, *, red: bool
) -> None:
    different = {} if settings.autoscaling.enabled else {"autoscaler": None}
    state = observation(vertical_autoscalers=(restricted(*policies),), **different)
    assert [text.split()[0] for text in findings.collect(settings, state)] == ["VerticalPodAutoscaler"] * red


def test_a_vertical_autoscaler_of_another_kind_with_that_name_is_fine() -> None:
    other = vertical_autoscaler("Auto")
    other["spec"]["targetRef"]["kind"] = "StatefulSet"
    assert findings.collect(backend(), observation(vertical_autoscalers=(other,))) == []
