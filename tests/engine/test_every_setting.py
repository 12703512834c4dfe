"""Every setting of the backend changed and the plan read: nothing replaces the Deployment or the Service.

Several at a time: a preview takes some seconds. That each has an effect is a unit test.
"""

from __future__ import annotations

import copy
from functools import reduce

import pytest

from lab.changes.change import patched
from lab.changes.every_setting import CHANGES, ONLY_PROMISED

# What cannot be changed together with the rest.
_APART = [
    ["autoscaling.enabled", "disruptionBudget.maxUnavailable", "survive"],
    ["autoscaling.maxReplicas"],
    ["generatedSecrets.length"],
    ["edge"],
    sorted(ONLY_PROMISED),
]
TOGETHER = [*_APART, [name for name in CHANGES if not any(name in group for group in _APART)]]
MAY_BE_REPLACED = {
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Secret",
    "random:index/randomPassword:RandomPassword",
}
IN_PLACE = {"kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Service"}


@pytest.fixture(scope="module")
def before(project):
    return copy.deepcopy(project.backend)


@pytest.mark.parametrize("settings", TOGETHER, ids=lambda names: f"{names[0]}+{len(names) - 1}")
def test_a_change_replaces_neither_the_deployment_nor_the_service(project, deployed, before, settings):
    project.settings["ha-backend:backend"] = reduce(patched, [CHANGES[name] for name in settings], before)
    project.write()
    steps = []
    deployed.preview(on_event=lambda event: steps.append(event.resource_pre_event))
    ops = {(step.metadata.type, str(step.metadata.op).rsplit(".")[-1].lower()) for step in steps if step}
    replaced = {kind for kind, op in ops if "replace" in op}
    deleted = {kind for kind, op in ops if op == "delete"}
    own = {kind for kind, op in ops if op != "same" and kind.startswith(("kubernetes:", "random:"))}
    assert bool(own) is bool(set(settings) - ONLY_PROMISED)
    assert replaced <= MAY_BE_REPLACED
    assert deleted <= {"kubernetes:autoscaling/v2:HorizontalPodAutoscaler"}
    assert not replaced & IN_PLACE
