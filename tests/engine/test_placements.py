"""A stack that goes from one cluster to several, releases to them in turn, and comes back to fewer: one life, in order."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from components.inspection.client import Client
from components.inspection.observation import observe
from components.runtime import folders

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
def life(project):
    """One cluster first, as every stack begins."""
    project.backend.update({"image": GOOD, "autoscaling": {"maxReplicas": 6, "cpuPercent": 40}})
    project.impatient()
    project.write()
    done(project.engine("up", "dev"))
    yield project
    project.engine("destroy", "dev")


def done(ran, code: int = 0):
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def seen(project, placement: str = ""):
    folder = folders.cluster(project.folder, "dev", placement)
    return observe(Client((folder / "kubeconfig").read_text()), "backend-service", "backend-service")


def deployed(project, placement: str = "") -> tuple[str, str, int]:
    found = seen(project, placement).deployment
    return found.metadata.uid, found.spec.template.spec.containers[0].image, found.metadata.generation


def outputs(project) -> dict[str, Any]:
    text = project.engine("env", "dev").stdout
    environment = dict(line.removeprefix("export ").split("=", 1) for line in text.splitlines())
    ran = subprocess.run(
        ["pulumi", "stack", "output", "--json", "--stack", "dev"],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=True,
        env={**project._surroundings(), **{key: value.strip("'") for key, value in environment.items()}},
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def placed(project, *placements: dict[str, Any]) -> None:
    project.settings.pop("ha-backend:cluster", None)
    project.settings |= {
        "ha-backend:placements": list(placements),
        "ha-backend:balancer": {"healthCheckSeconds": 10, "ttlSeconds": 0},
    }
    project.write()


def test_the_cluster_that_was_there_stays_when_it_becomes_one_of_two(life):
    before = deployed(life)
    placed(life, EAST, WEST)
    review = done(life.engine("review", "dev", "--format", "json"))
    (found,) = json.loads(review[review.index("[") : review.rindex("]") + 1])
    assert {one["op"] for one in found["resources"]} == {"create"}, review
    assert found["effect"] == "none"
    said = done(life.engine("up", "dev"))
    assert deployed(life) == before
    assert "placement east:" in said and "placement west:" in said
    assert "a cluster is lost: survived, requests fail for 10 s, 42 % of the capacity left" in said
    found = outputs(life)
    assert {name: one["weight"] for name, one in found["placements"].items()} == {"east": 43, "west": 57}
    assert all(one["endpoint"].startswith("http://") and one["healthPath"] for one in found["placements"].values())
    assert set(found["kubeconfigs"].values()) == {"[secret]"}
    assert len(seen(life, "west").endpoints) == 4


def test_nothing_changes_where_nothing_did(life):
    review = done(life.engine("review", "dev", "--format", "json"))
    (found,) = json.loads(review[review.index("[") : review.rindex("]") + 1])
    assert found["resources"] == []


def test_a_bad_release_stops_at_the_first_cluster_and_the_second_is_not_touched(life):
    before = deployed(life, "west")
    life.backend["image"] = BAD
    life.write()
    said = life.engine("up", "dev")
    assert said.returncode != 0
    text = said.stdout + said.stderr
    assert "ImagePullBackOff" in text and "3 pods serve on" in text and "Traceback" not in text, text
    assert deployed(life)[1] == BAD
    assert deployed(life, "west") == before
    assert len(seen(life).endpoints) == 3 and len(seen(life, "west").endpoints) == 4


def test_a_release_that_the_proof_finds_red_stops_there_too(life):
    """Kubernetes is content with the new pods; the proof is not: somebody has changed the disruption budget by hand."""
    life.backend["image"] = GOOD
    life.write()
    done(life.engine("up", "dev"))
    before = deployed(life, "west")
    life.kubectl(
        "patch",
        "pdb",
        "backend-service",
        "--type=merge",
        "-p",
        '{"spec":{"selector":{"matchLabels":{"app.kubernetes.io/name":"x"}}}}',
    )
    life.backend["image"] = BETTER
    life.write()
    said = life.engine("up", "dev")
    assert said.returncode != 0 and "PodDisruptionBudget backend-service selects no pod" in said.stdout + said.stderr
    assert deployed(life)[1] == BETTER
    assert deployed(life, "west") == before


def test_a_good_release_goes_through_all_in_order(life):
    done(life.engine("deploy", "dev", "--refresh"))  # which takes back what was changed by hand
    assert deployed(life)[1] == deployed(life, "west")[1] == BETTER


def test_a_release_that_fails_is_taken_back_where_it_had_begun(life):
    before = deployed(life, "west")
    life.backend["image"] = BAD
    life.write()
    said = done(life.engine("deploy", "dev"), 20)
    assert "3 pods of" in said and "west: What serves now: 4 pods" in said
    assert deployed(life)[1] == BETTER and deployed(life, "west") == before
    life.backend["image"] = BETTER
    life.write()


def test_one_more_is_added_in_front(life):
    before = [deployed(life, place) for place in ("", "west")]
    placed(life, NORTH, EAST, WEST)
    done(life.engine("up", "dev"))
    assert [deployed(life, place) for place in ("", "west")] == before
    assert set(outputs(life)["placements"]) == {"north", "east", "west"}
    assert outputs(life)["promise"]["cluster"]["capacityLeftPercent"] == 60


def test_one_is_removed_with_all_that_was_on_it_and_the_promise_is_another(life):
    before = [deployed(life, place) for place in ("", "north")]
    placed(life, NORTH, EAST)
    review = life.engine("review", "dev")
    assert review.returncode == 14 and "placements" in review.stdout, review.stdout
    done(life.engine("up", "dev"))
    assert [deployed(life, place) for place in ("", "north")] == before
    assert not folders.cluster(life.folder, "dev", "west").exists()
    assert outputs(life)["promise"]["cluster"]["capacityLeftPercent"] == 50


def test_the_last_but_one_cannot_be_removed_from_the_list(life):
    placed(life, EAST)
    said = done(life.engine("up", "dev"), 1)
    assert "ha-backend:placements:" in said and "a list of 2 to 20 entries" in said


def test_back_to_one_cluster_replaces_nothing_of_it(life):
    before = deployed(life)
    for key in ("ha-backend:placements", "ha-backend:balancer"):
        del life.settings[key]
    life.settings["ha-backend:cluster"] = {"kind": "local"}
    life.write()
    done(life.engine("up", "dev"))
    assert deployed(life) == before
    assert "endpoint" in outputs(life) and not folders.cluster(life.folder, "dev", "north").exists()


def test_destroy_leaves_nothing_of_several(life):
    placed(life, EAST, WEST)
    done(life.engine("up", "dev"))
    done(life.engine("destroy", "dev"))
    assert folders.clusters(life.folder, "dev") == []
