"""Change every setting of the backend, and read the plan: nothing replaces the Deployment or the Service.

Each preview changes several settings, because it takes seconds. A unit test asserts that each has an effect.
"""

from __future__ import annotations

import copy
from functools import reduce
from typing import Any

import pytest
from pulumi import automation as auto

from lab.changes.change import patched
from lab.changes.every_setting import CHANGES
from lab.changes.not_changed import ONLY_PROMISED
from tests.engine.conftest import Project

# Settings that cannot change together with the others.
_SEPARATE = [
    ["autoscaling.enabled", "disruptionBudget.maxUnavailable", "survive"],
    ["autoscaling.maxReplicas"],
    ["generatedSecrets.length"],
    ["edge"],
    ["shareEnvironment"],  # its container, too, is in podTemplate
    ["disruptionBudget.minAvailable"],
    sorted(ONLY_PROMISED),
]
TOGETHER = [*_SEPARATE, [name for name in CHANGES if not any(name in group for group in _SEPARATE)]]
MAY_BE_REPLACED = {
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Secret",
    "random:index/randomPassword:RandomPassword",
}
IN_PLACE = {"kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Service"}


@pytest.fixture(scope="module")
def before(project: Project) -> dict[str, Any]:
    """The settings of the backend before any change."""
    return copy.deepcopy(project.backend)


@pytest.mark.parametrize("settings", TOGETHER, ids=lambda names: f"{names[0]}+{len(names) - 1}")
def test_a_change_replaces_neither_the_deployment_nor_the_service(
    project: Project, deployed: auto.Stack, before: dict[str, Any], settings: list[str]
) -> None:
    project.settings["ha-backend:backend"] = reduce(patched, [CHANGES[name] for name in settings], before)
    project.write()
    steps: list[Any] = []
    deployed.preview(on_event=lambda event: steps.append(event.resource_pre_event))
    ops = {(step.metadata.type, str(step.metadata.op).rsplit(".")[-1].lower()) for step in steps if step}
    replaced = {kind for kind, op in ops if "replace" in op}
    deleted = {kind for kind, op in ops if op == "delete"}
    own = {kind for kind, op in ops if op != "same" and kind.startswith(("kubernetes:", "random:"))}
    assert bool(own) is bool(set(settings) - ONLY_PROMISED)
    assert replaced <= MAY_BE_REPLACED
    assert deleted <= {"kubernetes:autoscaling/v2:HorizontalPodAutoscaler"}
    assert not replaced & IN_PLACE
