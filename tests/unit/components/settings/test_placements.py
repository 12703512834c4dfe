"""A stack with several clusters: what it may say, what is different where, and every problem at its place."""

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


def refused(*args: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        loaded(*args, **more)
    return {problem.key.removeprefix("ha-backend:"): problem.text for problem in caught.value.problems}


def test_the_order_is_the_one_that_is_written() -> None:
    assert [site.name for site in loaded((WEST, EAST)).sites] == ["west", "east"]
    assert [site.cluster.kind for site in loaded().sites] == ["local", "existing"]


def test_a_stack_with_one_cluster_has_one_site_without_a_name() -> None:
    (site,) = load({"ha-backend:cluster": json.dumps(LOCAL), "ha-backend:backend": json.dumps(BACKEND)}).sites
    assert (site.name, site.distinct, site.key, site.backend.image) == ("", "", "ha-backend:cluster", IMAGE)


def test_what_is_different_is_merged_by_key_and_a_list_is_replaced() -> None:
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


def test_every_key_of_the_backend_is_decided() -> None:
    from components.settings import BackendSettings

    assert {*MAY_DIFFER, *SAME} == {field.alias or name for name, field in BackendSettings.model_fields.items()}
    assert len(MAY_DIFFER) + len(SAME) == len(BackendSettings.model_fields)


@pytest.mark.parametrize("key", SAME)
def test_what_is_one_release_cannot_differ(key: str) -> None:
    text = refused(({**EAST, "backend": {key: "x"}}, WEST))[f"placements.east.backend.{key}"]
    assert text == "cannot differ from cluster to cluster: say it in `backend`, for all of them"


@pytest.mark.parametrize(
    ("placements", "key", "text"),
    [
        ([EAST], "placements", "a list of 2 to 20 entries"),
        ([], "placements", "a list of 2 to 20 entries"),
        ("east", "placements", "a list of 2 to 20 entries"),
        ((EAST, {**WEST, "name": "east"}), "placements[1].name", "'east' is the name of placements[0] too"),
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
        ((WEST, {**WEST, "name": "other"}), "placements.other.cluster.context", "is that of placements.west too"),
        (
            tuple({"name": name, "cluster": {**THERE, "context": name, "identifier": "one"}} for name in ("a", "b")),
            "placements.b.cluster.identifier",
            "is that of placements.a too",
        ),
        (
            tuple({"name": name, "cluster": {**LOCAL, "apiPort": 7000}} for name in ("a", "b")),
            "placements.b.cluster.apiPort",
            "is that of placements.a too",
        ),
        (
            tuple({"name": name, "cluster": {"kind": "stack-reference", "stack": "o/p/s"}} for name in ("a", "b")),
            "placements.b.cluster.stack",
            "is that of placements.a too",
        ),
        (
            ({**EAST, "adoptedFromCluster": True}, {**WEST, "adoptedFromCluster": True}),
            "placements.west.adoptedFromCluster",
            "leave it with the one",
        ),
    ],
)
def test_what_is_refused(placements: Any, key: str, text: str) -> None:
    assert text in refused(placements)[key]


def test_a_cluster_beside_them_is_refused() -> None:
    assert set(refused(cluster=LOCAL)) == {"cluster"}


def test_a_balancer_is_over_several_and_must_be_there() -> None:
    assert refused(balancer="omitted")["balancer"].startswith("is required. ")
    assert refused("omitted", cluster=LOCAL)["balancer"].startswith("is over several clusters, and there is one")
    assert "did you mean 'healthCheckSeconds'?" in refused(balancer={"checkSecond": 3})["balancer.checkSecond"]


def test_what_is_wrong_everywhere_is_said_once_where_all_have_it_from() -> None:
    assert set(refused(backend={"image": IMAGE, "replicas": 0})) == {"backend.replicas"}
    assert set(refused(backend="omitted")) == {"backend"}


def test_what_is_wrong_on_one_cluster_only_is_said_of_that_one() -> None:
    one_zone = {**EAST, "cluster": {**LOCAL, "zones": ["a"], "nodesPerZone": 4}}
    found = refused((one_zone, WEST), {**BACKEND, "survive": "zone"})
    assert set(found) == {"placements.east.backend.survive"}


def test_that_the_others_could_not_carry_the_load_is_refused() -> None:
    found = refused(backend={"image": IMAGE, "autoscaling": {"cpuPercent": 60}})
    assert found == {
        "backend.autoscaling.cpuPercent": "60 is too high to lose a cluster: the pods on the others would need "
        "more CPU than they have: lower it to 50, or use more clusters"
    }


def test_nor_where_one_cluster_is_much_larger() -> None:
    found = refused((EAST, {**WEST, "backend": {"replicas": 6, "autoscaling": {"maxReplicas": 20}}}))
    assert "lower it to 33" in found["backend.autoscaling.cpuPercent"]


def test_all_at_once() -> None:
    found = refused(
        ({**EAST, "cluster": {**LOCAL, "zones": []}}, {**WEST, "backend": {"replicas": 0}}),
        {"image": "x:latest"},
        {"ttlSeconds": -1},
        protct=True,
    )
    assert set(found) == {
        "placements.east.cluster.zones",
        "placements.west.backend.replicas",
        "backend.image",
        "balancer.healthCheckSeconds",
        "balancer.ttlSeconds",
        "protct",
    }
