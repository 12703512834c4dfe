"""What the namespace may use: enough for whatever the backend may become, to the last byte."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from google.protobuf import json_format

from availability import timing
from components import HighlyAvailableBackend
from components.bounds import resource_quota
from components.scope import Scope
from settings.quantity import amount
from tests.unit.recording import Monitor, backend

EPHEMERAL = 64 * 2**20 + timing.LOG_BYTES
KINDS = ("cpu", "memory", "ephemeral-storage")


def hard(monitor: Monitor, **settings: Any) -> dict[str, str]:
    return dict(monitor.make(**settings).inputs("core/v1:ResourceQuota")["spec"]["hard"])


def test_the_quota_of_the_reference_workload(monitor: Monitor) -> None:
    pods = 2 * 10 + 3
    assert hard(monitor) == {
        "pods": "23", "requests.cpu": "11500m", "limits.cpu": "23000m",
        "requests.memory": str(pods * 128 * 2**20), "limits.memory": str(pods * 256 * 2**20),
        "requests.ephemeral-storage": str(pods * EPHEMERAL), "limits.ephemeral-storage": str(pods * EPHEMERAL)}


@pytest.mark.parametrize(("settings", "pods"), [
    ({"autoscaling": {"enabled": False}}, 2 * 3 + 1), ({"autoscaling": {"maxReplicas": 100}}, 2 * 100 + 25),
    ({"replicas": 1000, "autoscaling": {"enabled": False}}, 2 * 1000 + 250)])
def test_it_holds_the_largest_number_twice_and_the_surge(monitor: Monitor, settings: dict[str, Any], pods: int) -> None:
    assert hard(monitor, **settings)["pods"] == str(pods)


def charged(quantity: str) -> int:
    """Thousandths that the API server charges for one amount of one container: it rounds each up."""
    return math.ceil(amount(quantity) * 1000)


def needed(resources: dict[str, dict[str, str]], pods: int) -> dict[str, int]:
    return {f"{part}.{kind}": charged(resources[part][kind]) * pods for part in ("requests", "limits") for kind in KINDS}


def assert_room_for_a_rollout(allowed: dict[str, str], resources: dict[str, dict[str, str]], most: int) -> None:
    pods = 2 * most + math.ceil(most / 4)
    assert int(allowed["pods"]) >= pods
    for key, size in needed(resources, pods).items():
        assert amount(allowed[key]) * 1000 >= size, key


@pytest.mark.parametrize(("cpu", "memory", "storage"), [
    ("500m", "128Mi", "64Mi"), ("1", "1G", "1Gi"), (0.25, 268435456, "100M"), ("1.5m", "64Mi", "64Mi"),
    ("0.0015", "100.5Mi", "64Mi"), ("1e-3", "0.25Gi", "64Mi"), ("3", "4194305", "64Mi"), ("3", "1Gi", "0.125Gi")])
def test_the_last_pod_of_a_rollout_is_never_refused(monitor: Monitor, cpu: object, memory: object, storage: object) -> None:
    resources = {"requests": {"cpu": cpu, "memory": memory}, "limits": {"cpu": cpu, "memory": memory}}
    allowed = hard(monitor, resources={**resources, "temporaryStorage": storage}, autoscaling={"maxReplicas": 10})
    assert_room_for_a_rollout(allowed, monitor.container()["resources"], 10)


def drawn(source: random.Random) -> dict[str, Any]:
    """Settings of a backend of any size, in whole thousandths and whole bytes."""
    replicas = source.randint(1, 500)
    request, memory = source.randint(1, 4000), source.randint(4, 4096)
    scaling = {"enabled": source.random() < 0.8, "maxReplicas": replicas + source.randint(1, 500)}
    return {"replicas": replicas, "autoscaling": scaling,
            "resources": {"requests": {"cpu": f"{request}m", "memory": f"{memory}Mi"},
                          "limits": {"cpu": f"{request + source.randint(0, 4000)}m", "memory": f"{memory * 2}Mi"},
                          "temporaryStorage": f"{source.randint(4, 2048)}Mi"}}


def test_it_is_never_below_what_a_rollout_at_full_scale_needs(monitor: Monitor) -> None:
    source = random.Random(20250101)  # noqa: S311 (the same settings in every run)
    settings = [backend(**drawn(source)) for _ in range(150)]

    def program() -> None:
        whole = HighlyAvailableBackend("whole", backend())
        for number, given in enumerate(settings):
            resource_quota(Scope(f"{number}", given, whole), whole.namespace)
    monitor.run(program)
    found = {request.name.removesuffix("-quota"): json_format.MessageToDict(request.object)["spec"]["hard"]
             for request in monitor.all("core/v1:ResourceQuota")}
    for number, given in enumerate(settings):
        each = {**given.resources.model_dump(), "requests": given.resources.requests.model_dump(),
                "limits": given.resources.limits.model_dump()}
        for part in ("requests", "limits"):
            each[part]["ephemeral-storage"] = f"{timing.ephemeral_bytes(given):f}"
        assert_room_for_a_rollout(found[f"{number}"], each, given.max_replicas)


def test_a_container_that_says_nothing_gets_what_the_backend_has(monitor: Monitor) -> None:
    monitor.make(resources={"requests": {"cpu": "200m", "memory": "64Mi"}, "temporaryStorage": "1Gi"})
    (item,) = monitor.inputs("core/v1:LimitRange")["spec"]["limits"]
    written = "1088Mi"
    assert item == {"type": "Container",
                    "defaultRequest": {"cpu": "200m", "memory": "64Mi", "ephemeral-storage": written},
                    "default": {"cpu": "1000m", "memory": "256Mi", "ephemeral-storage": written}}


def test_what_a_pod_may_write_is_asked_for_and_bounded(monitor: Monitor) -> None:
    monitor.make(resources={"temporaryStorage": "1Gi"})
    resources, written = monitor.container()["resources"], "1088Mi"
    assert resources["requests"]["ephemeral-storage"] == resources["limits"]["ephemeral-storage"] == written
    (volume,) = monitor.pod()["volumes"]
    assert volume["emptyDir"]["sizeLimit"] == "1Gi"


def test_amounts_are_written_as_the_api_server_reads_them(monitor: Monitor) -> None:
    allowed = hard(monitor, resources={"requests": {"cpu": "1e-1", "memory": "1e8"}, "limits": {"cpu": "1e1", "memory": "2e8"},
                                       "temporaryStorage": "1e9"})
    assert allowed["limits.memory"] == str(23 * 2 * 10**8)
    for value in [*allowed.values(), *monitor.container()["resources"]["limits"].values()]:
        assert amount(value) > 0
