"""A setting with its old name is rejected with the new one, and nothing else is reported about it."""

from __future__ import annotations

from typing import Any

import pytest

from components.settings.renames import RENAMED
from tests.support import cluster_api
from tests.support.fake_engine import IMAGE
from tests.support.problems import EXISTING, LOCAL, rejected

BACKEND: list[tuple[str, dict[str, Any]]] = [
    ("loadBalancer.checkSeconds", {"loadBalancer": {"checkSeconds": 300}}),
    ("ingress.noticeSeconds", {"ingress": {"hosts": ["shop.example.com"], "noticeSeconds": 100}}),
    ("route.noticeSeconds", {"route": {"parentRefs": [{"name": "public"}], "noticeSeconds": 100}}),
    ("rollout.deadlineSeconds", {"rollout": {"deadlineSeconds": 900}, "health": {"startupSeconds": 600}}),
    ("resources.temporaryStorage", {"resources": {"temporaryStorage": "1Gi"}}),
    ("network.servedFrom", {"network": {"servedFrom": ["ingress"]}}),
    ("network.metricsFrom", {"network": {"metricsFrom": ["monitoring"]}, "metricsPort": 9090}),
]
PLACEMENTS = [
    {"name": "east", "cluster": LOCAL, "wasCluster": True},
    {"name": "west", "cluster": EXISTING},
]


def text(old: str) -> str:
    return f"was renamed to {RENAMED[old]}: use the new name [renamed-setting]"


@pytest.mark.parametrize(("key", "backend"), BACKEND, ids=[key for key, _ in BACKEND])
def test_of_the_backend(key: str, backend: dict[str, Any]) -> None:
    assert rejected({"image": IMAGE, **backend}, EXISTING) == {f"backend.{key}": text(key.rsplit(".", maxsplit=1)[-1])}


def test_of_a_cluster() -> None:
    workers = [{"name": "web", "mostMachinesPerZone": 3}]
    assert rejected({"image": IMAGE}, cluster_api.cluster_values("aws", workers=workers)) == {
        "cluster.workers[0].mostMachinesPerZone": text("mostMachinesPerZone")
    }


def test_of_a_placement_and_of_the_balancer() -> None:
    backend = {"image": IMAGE, "autoscaling": {"cpuPercent": 50}}
    assert rejected(backend, None, placements=PLACEMENTS, balancer={"checkSeconds": 30}) == {
        "placements.east.wasCluster": text("wasCluster"),
        "balancer.checkSeconds": text("checkSeconds"),
    }


def test_every_rename_is_tried() -> None:
    tried = {key.split(".")[-1] for key, _ in BACKEND} | {"mostMachinesPerZone", "wasCluster"}
    assert tried == RENAMED.keys()


def test_an_old_name_elsewhere_is_an_unknown_key() -> None:
    found = rejected({"image": IMAGE, "checkSeconds": 3}, EXISTING)
    assert found["backend.checkSeconds"].startswith("unknown key")
