"""A stack that grows from one cluster to several, releases to them in order, and shrinks again.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from components import folders
from components.inspection.client import Client
from components.inspection.observation import Observation, observe
from tests.engine.conftest import PROTECTS_NOTHING, Project

pytestmark = pytest.mark.slow

EAST = {"name": "east", "cluster": {"kind": "local"}, "adoptedFromCluster": True}
WEST = {
    "name": "west",
    "cluster": {"kind": "local", "zones": ["zone-a", "zone-b"], "nodesPerZone": 2},
    "backend": {"replicas": 4, "autoscaling": {"maxReplicas": 8}},
}
NORTH = {"name": "north", "cluster": {"kind": "local"}}
GOOD, BETTER = "ghcr.io/stefanprodan/podinfo:6.9.1", "ghcr.io/stefanprodan/podinfo:6.9.2"
BAD = "registry.invalid/backend:1"


@pytest.fixture(scope="module")
def stack(project: Project) -> Iterator[Project]:
    """The stack on a single cluster, as every stack begins."""
    project.backend.update({"image": GOOD, "autoscaling": {"maxReplicas": 6, "cpuPercent": 40}})
    project.use_short_deadlines()
    project.write()
    output_of(project.command("up", "dev"))
    yield project
    project.command("destroy", "dev")


def output_of(result: subprocess.CompletedProcess[str], code: int = 0) -> str:
    """Return the output of a command, and assert its exit code."""
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout + result.stderr


def observation(project: Project, placement: str = "") -> Observation:
    folder = folders.cluster(project.folder, "dev", placement)
    return observe(Client((folder / "kubeconfig").read_text()), "backend-service", "backend-service")


def deployed(project: Project, placement: str = "") -> tuple[str, str, int]:
    """Return UID, image and generation of the Deployment."""
    deployment = observation(project, placement).deployment
    return deployment.metadata.uid, deployment.spec.template.spec.containers[0].image, deployment.metadata.generation


def outputs(project: Project) -> dict[str, Any]:
    """Return the stack's outputs."""
    text = project.command("env", "dev").stdout
    environment = dict(line.removeprefix("export ").split("=", 1) for line in text.splitlines())
    result = subprocess.run(
        ["pulumi", "stack", "output", "--json", "--stack", "dev"],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=True,
        env={**project.environment(), **{key: value.strip("'") for key, value in environment.items()}},
    )
    values: dict[str, Any] = json.loads(result.stdout)
    return values


def place(project: Project, *placements: dict[str, Any]) -> None:
    project.settings.pop("ha-backend:cluster", None)
    project.settings |= {
        "ha-backend:placements": list(placements),
        "ha-backend:balancer": {"healthCheckSeconds": 10, "ttlSeconds": 0},
    }
    project.write()


def test_the_existing_cluster_stays_when_it_becomes_one_of_two(stack: Project) -> None:
    before = deployed(stack)
    place(stack, EAST, WEST)
    review = output_of(stack.command("review", "dev", "--format", "json"))
    (preview,) = json.loads(review[review.index("[") : review.rindex("]") + 1])
    assert {one["op"] for one in preview["resources"]} == {"create"}, review
    assert preview["effect"] == "none"
    output = output_of(stack.command("up", "dev"))
    assert deployed(stack) == before
    assert "placement east:" in output and "placement west:" in output
    assert "loss of a cluster: survived, requests fail for 10 s, 42 % of the capacity left" in output
    values = outputs(stack)
    assert {name: one["weight"] for name, one in values["placements"].items()} == {"east": 43, "west": 57}
    assert all(one["endpoint"].startswith("http://") and one["healthPath"] for one in values["placements"].values())
    assert set(values["kubeconfigs"].values()) == {"[secret]"}
    assert len(observation(stack, "west").endpoints) == 4


def test_a_second_review_shows_no_change(stack: Project) -> None:
    review = output_of(stack.command("review", "dev", "--format", "json"))
    (preview,) = json.loads(review[review.index("[") : review.rindex("]") + 1])
    assert preview["resources"] == []


def test_a_bad_release_stops_at_the_first_cluster_and_the_second_is_not_touched(stack: Project) -> None:
    before = deployed(stack, "west")
    stack.backend["image"] = BAD
    stack.write()
    result = stack.command("up", "dev")
    assert result.returncode != 0
    text = result.stdout + result.stderr
    assert "ImagePullBackOff" in text and "3 pods keep serving" in text and "Traceback" not in text, text
    assert deployed(stack)[1] == BAD
    assert deployed(stack, "west") == before
    assert len(observation(stack).endpoints) == 3 and len(observation(stack, "west").endpoints) == 4


def test_a_release_that_fails_verification_stops_there_too(stack: Project) -> None:
    """The rollout succeeds, and the verification fails: somebody changed the disruption budget manually."""
    stack.backend["image"] = GOOD
    stack.write()
    output_of(stack.command("up", "dev"))
    before = deployed(stack, "west")
    stack.kubectl(*PROTECTS_NOTHING)
    stack.backend["image"] = BETTER
    stack.write()
    result = stack.command("up", "dev")
    assert result.returncode != 0
    assert "PodDisruptionBudget backend-service selects no pod" in result.stdout + result.stderr
    assert deployed(stack)[1] == BETTER
    assert deployed(stack, "west") == before


def test_a_good_release_reaches_all_clusters_in_order(stack: Project) -> None:
    output_of(stack.command("deploy", "dev", "--refresh"))  # reverts the manual change
    assert deployed(stack)[1] == deployed(stack, "west")[1] == BETTER


def test_a_failed_release_is_rolled_back_where_it_had_begun(stack: Project) -> None:
    before = deployed(stack, "west")
    stack.backend["image"] = BAD
    stack.write()
    output = output_of(stack.command("deploy", "dev"), 20)
    assert "3 pods of" in output and "west: Serving now: 4 pods" in output
    assert deployed(stack)[1] == BETTER and deployed(stack, "west") == before
    stack.backend["image"] = BETTER
    stack.write()


def test_a_cluster_is_added_in_front(stack: Project) -> None:
    before = [deployed(stack, name) for name in ("", "west")]
    place(stack, NORTH, EAST, WEST)
    output_of(stack.command("up", "dev"))
    assert [deployed(stack, name) for name in ("", "west")] == before
    assert set(outputs(stack)["placements"]) == {"north", "east", "west"}
    assert outputs(stack)["promise"]["cluster"]["capacityLeftPercent"] == 60


def test_a_cluster_is_removed_with_everything_on_it_and_the_promise_changes(stack: Project) -> None:
    before = [deployed(stack, name) for name in ("", "north")]
    place(stack, NORTH, EAST)
    review = stack.command("review", "dev")
    assert review.returncode == 14 and "placements" in review.stdout, review.stdout
    output_of(stack.command("up", "dev"))
    assert [deployed(stack, name) for name in ("", "north")] == before
    assert not folders.cluster(stack.folder, "dev", "west").exists()
    assert outputs(stack)["promise"]["cluster"]["capacityLeftPercent"] == 50


def test_the_list_cannot_shrink_to_one_cluster(stack: Project) -> None:
    place(stack, EAST)
    output = output_of(stack.command("up", "dev"), 1)
    assert "ha-backend:placements:" in output and "a list of 2 to 20 entries" in output


def test_back_to_one_cluster_replaces_nothing_on_it(stack: Project) -> None:
    before = deployed(stack)
    for key in ("ha-backend:placements", "ha-backend:balancer"):
        del stack.settings[key]
    stack.settings["ha-backend:cluster"] = {"kind": "local"}
    stack.write()
    output_of(stack.command("up", "dev"))
    assert deployed(stack) == before
    assert "endpoint" in outputs(stack) and not folders.cluster(stack.folder, "dev", "north").exists()


def test_destroy_leaves_nothing_of_several_clusters(stack: Project) -> None:
    place(stack, EAST, WEST)
    output_of(stack.command("up", "dev"))
    output_of(stack.command("destroy", "dev"))
    assert folders.clusters(stack.folder, "dev") == []
