"""The settings of a stack with several clusters: overrides, and every problem at its key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.availability import placement_conflicts, stack_conflicts
from components.settings import Settings, SettingsError, load
from components.settings.placements import MAY_DIFFER, SAME
from tests.support.fake_engine import IMAGE

LOCAL: dict[str, Any] = {"kind": "local"}
THERE = {"kind": "existing", "kubeconfig": "k", "context": "c"}
BACKEND = {"image": IMAGE, "autoscaling": {"cpuPercent": 50}}
OVER = {"healthCheckSeconds": 10, "ttlSeconds": 0}
EAST, WEST = {"name": "east", "cluster": LOCAL}, {"name": "west", "cluster": THERE}


def loaded(placements: Any = (EAST, WEST), backend: Any = None, balancer: Any = None, **more: Any) -> Settings:
    said = {
        "placements": list(placements) if isinstance(placements, tuple) else placements,
        "backend": BACKEND if backend is None else backend,
        "balancer": OVER if balancer is None else balancer,
        **more,
    }
    config = {f"ha-backend:{key}": json.dumps(value) for key, value in said.items() if value != "omitted"}
    return load(config, (), stack_conflicts, placement_conflicts)


def rejected(*args: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        loaded(*args, **more)
    return {problem.key.removeprefix("ha-backend:"): problem.text for problem in caught.value.problems}


def test_sites_keep_the_order_of_the_stack_file() -> None:
    assert [site.name for site in loaded((WEST, EAST)).sites] == ["west", "east"]
    assert [site.cluster.kind for site in loaded().sites] == ["local", "existing"]


def test_a_stack_with_one_cluster_has_one_site_without_a_name() -> None:
    (site,) = load({"ha-backend:cluster": json.dumps(LOCAL), "ha-backend:backend": json.dumps(BACKEND)}).sites
    assert (site.name, site.distinct, site.key, site.backend.image) == ("", "", "ha-backend:cluster", IMAGE)


def test_overrides_are_merged_by_key_and_lists_are_replaced() -> None:
    common = {
        **BACKEND,
        "environment": {"A": "1", "B": "2"},
        "network": {"egress": [{"cidr": "10.0.0.0/8"}]},
        "podTemplate": {"metadata": {"annotations": {"a/b": "c"}}},
        "resources": {"limits": {"cpu": 1, "memory": "1Gi"}},
    }
    west = {
        **WEST,
        "backend": {"environment": {"B": "3"}, "network": {"egress": []}, "resources": {"limits": {"cpu": "1500m"}}},
    }
    here, there = (site.backend for site in loaded((EAST, west), common).sites)
    assert (here.environment, there.environment) == ({"A": "1", "B": "2"}, {"A": "1", "B": "3"})
    assert (len(here.network.egress), len(there.network.egress)) == (1, 0)
    assert (there.resources.limits.cpu, there.resources.limits.memory) == ("1500m", "1Gi")
    assert here.pod_template == there.pod_template
    assert here.autoscaling == there.autoscaling


def test_every_key_of_the_backend_is_in_one_list() -> None:
    from components.settings import BackendSettings

    assert {*MAY_DIFFER, *SAME} == {field.alias or name for name, field in BackendSettings.model_fields.items()}
    assert len(MAY_DIFFER) + len(SAME) == len(BackendSettings.model_fields)


@pytest.mark.parametrize("key", SAME)
def test_settings_of_the_release_cannot_differ(key: str) -> None:
    text = rejected(({**EAST, "backend": {key: "x"}}, WEST))[f"placements.east.backend.{key}"]
    assert text == "cannot differ between clusters: set it in `backend`, for all of them [placement-override]"


@pytest.mark.parametrize(
    ("placements", "key", "text"),
    [
        ([EAST], "placements", "a list of 2 to 20 entries"),
        ([], "placements", "a list of 2 to 20 entries"),
        ("east", "placements", "a list of 2 to 20 entries"),
        ((EAST, {**WEST, "name": "east"}), "placements[1].name", "'east' is also the name of placements[0]"),
        ((EAST, {**WEST, "name": "We st"}), "placements[1].name", "lowercase letters"),
        ((EAST, {"name": "west"}), "placements.west.cluster", "is required. The cluster to run on"),
        ((EAST, {**WEST, "cluster": {"kind": "lokal"}}), "placements.west.cluster", "did you mean 'local'?"),
        (
            (EAST, {**WEST, "cluster": {**LOCAL, "zone": ["a"]}}),
            "placements.west.cluster.zone",
            "did you mean 'zones'?",
        ),
        ((EAST, {**WEST, "backnd": {}}), "placements.west.backnd", "did you mean 'backend'?"),
        ((EAST, {**WEST, "backend": {"replica": 3}}), "placements.west.backend.replica", "did you mean 'replicas'?"),
        (
            (EAST, {**WEST, "backend": {"replicas": "3"}}),
            "placements.west.backend.replicas",
            "an integer from 1 to 1000",
        ),
        ((EAST, {**WEST, "backend": 3}), "placements.west.backend", "an object"),
        ((EAST, 3), "placements[1]", "an object"),
        ((WEST, {**WEST, "name": "other"}), "placements.other.cluster.context", "is the same as in placements.west"),
        (
            tuple({"name": name, "cluster": {**THERE, "context": name, "identifier": "one"}} for name in ("a", "b")),
            "placements.b.cluster.identifier",
            "is the same as in placements.a",
        ),
        (
            tuple({"name": name, "cluster": {**LOCAL, "apiPort": 7000}} for name in ("a", "b")),
            "placements.b.cluster.apiPort",
            "is the same as in placements.a",
        ),
        (
            tuple({"name": name, "cluster": {"kind": "stack-reference", "stack": "o/p/s"}} for name in ("a", "b")),
            "placements.b.cluster.stack",
            "is the same as in placements.a",
        ),
        (
            ({**EAST, "adoptedFromCluster": True}, {**WEST, "adoptedFromCluster": True}),
            "placements.west.adoptedFromCluster",
            "keep it for the placement that was that cluster",
        ),
    ],
)
def test_it_is_rejected(placements: Any, key: str, text: str) -> None:
    assert text in rejected(placements)[key]


def test_a_cluster_next_to_placements_is_rejected() -> None:
    assert set(rejected(cluster=LOCAL)) == {"cluster"}


def test_a_balancer_is_required_with_placements_and_only_then() -> None:
    assert rejected(balancer="omitted")["balancer"].startswith("is required. ")
    text = rejected("omitted", cluster=LOCAL)["balancer"]
    assert text.startswith("distributes requests over several clusters, and there is one")
    assert "did you mean 'healthCheckSeconds'?" in rejected(balancer={"checkSecond": 3})["balancer.checkSecond"]


def test_a_problem_on_every_cluster_is_reported_once() -> None:
    assert set(rejected(backend={"image": IMAGE, "replicas": 0})) == {"backend.replicas"}
    assert set(rejected(backend="omitted")) == {"backend"}


def test_a_problem_on_one_cluster_is_reported_there() -> None:
    one_zone = {**EAST, "cluster": {**LOCAL, "zones": ["a"], "nodesPerZone": 4}}
    problems = rejected((one_zone, WEST), {**BACKEND, "survive": "zone"})
    assert set(problems) == {"placements.east.backend.survive"}


def test_a_target_that_cannot_survive_the_loss_of_a_cluster_is_rejected() -> None:
    problems = rejected(backend={"image": IMAGE, "autoscaling": {"cpuPercent": 60}})
    assert problems == {
        "backend.autoscaling.cpuPercent": "60 is too high to survive the loss of a cluster: the pods on the other "
        "clusters would need more CPU than they have: lower it to 50, or use more clusters "
        "[utilization-too-high-for-cluster-loss]"
    }


def test_a_target_that_cannot_survive_the_loss_of_a_larger_cluster_is_rejected() -> None:
    problems = rejected((EAST, {**WEST, "backend": {"replicas": 6, "autoscaling": {"maxReplicas": 20}}}))
    assert "lower it to 33" in problems["backend.autoscaling.cpuPercent"]


def test_all_problems_at_once() -> None:
    problems = rejected(
        ({**EAST, "cluster": {**LOCAL, "zones": []}}, {**WEST, "backend": {"replicas": 0}}),
        {"image": "x:latest"},
        {"ttlSeconds": -1},
        protct=True,
    )
    assert set(problems) == {
        "placements.east.cluster.zones",
        "placements.west.backend.replicas",
        "backend.image",
        "balancer.healthCheckSeconds",
        "balancer.ttlSeconds",
        "protct",
    }
