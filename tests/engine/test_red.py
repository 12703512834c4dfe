"""`pulumi up` is red when the backend is not really highly available, says why, and is green again once it is.

The tests of this file are one life, in the order of the file.
"""

from __future__ import annotations

import re
import time

import pytest

from components.availability import timing
from components.settings import BackendSettings


def red(deployed, **options):
    """What `up` says when it fails."""
    with pytest.raises(Exception, match="failed") as caught:
        deployed.up(**options)
    text = str(caught.value)
    assert "Traceback" not in text, text
    return text


def test_a_bad_release_fails_in_the_stated_time_while_the_old_one_serves_on(project, deployed):
    good = project.backend["image"]
    project.backend["image"] = "registry.invalid/backend:1"
    project.write()
    stated = timing.rollout_timeout(BackendSettings.model_validate(project.backend)) + timing.REPORTING
    assert deployed.outputs()["promise"].value["release"]["recoverySeconds"] == stated
    began = time.monotonic()
    with project.watching() as watch:
        text = red(deployed)
    assert watch.least_endpoints >= 3
    # The engine's own start and end come on top; what is asserted is that it does not wait for anything else.
    assert time.monotonic() - began < stated + 60
    assert re.search(r"pod backend-service-\w+-\w+: ImagePullBackOff", text) and "registry.invalid/backend:1" in text
    assert "3 pods serve on" in text

    project.backend["image"] = good
    project.write()
    with project.watching() as watch:
        deployed.up()
    assert watch.least_endpoints >= 3
    assert set(deployed.preview().change_summary) == {"same"}


def test_what_somebody_broke_by_hand_is_named_at_the_next_up_though_nothing_changed(project, deployed):
    project.kubectl(
        "patch",
        "service",
        "backend-service",
        "--type=merge",
        "-p",
        '{"spec":{"selector":{"app.kubernetes.io/name":"x"}}}',
    )
    project.kubectl(
        "patch",
        "pdb",
        "backend-service",
        "--type=merge",
        "-p",
        '{"spec":{"selector":{"matchLabels":{"app.kubernetes.io/name":"x"}}}}',
    )
    project.kubectl("patch", "hpa", "backend-service", "--type=merge", "-p", '{"spec":{"maxReplicas":50}}')
    text = red(deployed)
    assert "Service backend-service has no ready endpoint" in text
    assert "PodDisruptionBudget backend-service selects no pod" in text
    assert "goes from 3 to 50 pods, and the settings say 3 to 6" in text
    deployed.up(refresh=True)


def test_an_autoscaler_that_cannot_read_its_metrics_is_red(project, deployed):
    project.kubectl(
        "patch",
        "hpa",
        "backend-service",
        "--type=json",
        "-p",
        '[{"op":"replace","path":"/spec/metrics/0/containerResource/container","value":"gone"}]',
    )
    project.kubectl("wait", "hpa/backend-service", "--for=condition=ScalingActive=False", "--timeout=120s")
    text = red(deployed)
    assert "HorizontalPodAutoscaler backend-service cannot scale: ScalingActive is False (FailedGet" in text
    deployed.up(refresh=True)


def test_pods_all_in_one_zone_though_more_exist_are_red(project, deployed):
    for node in ("zone-b-1", "zone-c-1"):
        project.kubectl("cordon", node)
    project.kubectl("rollout", "restart", "deployment/backend-service")
    project.kubectl("rollout", "status", "deployment/backend-service", "--timeout=60s")
    for node in ("zone-b-1", "zone-c-1"):
        project.kubectl("uncordon", node)
    text = red(deployed)
    assert "all 3 pods are in zone zone-a, though zone-b, zone-c take pods too" in text
