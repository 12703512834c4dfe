"""All problems are reported at once, and no secret value is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from components.settings import SettingsError, load
from components.settings.validation_errors import describe
from tests.support.fake_engine import IMAGE
from tests.unit.components.availability.test_rules import CONFLICTS
from tests.unit.components.settings.consistency.test_conflicts import TOGETHER
from tests.unit.components.settings.test_autoscaling_errors import AUTOSCALING
from tests.unit.components.settings.test_backend_errors import BACKEND
from tests.unit.components.settings.test_cluster_errors import CLUSTER as CLUSTERS
from tests.unit.components.settings.test_errors_on_a_cluster import ON_ITS_CLUSTER

CLUSTER = {"ha-backend:cluster": '{"kind": "local"}'}


def reported(config: dict[str, str], secret_keys: tuple[str, ...] = ()) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(config, secret_keys)
    return caught.value


def keys(backend: dict[str, Any]) -> set[str]:
    error = reported({**CLUSTER, "ha-backend:backend": json.dumps(backend)})
    return {p.key.removeprefix("ha-backend:backend.") for p in error.problems}


def test_an_empty_stack_file() -> None:
    error = reported({})
    assert [p.key for p in error.problems] == ["ha-backend:cluster", "ha-backend:backend"]
    assert all(p.text.startswith("is required. ") for p in error.problems)


def test_a_missing_image() -> None:
    (problem,) = reported({**CLUSTER, "ha-backend:backend": "{}"}).problems
    assert problem.key == "ha-backend:backend.image"
    assert problem.text.startswith("is required. Container image with a tag")


def test_values_that_are_not_json() -> None:
    error = reported({"ha-backend:cluster": "{kind: local", "ha-backend:backend": "nginx"})
    assert [p.key for p in error.problems] == ["ha-backend:cluster", "ha-backend:backend"]
    assert all("an object" in p.text for p in error.problems)


def test_configuration_of_the_default_provider_is_rejected() -> None:
    good = {**CLUSTER, "ha-backend:backend": json.dumps({"image": IMAGE})}
    (problem,) = reported({**good, "kubernetes:context": "elsewhere"}).problems
    assert problem.key == "kubernetes:context"
    assert "has no effect" in problem.text
    assert load({**good, "aws:region": "eu"}).backend.image == IMAGE, "configuration of other namespaces is ignored"


@pytest.mark.parametrize(("value", "good"), [("true", True), ("false", True), ("yes", False), ("1", False)])
def test_protect(value: str, good: bool) -> None:
    config = {**CLUSTER, "ha-backend:backend": json.dumps({"image": IMAGE}), "ha-backend:protect": value}
    if good:
        assert load(config).protect is (value == "true")
    else:
        assert "true or false" in str(reported(config))


def test_all_problems_at_once() -> None:
    error = reported(
        {
            "ha-backend:cluster": '{"kind": "local", "zones": []}',
            "ha-backend:backend": json.dumps(
                {"replicas": "3", "port": 0, "nmae": "x", "health": {"startupSeconds": 1}}
            ),
            "ha-backend:protct": "true",
            "kubernetes:kubeconfig": "x",
        }
    )
    assert {p.key for p in error.problems} == {
        "kubernetes:kubeconfig",
        "ha-backend:protct",
        "ha-backend:cluster.zones",
        "ha-backend:backend.image",
        "ha-backend:backend.replicas",
        "ha-backend:backend.port",
        "ha-backend:backend.nmae",
        "ha-backend:backend.health.startupSeconds",
    }
    lines = str(error).splitlines()
    assert lines[0] == "The settings have 8 problems:"
    assert len(lines) == 10
    assert lines[-1] == "The page Errors of the documentation explains the ids in brackets."


def test_all_conflicts_at_once() -> None:
    assert keys(
        {
            "image": IMAGE,
            "replicas": 20,
            "health": {"readinessPath": "/healthz"},
            "rollout": {"progressDeadlineSeconds": 60},
            "resources": {"requests": {"cpu": "9", "memory": "9Gi"}},
            "network": {"egress": [{}], "allowMetricsFrom": ["a"]},
            "shutdown": {"deregistrationSeconds": 5},
            "labels": {"k8s.io/a": "x", "pod-template-hash": "x"},
        }
    ) == {
        "autoscaling.maxReplicas",
        "network.allowMetricsFrom",
        "rollout.progressDeadlineSeconds",
        "resources.requests.cpu",
        "resources.requests.memory",
        "network.egress[0]",
        "shutdown.deregistrationSeconds",
        "labels.k8s.io/a",
        "labels.pod-template-hash",
    }


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ({"port": 0}, "port"),
        ({"nmae": "x"}, "nmae"),
        ({"image": "nginx"}, "image"),
        ({"environment": {"A": 1}}, "environment.A"),
        ({"environment": {"1A": "x"}}, "environment.1A"),
        ({"resources": {"requests": {"cpu": "x", "memory": "64Mi"}}}, "resources.requests.cpu"),
        ({"resources": {"requests": {"cpu": "1m"}}}, "resources.requests.memory"),
        ({"generatedSecrets": {"names": ["OK", "A-B"]}}, "generatedSecrets.names[1]"),
    ],
)
def test_an_invalid_value_and_a_conflict_elsewhere_are_reported_together(field: dict[str, Any], key: str) -> None:
    assert keys({"image": IMAGE, "replicas": 20, **field}) == {key, "autoscaling.maxReplicas"}


def test_a_missing_image_and_a_conflict_are_reported_together() -> None:
    assert keys({"replicas": 20}) == {"image", "autoscaling.maxReplicas"}


def test_an_invalid_value_causes_no_conflict() -> None:
    assert keys({"image": IMAGE, "replicas": "20", "autoscaling": {"maxReplicas": 2}}) == {"replicas"}
    assert keys({"image": IMAGE, "replicas": 20, "autoscaling": {"maxReplicas": "x"}}) == {"autoscaling.maxReplicas"}
    short = {"image": IMAGE, "shutdown": {"deregistrationSeconds": 5}}
    assert keys(short) == {"shutdown.deregistrationSeconds"}
    assert keys({**short, "loadBalancer": {"healthCheckSeconds": "1"}}) == {"loadBalancer.healthCheckSeconds"}
    assert keys({**short, "loadBalancer": {"externalTrafficPolicy": "cluster"}}) == {
        "loadBalancer.externalTrafficPolicy"
    }


@pytest.mark.parametrize("key", ["ha-backend:backend", "ha-backend:cluster", "ha-backend:password", "kubernetes:token"])
def test_an_encrypted_value_is_rejected_and_not_shown(key: str) -> None:
    config = {**CLUSTER, "ha-backend:backend": json.dumps({"image": IMAGE}), key: json.dumps({"image": "hunter2"})}
    error = reported(config, (key,))
    assert [p.key for p in error.problems] == [key]
    assert "hunter2" not in str(error)
    assert "hunter2" not in repr(error.problems)


def test_an_encrypted_setting_has_a_remedy() -> None:
    config = {**CLUSTER, "ha-backend:backend": "hunter2", "ha-backend:protect": "maybe"}
    error = reported(config, ("ha-backend:backend",))
    assert {p.key for p in error.problems} == {"ha-backend:backend", "ha-backend:protect"}
    assert "generatedSecrets" in str(error)
    assert "hunter2" not in str(error)


def test_long_values_are_truncated() -> None:
    error = reported({**CLUSTER, "ha-backend:backend": json.dumps({"image": "x " * 500})})
    assert len(str(error)) < 400


def test_there_are_at_least_a_hundred_mistakes() -> None:
    rows = [*BACKEND, *AUTOSCALING, *CLUSTERS, *TOGETHER, *ON_ITS_CLUSTER, *CONFLICTS]
    assert len({str(row) for row in rows}) >= 100


def test_the_schema_is_generated_once() -> None:
    made = []

    class Counted(BaseModel):
        """A model that records when its schema is generated."""

        number: int

        @classmethod
        def model_json_schema(cls, *args: Any, **more: Any) -> dict[str, Any]:
            made.append(cls)
            return super().model_json_schema(*args, **more)

    with pytest.raises(ValidationError) as caught:
        Counted.model_validate({"number": "x"})
    first, *others = [describe(caught.value, Counted) for _ in range(3)]
    assert others == [first, first], "describing an error does not change the schema"
    assert len(made) == 1
