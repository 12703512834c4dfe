"""The quota of a namespace, and the defaults of containers that state no resources."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from google.protobuf import json_format

from components import HighlyAvailableBackend
from components.backend_scope import BackendScope
from components.resource_quota import resource_quota
from components.settings.quantity import amount
from tests.support.fake_engine import Monitor, backend


def hard(monitor: Monitor, **settings: Any) -> dict[str, str]:
    return dict(monitor.make(**settings).inputs("core/v1:ResourceQuota")["spec"]["hard"])


SIZES: list[dict[str, Any]] = [
    {},
    {"tmpSizeLimit": "1Gi"},
    {"requests": {"cpu": "1e-3", "memory": "4Mi"}, "limits": {"cpu": 64, "memory": "1Ti"}},
    {"requests": {"cpu": "0.0015", "memory": "4194305"}},
]


@pytest.mark.parametrize("resources", SIZES)
def test_only_pods_are_bounded(monitor: Monitor, resources: dict[str, Any]) -> None:
    """A bound on CPU or memory would shrink with the pods, and reject new ones while larger old ones still run."""
    assert hard(monitor, resources=resources) == {"pods": "36"}
    assert set(monitor.inputs("core/v1:ResourceQuota")["spec"]) == {"hard"}


@pytest.mark.parametrize(
    ("settings", "pods"),
    [
        ({"autoscaling": {"enabled": False}}, 3 * 3 + 2 * 1),
        ({"autoscaling": {"maxReplicas": 100}}, 3 * 100 + 2 * 25),
        ({"replicas": 1000, "autoscaling": {"enabled": False}}, 3 * 1000 + 2 * 250),
    ],
)
def test_it_allows_a_rollout_and_its_rollback_at_full_scale(
    monitor: Monitor, settings: dict[str, Any], pods: int
) -> None:
    assert hard(monitor, **settings)["pods"] == str(pods)


def random_settings(source: random.Random) -> dict[str, Any]:
    """Return settings of a backend of any size, in whole thousandths and whole bytes."""
    replicas = source.randint(1, 500)
    request, memory = source.randint(1, 4000), source.randint(4, 4096)
    scaling = {"enabled": source.random() < 0.8, "maxReplicas": replicas + source.randint(1, 500)}
    return {
        "replicas": replicas,
        "autoscaling": scaling,
        "resources": {
            "requests": {"cpu": f"{request}m", "memory": f"{memory}Mi"},
            "limits": {"cpu": f"{request + source.randint(0, 4000)}m", "memory": f"{memory * 2}Mi"},
            "tmpSizeLimit": f"{source.randint(4, 2048)}Mi",
        },
    }


def test_it_always_allows_a_rollout_at_full_scale(monitor: Monitor) -> None:
    source = random.Random(20250101)  # noqa: S311 (the same settings in every run)
    settings = [backend(**random_settings(source)) for _ in range(150)]

    def program() -> None:
        whole = HighlyAvailableBackend("whole", backend())
        for number, given in enumerate(settings):
            assert whole.namespace
            resource_quota(BackendScope(f"{number}", given, whole).namespace_scope, whole.namespace, [given])

    monitor.run(program)
    found = {
        request.name.removesuffix("-quota"): json_format.MessageToDict(request.object)["spec"]["hard"]
        for request in monitor.all("core/v1:ResourceQuota")
    }
    for number, given in enumerate(settings):
        allowed, most = found[f"{number}"], given.max_replicas
        assert set(allowed) == {"pods"}
        assert int(allowed["pods"]) >= 3 * most + 2 * math.ceil(most / 4)


def test_a_container_without_resources_gets_those_of_the_backend(monitor: Monitor) -> None:
    monitor.make(resources={"requests": {"cpu": "200m", "memory": "64Mi"}, "tmpSizeLimit": "1Gi"})
    (item,) = monitor.inputs("core/v1:LimitRange")["spec"]["limits"]
    storage = "1280Mi"
    assert item == {
        "type": "Container",
        "defaultRequest": {"cpu": "200m", "memory": "64Mi", "ephemeral-storage": storage},
        "default": {"cpu": "1000m", "memory": "256Mi", "ephemeral-storage": storage},
    }


def test_ephemeral_storage_is_requested_and_limited(monitor: Monitor) -> None:
    monitor.make(resources={"tmpSizeLimit": "1Gi"})
    resources, storage = monitor.container()["resources"], "1280Mi"
    assert resources["requests"]["ephemeral-storage"] == resources["limits"]["ephemeral-storage"] == storage
    (volume,) = monitor.pod()["volumes"]
    assert volume["emptyDir"]["sizeLimit"] == "1Gi"


def test_quantities_are_those_of_the_api_server(monitor: Monitor) -> None:
    monitor.make(
        resources={
            "requests": {"cpu": "1e-1", "memory": "1e8"},
            "limits": {"cpu": "1e1", "memory": "2e8"},
            "tmpSizeLimit": "1e9",
        }
    )
    (item,) = monitor.inputs("core/v1:LimitRange")["spec"]["limits"]
    limits = monitor.container()["resources"]["limits"]
    assert item["default"] == limits
    assert amount(limits["ephemeral-storage"]) == 10**9 + 256 * 2**20
    for value in [*limits.values(), *monitor.container()["resources"]["requests"].values()]:
        assert amount(value) > 0
