"""Pod template overrides that do not match the API are rejected."""

from __future__ import annotations

import pytest

from tests.support.pod_templates import OWN, POD, assert_only_problem, own, spec
from tests.support.problems import Row, Values, row_id

FORM: list[Row] = [
    ({"podTemplate": []}, "podTemplate", "an object"),
    ({"podTemplate": {"metdata": {}}}, "podTemplate.metdata", "did you mean 'metadata'? Valid keys: metadata, spec"),
    (spec(tolerationz=[]), f"{POD}.tolerationz", "unknown key; did you mean 'tolerations'?"),
    (spec(host_network=True), f"{POD}.host_network", "did you mean 'hostNetwork'?"),
    (spec(frobnicate=1), f"{POD}.frobnicate", "unknown key: use a field of the Kubernetes API"),
    (spec(volumes={}), f"{POD}.volumes", "{} is invalid: must be a list"),
    (spec(nodeSelector={"a": 1}), f"{POD}.nodeSelector.a", "1 is invalid: must be a string in quotes"),
    (spec(shareProcessNamespace="yes"), f"{POD}.shareProcessNamespace", "'yes' is invalid: must be true or false"),
    (
        own(env=[{"name": "A", "nam": "A"}]),
        f"{OWN}.env[0].nam",
        "did you mean 'name'? Valid keys: name, value, valueFrom",
    ),
    (own(env=[{"value": "A"}]), f"{OWN}.env[0].name", "is required. Name of the environment variable."),
    (own(env=[{"name": "A", "value": True}]), f"{OWN}.env[0].value", "true is invalid: must be a string in quotes"),
    (own(ports=[{"containerPort": "9100"}]), f"{OWN}.ports[0].containerPort", "must be an integer"),
    (own(ports=[{"containerPort": True}]), f"{OWN}.ports[0].containerPort", "must be an integer"),
    (
        own(readinessProbe={"tcpSocket": {"port": [80]}}),
        f"{OWN}.readinessProbe.tcpSocket.port",
        "must be an integer or a string",
    ),
    (
        own(readinessProbe={"tcpSocket": {"port": True}}),
        f"{OWN}.readinessProbe.tcpSocket.port",
        "true is invalid: must be an integer or a string",
    ),
    (spec(containers=["backend"]), f"{OWN}", "'backend' is invalid: must be an object"),
    (spec(containers=[{"image": "a:1"}]), f"{OWN}.name", "is required."),
]


@pytest.mark.parametrize(("values", "key", "text"), FORM, ids=row_id)
def test_it_is_the_only_problem_and_has_a_remedy(values: Values, key: str, text: str) -> None:
    assert_only_problem(values, key, text)
