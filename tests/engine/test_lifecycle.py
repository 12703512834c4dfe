"""The life of one stack on the real engine: up, no change, update, a dead cluster, destroy.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import base64
import json

import pytest
from pulumi import automation as auto

from components.devcluster import processes
from tests.engine.conftest import Project, counts, stored_resources


@pytest.fixture(scope="module")
def stack(project: Project) -> auto.Stack:
    """The stack, not deployed yet."""
    return project.stack()


def test_up_creates_everything_and_waits_until_it_is_verified(project: Project, stack: auto.Stack) -> None:
    result = stack.up()
    assert result.summary.resource_changes == {"create": 18}
    deployment = project.kubectl("get", "deployment", "backend-service", "-o", "json")
    assert deployment["status"]["readyReplicas"] == 3
    autoscaler = project.kubectl("get", "hpa", "backend-service", "-o", "json")
    assert {c["type"]: c["status"] for c in autoscaler["status"]["conditions"]}["ScalingActive"] == "True"
    budget = project.kubectl("get", "pdb", "backend-service", "-o", "json")
    assert budget["status"]["disruptionsAllowed"] >= 1
    service = project.kubectl("get", "service", "backend-service", "-o", "json")
    assert result.outputs["endpoint"].value == "http://" + service["status"]["loadBalancer"]["ingress"][0]["ip"]


def test_the_state_contains_the_cluster_and_no_secret_in_plain_text(project: Project, stack: auto.Stack) -> None:
    exported = project.stored_state()  # from disk: the export of the Automation API decrypts
    assert "pulumi-python:dynamic/local:EmbeddedCluster" in exported
    for line in project.cluster.kubeconfig.read_text().split():
        assert len(line) < 40 or line not in exported
    secrets = project.kubectl("get", "secrets", "-o", "json")["items"]
    values = [value for secret in secrets for value in (secret.get("data") or {}).values()]
    assert values
    for value in values:
        assert value not in exported and base64.b64decode(value).decode() not in exported
    assert stack.outputs()["kubeconfig"].secret


def test_a_second_preview_and_up_change_nothing(stack: auto.Stack) -> None:
    assert set(counts(stack.preview(expect_no_changes=True).change_summary)) == {"same"}
    assert set(counts(stack.up().summary.resource_changes)) == {"same"}


def test_a_changed_environment_replaces_only_its_config_map(project: Project, stack: auto.Stack) -> None:
    before = project.kubectl("get", "deployment", "backend-service", "-o", "json")["metadata"]["uid"]
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = "changed"
    project.write()
    changes = stack.up().summary.resource_changes
    # The ConfigMap is replaced. The Deployment and the component's own inputs are updated.
    assert changes == {"replace": 1, "update": 2, "same": 15}
    assert project.kubectl("get", "deployment", "backend-service", "-o", "json")["metadata"]["uid"] == before
    assert set(counts(stack.preview().change_summary)) == {"same"}


def test_refresh_shows_no_phantom_change(stack: auto.Stack) -> None:
    changes = counts(stack.refresh().summary.resource_changes)
    assert set(changes) <= {"same", "update"}
    assert set(counts(stack.preview().change_summary)) == {"same"}


def test_up_starts_a_stopped_cluster_with_its_contents(project: Project, stack: auto.Stack) -> None:
    uid = project.kubectl("get", "deployment", "backend-service", "-o", "json")["metadata"]["uid"]
    processes.kill(project.cluster.folder)
    stack.up()
    assert project.kubectl("get", "deployment", "backend-service", "-o", "json")["metadata"]["uid"] == uid


@pytest.mark.slow
def test_refresh_notices_a_deleted_cluster_and_up_creates_it_again(project: Project, stack: auto.Stack) -> None:
    project.cluster.delete()
    stack.refresh()
    assert "EmbeddedCluster" not in json.dumps([r["type"] for r in stored_resources(stack)])
    stack.up()
    assert project.kubectl("get", "deployment", "backend-service", "-o", "json")["status"]["readyReplicas"] == 3


@pytest.mark.slow
def test_a_changed_input_of_the_cluster_replaces_it_with_everything_on_it(project: Project, stack: auto.Stack) -> None:
    uid = project.kubectl("get", "deployment", "backend-service", "-o", "json")["metadata"]["uid"]
    project.settings["ha-backend:cluster"]["nodesPerZone"] = 2
    project.write()
    assert counts(stack.up().summary.resource_changes)["replace"] > 2
    assert len(project.kubectl("get", "nodes", "-o", "json")["items"]) == 6
    assert project.kubectl("get", "deployment", "backend-service", "-o", "json")["metadata"]["uid"] != uid


def test_destroy_leaves_no_resource_no_process_and_no_directory(project: Project, stack: auto.Stack) -> None:
    stack.destroy()
    assert stored_resources(stack) == []
    assert not project.cluster.folder.exists()
    assert processes.of_cluster(project.cluster.folder) == []
