"""Invalid values of every setting of the backend: unknown keys, wrong types, values out of range."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.fake_engine import IMAGE
from tests.support.problems import EXISTING, LOCAL, Row, rejected, row_id

KEYS: list[Row] = [
    ({"replica": 2}, "replica", "did you mean 'replicas'?"),
    ({"Image": "a:1"}, "Image", "did you mean 'image'?"),
    ({"autoscaling": {"maxReplica": 5}}, "autoscaling.maxReplica", "did you mean 'maxReplicas'?"),
    ({"autoscaling": {"max-replicas": 5}}, "autoscaling.max-replicas", "did you mean 'maxReplicas'?"),
    ({"resources": {"limit": {}}}, "resources.limit", "did you mean 'limits'?"),
    ({"placement": {"spred": "hard"}}, "placement.spred", "did you mean 'spread'?"),
    ({"disruptionBudget": {"minUnavailable": 2}}, "disruptionBudget.minUnavailable", "did you mean 'minAvailable'?"),
    ({"network": {"egress": [{"host": "db"}]}}, "network.egress[0].host", "valid keys: cidr, namespace, ports"),
    ({"frobnicate": 1}, "frobnicate", "unknown key; valid keys: image, name, namespace"),
]
TEXTS: list[Row] = [
    ({"image": 5}, "image", "5 is invalid"),
    ({"image": "nginx"}, "image", "tag or a digest"),
    ({"image": "nginx:"}, "image", "tag or a digest"),
    (
        {"image": "a b:1"},
        "image",
        "'a b:1' is invalid: must be an image reference with a tag or a digest, such as nginx:1.29.1. "
        "Container image with a tag or a digest",
    ),
    ({"image": "nginx@sha256:12"}, "image", "'nginx@sha256:12' is invalid"),
    ({"image": f"nginx:1@sha256:{'A' * 64}"}, "image", "tag or a digest"),
    ({"image": f"{'a' * 511}:1"}, "image", "at most 512 characters"),
    ({"name": "Bad_Name"}, "name", "lowercase letters, digits and '-'"),
    ({"name": "1st"}, "name", "starting with a letter"),
    ({"name": "ends-"}, "name", "not ending with '-'"),
    ({"name": "a" * 53}, "name", "at most 52 characters"),
    ({"namespace": "Team"}, "namespace", "lowercase letters, digits and '-'"),
    ({"namespace": "kube-system"}, "namespace", "is reserved by Kubernetes"),
    (
        {"name": "default"},
        "namespace",
        "is the name of the backend, by default that of its namespace too, and is reserved",
    ),
    ({"name": "kube-state-metrics"}, "namespace", "set namespace to another name"),
    ({"environment": {"A": "x" * 131_070}}, "environment.A", "Linux starts no program with a variable above 131072"),
    ({"environment": {"A": "x\0y"}}, "environment.A", "contains a NUL"),
    ({"environment": {"A": "x\ud83d"}}, "environment.A", "unpaired surrogate"),
    ({"environment": {"A": "\udfffx"}}, "environment.A", "unpaired surrogate"),
    (
        {"environment": {f"A{n}": "x" * 130_000 for n in range(9)}},
        "environment",
        "bytes exceed the limit of a ConfigMap, 1048576",
    ),
    ({"resources": {"tmpSizeLimit": "0.3Gi"}}, "resources.tmpSizeLimit", "not an integer number of bytes"),
    ({"survive": "region"}, "survive", "'region' is invalid; valid values: 'nothing', 'pod', 'node', 'zone'"),
    ({"survive": True}, "survive", "valid values: 'nothing', 'pod', 'node', 'zone'"),
    ({"health": {"startupPath": "healthz"}}, "health.startupPath", "starts with '/'"),
    ({"health": {"readinessPath": "/a b"}}, "health.readinessPath", "contains no space"),
    ({"health": {"livenessPath": f"/{'a' * 1024}"}}, "health.livenessPath", "at most 1024 characters"),
    ({"environment": ["A=1"]}, "environment", "an object"),
    ({"environment": {"A": 1}}, "environment.A", "a string"),
    ({"environment": {"A": None}}, "environment.A", "a string"),
    ({"environment": {"1A": "x"}}, "environment.1A", "the name of an environment variable"),
    ({"environment": {"A-B": "x"}}, "environment.A-B", "the name of an environment variable"),
    ({"generatedSecrets": {"names": "KEY"}}, "generatedSecrets.names", "a list of at most 50 entries"),
    (
        {"generatedSecrets": {"names": ["OK", "A-B"]}},
        "generatedSecrets.names[1]",
        "the name of an environment variable",
    ),
    ({"labels": ["team"]}, "labels", "an object"),
    ({"labels": {"team": 5}}, "labels.team", "5 is invalid: must be a string in quotes, a label value"),
    ({"labels": {"team": "a b"}}, "labels.team", "a label value"),
    ({"labels": {"team": "a" * 64}}, "labels.team", "at most 63 characters"),
    (
        {"labels": {"a b": "x"}},
        "labels.a b",
        "invalid key: must be a label key: at most 63 letters, digits, '-', '_' and '.', optionally after a domain",
    ),
    ({"labels": {"Example.org/team": "x"}}, "labels.Example.org/team", "invalid key: must be a label key"),
    ({"labels": {"a" * 64: "x"}}, f"labels.{'a' * 64}", "invalid key: must be a label key: at most 63 letters"),
    ({"labels": {f"label-{number}": "x" for number in range(31)}}, "labels", "at most 30"),
    (
        {"loadBalancer": {"externalTrafficPolicy": "local"}},
        "loadBalancer.externalTrafficPolicy",
        "valid values: 'Local', 'Cluster'",
    ),
    ({"placement": {"spread": "firm"}}, "placement.spread", "valid values: 'soft', 'hard'"),
    ({"placement": {"priorityClassName": "High"}}, "placement.priorityClassName", "lowercase letters"),
    ({"network": {"egress": "all"}}, "network.egress", "a list of at most 50 entries"),
    (
        {"network": {"egress": [{"cidr": "10.0.0.0/33"}]}},
        "network.egress[0].cidr",
        "for example, 10.0.0.0/8 or 192.0.2.7/32",
    ),
    (
        {"network": {"egress": [{"cidr": "10.0.0.5/8"}]}},
        "network.egress[0].cidr",
        "'10.0.0.5/8' is not in the form that Kubernetes requires: use 10.0.0.0/8",
    ),
    ({"network": {"egress": [{"cidr": "2001:DB8:0::/32"}]}}, "network.egress[0].cidr", "use 2001:db8::/32"),
    ({"network": {"egress": [{"cidr": "10.0.0.0/08"}]}}, "network.egress[0].cidr", "use 10.0.0.0/8"),
    ({"network": {"egress": [{"cidr": "database"}]}}, "network.egress[0].cidr", "not a CIDR block"),
    ({"network": {"egress": [{"cidr": "192.0.2.7"}]}}, "network.egress[0].cidr", "192.0.2.7/32"),
    ({"network": {"egress": [{"cidr": "10.0.0.0/255.0.0.0"}]}}, "network.egress[0].cidr", "10.0.0.0/8"),
    (
        {"network": {"egress": [{"namespace": "a"}, {"namespace": "Team_A"}]}},
        "network.egress[1].namespace",
        "lowercase",
    ),
    (
        {"network": {"allowMetricsFrom": "monitoring"}, "metricsPort": 9000},
        "network.allowMetricsFrom",
        "a list of at most 20 entries",
    ),
    (
        {"network": {"allowMetricsFrom": ["Monitoring"]}, "metricsPort": 9000},
        "network.allowMetricsFrom[0]",
        "lowercase letters",
    ),
]
NUMBERS: list[Row] = [
    ({"replicas": "3"}, "replicas", "'3' is invalid: must be an integer from 1 to 1000"),
    ({"replicas": 3.5}, "replicas", "an integer"),
    ({"replicas": True}, "replicas", "true is invalid"),
    ({"replicas": None}, "replicas", "null is invalid: must be an integer"),
    ({"replicas": 0}, "replicas", "from 1 to 1000"),
    ({"replicas": 1001}, "replicas", "from 1 to 1000"),
    ({"port": 0}, "port", "from 1 to 65535"),
    ({"port": 65536}, "port", "from 1 to 65535"),
    ({"servicePort": 0}, "servicePort", "from 1 to 65535"),
    ({"metricsPort": 0}, "metricsPort", "from 1 to 65535"),
    ({"health": {"startupSeconds": 4}}, "health.startupSeconds", "from 5 to 86400"),
    ({"health": {"startupSeconds": 86401}}, "health.startupSeconds", "from 5 to 86400"),
    ({"rollout": {"progressDeadlineSeconds": 29}}, "rollout.progressDeadlineSeconds", "from 30 to 172800"),
    ({"rollout": {"minReadySeconds": 0}}, "rollout.minReadySeconds", "from 1 to 3600"),
    ({"shutdown": {"drainSeconds": 0}}, "shutdown.drainSeconds", "from 1 to 86400"),
    ({"shutdown": {"deregistrationSeconds": 4}}, "shutdown.deregistrationSeconds", "from 5 to 3600"),
    ({"shutdown": {"deregistrationSeconds": 3601}}, "shutdown.deregistrationSeconds", "from 5 to 3600"),
    ({"loadBalancer": {"healthCheckSeconds": 0}}, "loadBalancer.healthCheckSeconds", "from 1 to 300"),
    ({"loadBalancer": {"healthCheckSeconds": 301}}, "loadBalancer.healthCheckSeconds", "from 1 to 300"),
    (
        {"loadBalancer": {"healthCheckSeconds": "10s"}},
        "loadBalancer.healthCheckSeconds",
        "an integer from 1 to 300",
    ),
    ({"disruptionBudget": {"maxUnavailable": -1}}, "disruptionBudget.maxUnavailable", "an integer from 0 to 1000"),
    ({"disruptionBudget": {"maxUnavailable": "101%"}}, "disruptionBudget.maxUnavailable", "or a percentage in quotes"),
    (
        {"disruptionBudget": {"maxUnavailable": "25"}},
        "disruptionBudget.maxUnavailable",
        "an integer from 0 to 1000",
    ),
    ({"placement": {"tolerationSeconds": -1}}, "placement.tolerationSeconds", "from 0 to 3600"),
    ({"placement": {"tolerationSeconds": "30s"}}, "placement.tolerationSeconds", "an integer"),
    ({"generatedSecrets": {"length": 15}}, "generatedSecrets.length", "from 16 to 256"),
    ({"generatedSecrets": {"rotation": 0}}, "generatedSecrets.rotation", "at least 1"),
    ({"network": {"egress": [{"namespace": "a", "ports": [0]}]}}, "network.egress[0].ports[0]", "from 1 to 65535"),
    (
        {"network": {"egress": [{"namespace": "a", "ports": 443}]}},
        "network.egress[0].ports",
        "a list of at most 20 entries",
    ),
]
AMOUNTS: list[Row] = [
    ({"resources": {"requests": {"cpu": "500m"}}}, "resources.requests.memory", "is required. Bytes of memory"),
    (
        {"resources": {"requests": {"cpu": "half", "memory": "64Mi"}}},
        "resources.requests.cpu",
        "not a quantity of CPU cores",
    ),
    (
        {"resources": {"requests": {"cpu": "1m", "memory": "64MB"}}},
        "resources.requests.memory",
        "not a quantity of bytes",
    ),
    ({"resources": {"requests": {"cpu": "1m", "memory": "128m"}}}, "resources.requests.memory", "at least 1Mi"),
    ({"resources": {"limits": {"cpu": "1", "memory": "3Mi"}}}, "resources.limits.memory", "at least 4Mi"),
    ({"resources": {"requests": {"cpu": 0, "memory": "64Mi"}}}, "resources.requests.cpu", "at least 1m"),
    (
        {"resources": {"requests": {"cpu": True, "memory": "64Mi"}}},
        "resources.requests.cpu",
        "must be a quantity of CPU cores",
    ),
    ({"resources": {"tmpSizeLimit": "64"}}, "resources.tmpSizeLimit", "at least 1Mi"),
    ({"resources": {"tmpSizeLimit": "lots"}}, "resources.tmpSizeLimit", "for example, 128Mi or 1Gi"),
]
BACKEND = [*KEYS, *TEXTS, *NUMBERS, *AMOUNTS]


@pytest.mark.parametrize(("given", "key", "text"), BACKEND, ids=row_id)
def test_it_is_rejected_with_its_key_and_a_remedy(given: dict[str, Any], key: str, text: str) -> None:
    problems = rejected({"image": IMAGE, **given})
    assert list(problems) == [f"backend.{key}"]
    assert text in problems[f"backend.{key}"]


@pytest.mark.parametrize(
    ("backend", "cluster", "key"),
    [
        ({"image": "nginx"}, LOCAL, "backend.image"),
        ({"image": IMAGE}, "local", "cluster"),
        ({"image": IMAGE, "resources": {"requests": []}}, EXISTING, "backend.resources.requests"),
        ({"image": IMAGE, "network": {"egress": [{"cidr": 5}]}}, LOCAL, "backend.network.egress[0].cidr"),
    ],
)
def test_a_message_ends_with_a_complete_sentence(backend: dict[str, Any], cluster: Any, key: str) -> None:
    assert re.search(r"[.] \[[a-z-]+\]$", rejected(backend, cluster)[key])


@pytest.mark.parametrize("key", ["service_port", "metrics_port", "generated_secrets", "disruption_budget"])
def test_keys_must_be_in_camel_case(key: str) -> None:
    value: object = {} if key in ("generated_secrets", "disruption_budget") else 9000
    assert "did you mean" in rejected({"image": IMAGE, key: value})[f"backend.{key}"]
