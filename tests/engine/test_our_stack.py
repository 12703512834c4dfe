"""Our backend in drills, with the real engine: two at once on one cluster, one updated, one killed half-way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.devcluster.cluster import EmbeddedCluster
from components.inspection.client import Client
from lab.testbed.our_stack import DeployError, OurStack, on
from tests.support.quick import QUICK

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCluster]:
    """A cluster for both stacks."""
    made = EmbeddedCluster(tmp_path_factory.mktemp("cluster") / "kwok", ["zone-a", "zone-b", "zone-c"])
    made.start()
    yield made
    made.delete()


@pytest.fixture(scope="module")
def api(cluster: EmbeddedCluster) -> Client:
    return Client(cluster.kubeconfig.read_text())


@pytest.fixture(scope="module")
def pair(cluster: EmbeddedCluster, api: Client, tmp_path_factory: pytest.TempPathFactory) -> list[OurStack]:
    """Deploy both at once. The second is killed while its objects are being created, and continues."""
    folder, where = tmp_path_factory.mktemp("work"), on(cluster.kubeconfig, cluster.context)
    made = [OurStack(PROJECT, folder, name, where=where, settings=QUICK, log=print) for name in ("blue", "green")]
    assert all(ours.engine for ours in made)
    blue, green = (ours.start_deploy() for ours in made)
    kill_when(green, lambda: deployment(api, "green"))
    made[1].deploy()
    blue.wait(300)
    return made


def kill_when(running: Any, happened: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert running.running and time.monotonic() < deadline, running.output
        time.sleep(0.05)
    running.kill()
    with pytest.raises(DeployError, match="was killed"):
        running.wait()


def deployment(api: Client, namespace: str) -> Any:
    return api.call(api.AppsV1Api.read_namespaced_deployment, "backend-service", namespace)


def configuration(api: Client, namespace: str) -> Any:
    """Return the environment that the Deployment gives its pods."""
    (source, *_) = deployment(api, namespace).spec.template.spec.containers[0].env_from
    config_map: Any = api.call(api.CoreV1Api.read_namespaced_config_map, source.config_map_ref.name, namespace)
    return config_map.data


def test_both_serve_and_an_update_of_one_leaves_the_other_alone(pair: list[OurStack], api: Client) -> None:
    blue, green = pair
    before = deployment(api, "green").metadata.generation
    assert [deployment(api, ours.name).status.ready_replicas for ours in pair] == [3, 3]
    blue.deploy({"environment": {"COLOUR": "blue"}})
    assert configuration(api, "blue") == {"COLOUR": "blue"}
    assert deployment(api, "blue").status.updated_replicas == 3
    assert deployment(api, "green").metadata.generation == before
    assert green.backend.environment == {}


def test_a_deployment_killed_during_its_rollout_continues(pair: list[OurStack], api: Client) -> None:
    blue, _ = pair
    before = deployment(api, "blue")
    kill_when(
        blue.start_deploy({"environment": {"COLOUR": "navy"}}),
        lambda: deployment(api, "blue").metadata.generation != before.metadata.generation,
    )
    blue.deploy()
    after = deployment(api, "blue")
    assert configuration(api, "blue") == {"COLOUR": "navy"}
    assert (
        after.metadata.uid == before.metadata.uid and after.status.updated_replicas == after.status.ready_replicas == 3
    )


def test_a_rejection_by_the_cluster_is_reported(pair: list[OurStack], api: Client) -> None:
    with pytest.raises(DeployError, match=r"priorityClassName"):
        pair[0].deploy({"placement": {"priorityClassName": "nobody-made-it"}})
    pair[0].deploy({"placement": None})


def test_destroy_leaves_nothing(pair: list[OurStack], api: Client) -> None:
    for ours in pair:
        ours.destroy()
        assert api.call(api.CoreV1Api.read_namespace, ours.name) is None
        assert not ours._folder.exists()
