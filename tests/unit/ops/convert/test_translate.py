"""Each field of a manifest becomes the setting that says the same."""

from __future__ import annotations

from typing import Any

import pytest

from ops.convert import paths
from tests.corpus.equality import unexplained
from tests.unit.ops.convert.manifests import Change, Object, container, converted, pod, settings

OWN = "podTemplate.spec.containers[0]"
Expected = dict[str, Any]


def _ports(*ports: Object) -> Change:
    """Return a change of the Service's ports, each with its number as the target in the container."""

    def change(deployment: Object, service: Object) -> None:
        service["spec"]["ports"] = list(ports)

    return change


FIELDS: list[tuple[str, Change, Expected]] = [
    (
        "a plain service",
        lambda deployment, service: None,
        {
            "name": "web",
            "namespace": "shop",
            "createNamespace": False,
            "image": "registry.example.com/web:1.2.3",
            "port": 8080,
            "protocol": "http",
            "servicePort": 80,
            "replicas": 3,
            "autoscaling": {"enabled": False},
            "selector": {"app": "web"},
            "loadBalancer": {"enabled": False},
            "resources.requests": {"cpu": "100m", "memory": "64Mi"},
            "resources.limits": {},
            f"{OWN}.startupProbe": None,
            f"{OWN}.livenessProbe": None,
            f"{OWN}.readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
            f"{OWN}.securityContext": {"readOnlyRootFilesystem": False},
            "podTemplate.spec.securityContext": {"runAsUser": None, "runAsGroup": None, "fsGroup": None},
            "shutdown": {"deregistrationSeconds": 10, "drainSeconds": 25},
            "network.egress": [{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}],
        },
    ),
    (
        "a load balancer",
        lambda deployment, service: service["spec"].update(
            type="LoadBalancer", externalTrafficPolicy="Cluster", loadBalancerSourceRanges=["192.0.2.0/24"]
        ),
        {
            "loadBalancer.enabled": True,
            "loadBalancer.externalTrafficPolicy": "Cluster",
            "shutdown.deregistrationSeconds": 35,
            "overrides.service.spec.loadBalancerSourceRanges": ["192.0.2.0/24"],
        },
    ),
    (
        "a node port",
        lambda deployment, service: service["spec"].update(
            type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}]
        ),
        {"overrides.service.spec.type": "NodePort", "overrides.service.spec.ports[0].nodePort": 30080},
    ),
    (
        "the variables",
        lambda deployment, service: container(deployment).update(
            env=[
                {"name": "PLAIN", "value": "1"},
                {"name": "EMPTY"},
                {"name": "BASE", "value": "x"},
                {"name": "REFERS", "value": "$(BASE)/y"},
                {"name": "with.dot", "value": "z"},
                {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                {
                    "name": "CPUS",
                    "valueFrom": {"resourceFieldRef": {"containerName": "server", "resource": "limits.cpu"}},
                },
            ]
        ),
        {
            "environment": {"PLAIN": "1", "EMPTY": ""},
            f"{OWN}.env[0]": {"name": "BASE", "value": "x"},
            f"{OWN}.env[1]": {"name": "REFERS", "value": "$(BASE)/y"},
            f"{OWN}.env[2]": {"name": "with.dot", "value": "z"},
            f"{OWN}.env[4].valueFrom.resourceFieldRef.containerName": "backend",
        },
    ),
    (
        "variables that take precedence over a source",
        lambda deployment, service: container(deployment).update(
            env=[{"name": "A", "value": "1"}], envFrom=[{"secretRef": {"name": "web"}}]
        ),
        {f"{OWN}.env": [{"name": "A", "value": "1"}], f"{OWN}.envFrom": [{"secretRef": {"name": "web"}}]},
    ),
    (
        "a sleep before the signal",
        lambda deployment, service: container(deployment).update(
            lifecycle={"preStop": {"exec": {"command": ["/bin/sh", "-c", "sleep 20"]}}}
        ),
        {"shutdown": {"deregistrationSeconds": 20, "drainSeconds": 5}},
    ),
    (
        "a hook before the signal",
        lambda deployment, service: container(deployment).update(
            lifecycle={"preStop": {"exec": {"command": ["/wait-shutdown"]}}}
        ),
        {f"{OWN}.lifecycle": {"preStop": {"exec": {"command": ["/wait-shutdown"]}}}},
    ),
    (
        "a volume without a limit",
        lambda deployment, service: pod(deployment).update(volumes=[{"name": "cache", "emptyDir": {}}]),
        {"resources.tmpSizeLimit": None, "podTemplate.spec.volumes": [{"name": "cache", "emptyDir": {}}]},
    ),
    (
        "a volume at /tmp",
        lambda deployment, service: (
            pod(deployment).update(volumes=[{"name": "scratch", "emptyDir": {"sizeLimit": "2Gi"}}]),
            container(deployment).update(
                volumeMounts=[{"name": "scratch", "mountPath": place} for place in ("/tmp", "/cache")],  # noqa: S108
                securityContext={"readOnlyRootFilesystem": True},
            ),
        ),
        {"resources.tmpSizeLimit": "2Gi", f"{OWN}.volumeMounts": [{"name": "tmp", "mountPath": "/cache"}]},
    ),
    (
        "labels of pods and of objects",
        lambda deployment, service: (
            deployment["spec"]["template"]["metadata"]["labels"].update(
                tier="front", **{"app.kubernetes.io/component": "api", "app.kubernetes.io/managed-by": "Helm"}
            ),
            deployment["metadata"]["labels"].update(team="a"),
            service["metadata"].update(labels={"app": "web", "scrape": "yes"}, annotations={"a/b": "c"}),
        ),
        {
            "labels": {"tier": "front", "app.kubernetes.io/component": "api"},
            "overrides.deployment.metadata.labels": {"team": "a"},
            "overrides.service.metadata": {"labels": {"scrape": "yes"}, "annotations": {"a/b": "c"}},
        },
    ),
    (
        "the pace of a rollout",
        lambda deployment, service: deployment["spec"].update(
            strategy={"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}},
            minReadySeconds=30,
            progressDeadlineSeconds=900,
            revisionHistoryLimit=3,
        ),
        {
            "rollout": {"minReadySeconds": 30, "progressDeadlineSeconds": 900},
            "overrides.deployment.spec.strategy.rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1},
            "overrides.deployment.spec.revisionHistoryLimit": 3,
        },
    ),
    (
        "an existing account",
        lambda deployment, service: pod(deployment).update(serviceAccountName="runner"),
        {"podTemplate.spec.serviceAccountName": "runner", "podTemplate.spec.automountServiceAccountToken": True},
    ),
    (
        "scheduling",
        lambda deployment, service: pod(deployment).update(
            nodeSelector={"pool": "web"},
            tolerations=[
                {"key": "dedicated", "operator": "Exists"},
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 10},
            ],
            priorityClassName="important",
        ),
        {
            "podTemplate.spec.nodeSelector": {"pool": "web"},
            "podTemplate.spec.tolerations": [{"key": "dedicated", "operator": "Exists"}],
            "placement": {"priorityClassName": "important", "tolerationSeconds": 10},
        },
    ),
]


@pytest.mark.parametrize(("title", "change", "expected"), FIELDS, ids=[title for title, _, _ in FIELDS])
def test_a_field_becomes_its_setting(title: str, change: Change, expected: Expected) -> None:
    conversion = converted(change=change)
    values = settings(conversion)
    assert {key: paths.get(values, key) for key in expected} == expected
    assert unexplained(conversion) == []


@pytest.mark.parametrize(
    ("port", "probe", "protocol"),
    [
        ({"appProtocol": "kubernetes.io/h2c"}, None, "h2c"),
        ({"appProtocol": "HTTPS"}, None, "https"),
        ({"name": "grpc-api"}, None, "grpc"),
        ({"name": "http2"}, None, "h2c"),
        ({"name": "tls"}, None, "tcp"),
        ({"name": "api"}, {"grpc": {"port": 8080}}, "grpc"),
        ({"name": "api"}, {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTPS"}}, "https"),
        ({"name": "api"}, {"httpGet": {"path": "/", "port": 9}}, "tcp"),
        ({"name": "dns", "protocol": "UDP"}, {"exec": {"command": ["true"]}}, "udp"),
    ],
)
def test_the_protocol_is_what_the_manifest_says(port: Object, probe: Object | None, protocol: str) -> None:
    def change(deployment: Object, service: Object) -> None:
        service["spec"]["ports"] = [{"port": 5000, "targetPort": 8080, **port}]
        transport = {key: port[key] for key in ("protocol",) if key in port}
        container(deployment).update(ports=[{"containerPort": 8080, **transport}])
        container(deployment).pop("readinessProbe")
        container(deployment).update(readinessProbe=probe) if probe else None

    conversion = converted(change=change)
    assert settings(conversion)["protocol"] == protocol
    assert ("protocol" in conversion.notes.questions) == (port == {"name": "api"} and protocol == "tcp")
    assert unexplained(conversion) == []


def test_further_ports_keep_their_names_and_their_targets() -> None:
    def change(deployment: Object, service: Object) -> None:
        service["spec"]["ports"] = [
            {"name": "metrics", "port": 9090, "targetPort": "metrics"},
            {"name": "web", "port": 80, "targetPort": "web"},
            {"name": "grpc", "port": 9000, "targetPort": "grpc", "appProtocol": "grpc"},
        ]
        container(deployment)["ports"] = [
            {"name": "grpc", "containerPort": 9000},
            {"name": "web", "containerPort": 8080},
            {"name": "metrics", "containerPort": 9090},
            {"name": "health", "containerPort": 8081},
        ]
        container(deployment)["readinessProbe"] = {"httpGet": {"path": "/", "port": "health"}}
        container(deployment)["livenessProbe"] = {"tcpSocket": {"port": "web"}}

    conversion = converted(change=change)
    values = settings(conversion)
    assert (values["port"], values["protocol"], values["servicePort"], values["metricsPort"]) == (
        8080,
        "http",
        80,
        9090,
    )
    own = values["podTemplate"]["spec"]["containers"][0]
    assert [port["name"] for port in own["ports"]] == ["grpc", "health"]
    assert own["livenessProbe"] == {"tcpSocket": {"port": "http"}}
    listed = values["overrides"]["service"]["spec"]["ports"]
    assert [(port["port"], port.get("targetPort")) for port in listed] == [
        (80, None),
        (9090, "metrics"),
        (9000, "grpc"),
    ]
    assert listed[0]["name"] == "web"
    assert unexplained(conversion) == []


def test_the_container_that_the_service_targets_is_the_backend() -> None:
    def change(deployment: Object, service: Object) -> None:
        pod(deployment)["containers"].insert(
            0, {"name": "proxy", "image": "proxy:1", "ports": [{"name": "http", "containerPort": 8443}]}
        )
        container(deployment)["ports"] = [{"name": "tls", "containerPort": 8443}]

    conversion = converted(change=change)
    values = settings(conversion)
    assert values["image"] == "registry.example.com/web:1.2.3"
    (sidecar,) = values["podTemplate"]["spec"]["initContainers"]
    assert (sidecar["name"], sidecar["restartPolicy"]) == ("proxy", "Always")
    assert any("native sidecar" in note.text for note in conversion.notes.notes)
    assert unexplained(conversion) == []
