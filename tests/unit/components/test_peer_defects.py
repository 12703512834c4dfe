"""Defects of other packagings that show without a cluster. Those that need one are in tests/cluster."""

from __future__ import annotations

from components import HighlyAvailableBackend, pod
from components.availability import UNKNOWN, conflicts
from components.inspection.findings import autoscaling
from components.settings.well_known import CONTAINER
from tests.support.fake_engine import Monitor, backend


def test_defect_09_two_backends_in_one_stack_do_not_collide_and_no_label_is_in_a_selector(monitor: Monitor) -> None:
    monitor.run(
        lambda: [HighlyAvailableBackend(name, backend(name=name, labels={"team": "a"})) for name in ("one", "two")]
    )
    children = [r for r in monitor.requests if r.type.startswith("kubernetes:") and not r.type.startswith("pulumi:")]
    assert children and all(":HighlyAvailableBackend::" in child.parent for child in children)
    named = [
        (child.type, dict(child.object["metadata"]).get("namespace", ""), child.object["metadata"]["name"])
        for child in children
        if "name" in child.object["metadata"]
    ]
    assert len(set(named)) == len(named)
    for deployment in monitor.all("apps/v1:Deployment"):
        assert dict(deployment.object["spec"]["selector"]["matchLabels"]) == {
            "app.kubernetes.io/name": deployment.object["metadata"]["name"]
        }


def test_defect_11_an_integer_budget_is_checked() -> None:
    assert conflicts(backend(), UNKNOWN) == []
    (found,) = conflicts(backend(disruptionBudget={"maxUnavailable": 3}), UNKNOWN)
    assert found.key == "disruptionBudget.maxUnavailable" and "every pod" in found.text


def test_verification_and_the_pod_use_the_same_container_name() -> None:
    assert CONTAINER == "backend"
    assert autoscaling.__dict__["CONTAINER"] == pod.__dict__["CONTAINER"] == CONTAINER
