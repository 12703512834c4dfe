"""`make drift` on the real engine: manual changes are found, and restored without a restart if none is needed.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.conftest import Project, Watch
from tests.engine.test_replicas import scale_out


@pytest.fixture(scope="module", autouse=True)
def up(project: Project) -> Iterator[None]:
    """Deploy the stack."""
    project.use_short_deadlines()
    project.write()
    done = project.command("deploy", "dev")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    yield
    project.make("destroy")


def drift(project: Project, code: int) -> str:
    """Return the report, and assert the exit code."""
    done = project.command("drift", "dev")
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def patch(project: Project, kind: str, change: dict[str, Any]) -> None:
    project.kubectl("patch", kind, "backend-service", "--type=merge", "-p", json.dumps(change))


def pods(project: Project) -> list[str]:
    items = project.kubectl("get", "pods", "-o", "json")["items"]
    return sorted(pod["metadata"]["uid"] for pod in items if "deletionTimestamp" not in pod["metadata"])


def restore(project: Project) -> tuple[subprocess.CompletedProcess[str], Watch]:
    """Restore what was deployed, and assert that there is no drift left."""
    with project.watching() as watch:
        done = project.command("deploy", "dev", "--refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    drift(project, 0)
    assert project.command("preview", "dev", "--expect-no-changes").returncode == 0
    return done, watch


def test_there_is_no_drift_after_a_deployment_or_while_the_autoscaler_has_scaled(project: Project) -> None:
    assert "no drift: the cluster is as it was deployed" in drift(project, 0)
    scale_out(project, "450m", 5)
    assert "no drift" in drift(project, 0)


def test_changes_outside_the_pod_template_are_restored_and_pods_stay(project: Project) -> None:
    patch(
        project,
        "service",
        {"metadata": {"labels": {"app.kubernetes.io/component": "hand"}}, "spec": {"externalTrafficPolicy": "Cluster"}},
    )
    patch(project, "hpa", {"spec": {"maxReplicas": 50}})
    patch(project, "pdb", {"spec": {"maxUnavailable": 3}})
    patch(
        project,
        "deployment",
        {"metadata": {"labels": {"app.kubernetes.io/component": "hand"}}, "spec": {"minReadySeconds": 7}},
    )
    before = pods(project)
    text = drift(project, 30)
    for path, deployed, live in (
        ("spec.externalTrafficPolicy", "Local", "Cluster"),
        ("spec.maxReplicas", "6", "50"),
        ("spec.maxUnavailable", "1", "3"),
        ("spec.minReadySeconds", "1", "7"),
    ):
        assert f"| `{path}` | `{deployed}` | `{live}` |" in text, text
    assert "rolling restart" not in text and "spec.replicas" not in text
    assert project.kubectl("get", "pdb", "backend-service", "-o", "json")["spec"]["maxUnavailable"] == 3, (
        "drift changes nothing"
    )
    done, watch = restore(project)
    assert "rolling restart" not in done.stdout
    assert pods(project) == before and watch.least_endpoints >= 5
    assert (
        project.kubectl("get", "service", "backend-service", "-o", "json")["spec"]["externalTrafficPolicy"] == "Local"
    )


def test_a_wrong_selector_and_a_deleted_budget_are_restored_and_pods_stay(project: Project) -> None:
    before = pods(project)
    patch(project, "service", {"spec": {"selector": {"app.kubernetes.io/name": "nobody"}}})
    project.kubectl("delete", "pdb", "backend-service")
    text = drift(project, 30)
    assert "deleted manually: created again" in text and "PodDisruptionBudget" in text
    assert "`nobody`" in text
    restore(project)
    assert pods(project) == before


@pytest.mark.slow
def test_restoring_a_changed_pod_template_is_reported_as_a_rolling_restart(project: Project) -> None:
    image = project.backend["image"]
    project.kubectl("set", "image", "deployment/backend-service", "*=registry.example/by:hand")
    project.kubectl("rollout", "status", "deployment/backend-service", "--timeout=60s")
    text = drift(project, 30)
    assert "restoring it takes: **rolling restart**" in text and "`registry.example/by:hand` |" in text
    done, watch = restore(project)
    assert "**rolling restart**" in done.stdout and watch.least_endpoints >= 3
    containers = project.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["template"]["spec"][
        "containers"
    ]
    assert containers[0]["image"] == image
