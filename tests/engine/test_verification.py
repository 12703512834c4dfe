"""`pulumi up` fails if the backend is not highly available, reports the reason, and succeeds once it is.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from pulumi import automation as auto

from components.availability import timing
from components.settings import BackendSettings
from tests.engine.conftest import PROTECTS_NOTHING, Project


def failure(deployed: auto.Stack, **options: Any) -> str:
    """Return the output of an `up` that fails."""
    with pytest.raises(Exception, match="failed") as raised:
        deployed.up(**options)
    text = str(raised.value)
    assert "Traceback" not in text, text
    return text


def test_a_bad_release_fails_in_the_promised_time_while_the_old_one_keeps_serving(
    project: Project, deployed: auto.Stack
) -> None:
    good = project.backend["image"]
    project.backend["image"] = "registry.invalid/backend:1"
    project.write()
    promised = timing.rollout_timeout(BackendSettings.model_validate(project.backend)) + timing.DIAGNOSIS
    assert deployed.outputs()["promise"].value["release"]["recoverySeconds"] == promised
    began = time.monotonic()
    with project.watching() as watch:
        text = failure(deployed)
    assert watch.least_endpoints >= 3
    # Plus the engine's own start and end: the assertion is that it waits for nothing else.
    assert time.monotonic() - began < promised + 60
    assert re.search(r"pod backend-service-\w+-\w+: ImagePullBackOff", text) and "registry.invalid/backend:1" in text
    assert "3 pods keep serving" in text

    project.backend["image"] = good
    project.write()
    with project.watching() as watch:
        deployed.up()
    assert watch.least_endpoints >= 3
    assert set(deployed.preview().change_summary) == {"same"}


def test_manual_damage_is_named_by_the_next_up_although_nothing_changed(project: Project, deployed: auto.Stack) -> None:
    project.kubectl(
        "patch",
        "service",
        "backend-service",
        "--type=merge",
        "-p",
        '{"spec":{"selector":{"app.kubernetes.io/name":"x"}}}',
    )
    project.kubectl(*PROTECTS_NOTHING)
    project.kubectl("patch", "hpa", "backend-service", "--type=merge", "-p", '{"spec":{"maxReplicas":50}}')
    text = failure(deployed)
    assert "Service backend-service has no ready endpoint" in text
    assert "PodDisruptionBudget backend-service selects no pod" in text
    assert "scales from 3 to 50 pods, but the settings require 3 to 6" in text
    deployed.up(refresh=True)


@pytest.mark.slow
def test_an_autoscaler_without_metrics_fails(project: Project, deployed: auto.Stack) -> None:
    project.kubectl(
        "patch",
        "hpa",
        "backend-service",
        "--type=json",
        "-p",
        '[{"op":"replace","path":"/spec/metrics/0/containerResource/container","value":"gone"}]',
    )
    project.kubectl("wait", "hpa/backend-service", "--for=condition=ScalingActive=False", "--timeout=120s")
    text = failure(deployed)
    assert "HorizontalPodAutoscaler backend-service cannot scale: ScalingActive is False (FailedGet" in text
    deployed.up(refresh=True)


def test_pods_in_a_single_zone_of_several_fail(project: Project, deployed: auto.Stack) -> None:
    for node in ("zone-b-1", "zone-c-1"):
        project.kubectl("cordon", node)
    project.kubectl("rollout", "restart", "deployment/backend-service")
    project.kubectl("rollout", "status", "deployment/backend-service", "--timeout=60s")
    for node in ("zone-b-1", "zone-c-1"):
        project.kubectl("uncordon", node)
    text = failure(deployed)
    assert "all 3 pods are in zone zone-a, although zone-b, zone-c would accept pods" in text
