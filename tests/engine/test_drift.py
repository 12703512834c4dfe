"""`make drift` on the real engine: what was changed by hand is found, and put right without a restart where none is needed.

The tests of this file are one life, in the order of the file.
"""

from __future__ import annotations

import json

import pytest

from tests.engine.test_replicas import scale_out


@pytest.fixture(scope="module", autouse=True)
def up(project):
    project.impatient()
    project.write()
    done = project.engine("deploy", "dev")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    yield
    project.make("destroy")


def drift(project, code):
    done = project.engine("drift", "dev")
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def patch(project, kind, change):
    project.kubectl("patch", kind, "backend-service", "--type=merge", "-p", json.dumps(change))


def pods(project):
    found = project.kubectl("get", "pods", "-o", "json")["items"]
    return sorted(pod["metadata"]["uid"] for pod in found if "deletionTimestamp" not in pod["metadata"])


def put_right(project):
    with project.watching() as watch:
        done = project.engine("deploy", "dev", "--refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    drift(project, 0)
    assert project.engine("preview", "dev", "--expect-no-changes").returncode == 0
    return done, watch


def test_there_is_none_right_after_a_deployment_nor_while_the_autoscaler_has_scaled(project):
    assert "no drift: the cluster is as it was deployed" in drift(project, 0)
    scale_out(project, "450m", 5)
    assert "no drift" in drift(project, 0)


def test_what_does_not_concern_pods_is_put_right_and_they_stay(project):
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
    for path, deployed, there in (
        ("spec.externalTrafficPolicy", "Local", "Cluster"),
        ("spec.maxReplicas", "6", "50"),
        ("spec.maxUnavailable", "1", "3"),
        ("spec.minReadySeconds", "1", "7"),
    ):
        assert f"| `{path}` | `{deployed}` | `{there}` |" in text, text
    assert "rolling restart" not in text and "spec.replicas" not in text
    assert project.kubectl("get", "pdb", "backend-service", "-o", "json")["spec"]["maxUnavailable"] == 3, (
        "nothing is changed"
    )
    done, watch = put_right(project)
    assert "rolling restart" not in done.stdout
    assert pods(project) == before and watch.least_endpoints >= 5
    assert (
        project.kubectl("get", "service", "backend-service", "-o", "json")["spec"]["externalTrafficPolicy"] == "Local"
    )


def test_requests_that_go_nowhere_and_a_budget_that_is_gone_are_put_right_and_pods_stay(project):
    before = pods(project)
    patch(project, "service", {"spec": {"selector": {"app.kubernetes.io/name": "nobody"}}})
    project.kubectl("delete", "pdb", "backend-service")
    text = drift(project, 30)
    assert "deleted by hand: made again" in text and "PodDisruptionBudget" in text
    assert "`nobody`" in text
    put_right(project)
    assert pods(project) == before


def test_a_changed_pod_template_takes_a_rolling_restart_and_it_is_said_before(project):
    image = project.backend["image"]
    project.kubectl("set", "image", "deployment/backend-service", "*=registry.example/by:hand")
    project.kubectl("rollout", "status", "deployment/backend-service", "--timeout=60s")
    text = drift(project, 30)
    assert "to put it right: **rolling restart**" in text and "`registry.example/by:hand` |" in text
    done, watch = put_right(project)
    assert "**rolling restart**" in done.stdout and watch.least_endpoints >= 3
    containers = project.kubectl("get", "deployment", "backend-service", "-o", "json")["spec"]["template"]["spec"][
        "containers"
    ]
    assert containers[0]["image"] == image
