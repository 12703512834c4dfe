"""Fields of the API that overrides may not set are rejected, with the setting to use instead."""

from __future__ import annotations

import pytest

from components.settings.pod_template import fields, schema
from components.settings.pod_template.volumes import TMP_PATH
from tests.support.pod_templates import OWN, POD, assert_only_problem, own, probe, spec
from tests.support.problems import Row, Values, row_id

OURS: list[Row] = [
    ({"podTemplate": {"metadata": {"labels": {"a": "b"}}}}, "podTemplate.metadata.labels", "set labels"),
    ({"podTemplate": {"metadata": {"name": "x"}}}, "podTemplate.metadata.name", "omit it"),
    *(
        (spec(**{key: value}), f"{POD}.{key}", text)
        for key, value, text in (
            ("serviceAccount", "x", "set serviceAccountName"),
            ("terminationGracePeriodSeconds", 5, "set shutdown.deregistrationSeconds and shutdown.drainSeconds"),
            ("priorityClassName", "high", "set placement.priorityClassName"),
            ("nodeName", "n", "use nodeSelector"),
            ("schedulerName", "mine", "omit it"),
            ("restartPolicy", "Never", "omit it"),
            ("readinessGates", [{"conditionType": "x"}], "omit it"),
            ("activeDeadlineSeconds", 60, "omit it"),
            ("hostname", "x", "omit it"),
            ("schedulingGates", [{"name": "x"}], "omit it"),
        )
    ),
    *(
        (own(**{key: value}), f"{OWN}.{key}", text)
        for key, value, text in (
            ("image", "a:1", "set image"),
            ("readinessProbe", None, "removes the probe"),
            ("livenessProbe", {"periodSeconds": 5}, "needs exactly one of exec, grpc, httpGet, tcpSocket: add one"),
            ("startupProbe", probe(exec={"command": ["x"]}), "omit the others"),
            ("restartPolicy", "Always", "omit it"),
        )
    ),
    *(
        (own(lifecycle=lifecycle), f"{OWN}.lifecycle{field}", text)
        for lifecycle, field, text in (
            ({"preStop": {"sleep": {"seconds": 1}}}, ".preStop", "shutdown.deregistrationSeconds (35)"),
            ({"preStop": {"exec": {"command": ["sleep", "1"]}}}, ".preStop", "shutdown.deregistrationSeconds (35)"),
            ({"preStop": None}, ".preStop", "in which a terminating pod serves on"),
            ({"preStop": {}}, ".preStop", "needs exactly one of exec and httpGet"),
            ({"preStop": {"tcpSocket": {"port": 80}}}, ".preStop", "no longer runs tcpSocket"),
            (
                {"preStop": {"exec": {"command": ["a"]}, "httpGet": {"port": 80}}},
                ".preStop",
                "needs exactly one of exec and httpGet",
            ),
            ({"preStop": {"httpGet": {"port": "nope"}}}, ".preStop.httpGet.port", "use a number, or one of http"),
            (None, "", "set exec or httpGet"),
            ({"stopSignal": "SIGQUIT"}, ".stopSignal", "omit it"),
        )
    ),
    (own(resources={"requests": {"cpu": "1"}}), f"{OWN}.resources.requests.cpu", "set resources.requests.cpu"),
    (
        own(resources={"limits": {"ephemeral-storage": "1Gi"}}),
        f"{OWN}.resources.limits.ephemeral-storage",
        "set resources.tmpSizeLimit",
    ),
    (
        own(ports=[{"name": "http", "containerPort": 1}]),
        f"{OWN}.ports[0].name",
        "'http' is the name of the backend's own port",
    ),
    (own(ports=[{"containerPort": 8080}]), f"{OWN}.ports[0].containerPort", "8080 is already the backend's own (port)"),
    ({**own(env=[{"name": "A"}]), "environment": {"A": "1"}}, f"{OWN}.env[0].name", "'A' is also in environment"),
    (
        {**own(env=[{"name": "A"}]), "generatedSecrets": {"names": ["A"]}},
        f"{OWN}.env[0].name",
        "also in generatedSecrets.names",
    ),
    (
        own(volumeMounts=[{"name": "tmp", "mountPath": f"{TMP_PATH}/"}]),
        f"{OWN}.volumeMounts[0].mountPath",
        "choose another path",
    ),
    (
        spec(volumes=[{"name": "tmp", "emptyDir": {"sizeLimit": "1Mi"}}]),
        f"{POD}.volumes[0].name",
        "set resources.tmpSizeLimit",
    ),
    (
        spec(
            topologySpreadConstraints=[
                {"topologyKey": "kubernetes.io/hostname", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}
            ]
        ),
        f"{POD}.topologySpreadConstraints[0].topologyKey",
        "placement.spread",
    ),
    (
        spec(tolerations=[{"key": "node.kubernetes.io/unreachable", "operator": "Exists"}]),
        f"{POD}.tolerations[0].key",
        "set placement.tolerationSeconds",
    ),
]


@pytest.mark.parametrize(("values", "key", "text"), OURS, ids=row_id)
def test_it_is_the_only_problem_and_has_a_remedy(values: Values, key: str, text: str) -> None:
    assert_only_problem(values, key, text)


def test_every_field_of_the_api_is_merged_or_rejected_with_a_reason() -> None:
    assert set(schema.fields("V1PodSpec")) == fields.POD | fields.REJECTED_POD.keys()
    assert not fields.POD & fields.REJECTED_POD.keys()
    assert set(schema.fields("V1Container")) == fields.CONTAINER | fields.REJECTED_CONTAINER.keys()
    assert not fields.CONTAINER & fields.REJECTED_CONTAINER.keys()
    assert fields.REJECTED_OWN.keys() < fields.CONTAINER
    assert fields.METADATA | fields.REJECTED_METADATA.keys() < set(schema.fields("V1ObjectMeta"))
    assert set(schema.fields("V1Volume")) > fields.VOLUMES


def test_every_merged_field_is_an_argument_of_the_sdk() -> None:
    """The Kubernetes provider's SDK names the fields in snake case."""
    from pulumi_kubernetes.core.v1 import ContainerArgs, PodSpecArgs

    from components.merge import _snake_case

    for kind, names in ((PodSpecArgs, fields.POD), (ContainerArgs, fields.CONTAINER)):
        assert not [name for name in names if not isinstance(getattr(kind, _snake_case(name), None), property)]
