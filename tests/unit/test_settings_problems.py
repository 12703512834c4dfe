"""Every mistake in a stack file is told with its key and what would be right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from settings import SettingsError, load
from tests.unit.recording import IMAGE

LOCAL = {"kind": "local"}
EXISTING = {"kind": "existing", "kubeconfig": "~/.kube/config", "context": "production"}


def problems(backend: Any, cluster: Any = LOCAL) -> dict[str, str]:
    """Key and text of each problem, without the project's prefix."""
    with pytest.raises(SettingsError) as caught:
        load({"ha-backend:cluster": json.dumps(cluster), "ha-backend:backend": json.dumps(backend)})
    found = caught.value.problems
    assert len({p.key for p in found}) == len(found), "a key is told twice"
    assert all(str(p) in str(caught.value) for p in found)
    return {p.key.removeprefix("ha-backend:"): p.text for p in found}


BACKEND = [
    ({"replica": 2}, "replica", "did you mean 'replicas'?"),
    ({"Image": "a:1"}, "Image", "did you mean 'image'?"),
    ({"autoscaling": {"maxReplica": 5}}, "autoscaling.maxReplica", "did you mean 'maxReplicas'?"),
    ({"autoscaling": {"max-replicas": 5}}, "autoscaling.max-replicas", "did you mean 'maxReplicas'?"),
    ({"resources": {"limit": {}}}, "resources.limit", "did you mean 'limits'?"),
    ({"frobnicate": 1}, "frobnicate", "unknown key; known here: image, name, namespace"),
    ({"image": 5}, "image", "5 is wrong"),
    ({"image": "nginx"}, "image", "tag or a digest"),
    ({"image": "nginx:"}, "image", "tag or a digest"),
    ({"image": "a b:1"}, "image", "'a b:1' is wrong"),
    ({"image": "nginx@sha256:12"}, "image", "'nginx@sha256:12' is wrong"),
    ({"name": "Bad_Name"}, "name", "lower-case letters, digits and '-'"),
    ({"name": "1st"}, "name", "starting with a letter"),
    ({"name": "ends-"}, "name", "not ending with '-'"),
    ({"name": "a" * 53}, "name", "at most 52 characters"),
    ({"namespace": "Team"}, "namespace", "lower-case letters, digits and '-'"),
    ({"replicas": "3"}, "replicas", "'3' is wrong; right would be a whole number from 1 to 1000"),
    ({"replicas": 3.5}, "replicas", "a whole number"),
    ({"replicas": True}, "replicas", "True is wrong"),
    ({"replicas": 0}, "replicas", "from 1 to 1000"),
    ({"replicas": 1001}, "replicas", "from 1 to 1000"),
    ({"port": 80}, "port", "from 1024 to 65535"),
    ({"port": 65536}, "port", "from 1024 to 65535"),
    ({"servicePort": 0}, "servicePort", "from 1 to 65535"),
    ({"metricsPort": 1023}, "metricsPort", "from 1024 to 65535"),
    ({"metricsPort": 8080}, "metricsPort", "already the container's port"),
    ({"port": 9000, "metricsPort": 9000}, "metricsPort", "choose another"),
    ({"autoscaling": []}, "autoscaling", "a group of keys"),
    ({"autoscaling": {"enabled": "yes"}}, "autoscaling.enabled", "true or false"),
    ({"autoscaling": {"cpuPercent": 9}}, "autoscaling.cpuPercent", "from 10 to 100"),
    ({"autoscaling": {"cpuPercent": 101}}, "autoscaling.cpuPercent", "from 10 to 100"),
    ({"autoscaling": {"maxReplicas": 2}}, "autoscaling.maxReplicas", "must be at least replicas (3)"),
    ({"replicas": 11}, "autoscaling.maxReplicas", "must be at least replicas (11)"),
    ({"resources": {"requests": {"cpu": "500m"}}}, "resources.requests.memory", "missing. Memory bytes"),
    ({"resources": {"requests": {"cpu": "half", "memory": "64Mi"}}}, "resources.requests.cpu", "not a quantity of CPU cores"),
    ({"resources": {"requests": {"cpu": "1m", "memory": "64MB"}}}, "resources.requests.memory", "not a quantity of memory"),
    ({"resources": {"requests": {"cpu": "1m", "memory": "128m"}}}, "resources.requests.memory", "at least 4Mi"),
    ({"resources": {"requests": {"cpu": 0, "memory": "64Mi"}}}, "resources.requests.cpu", "at least 1m"),
    ({"resources": {"requests": {"cpu": True, "memory": "64Mi"}}}, "resources.requests.cpu", "must be a quantity of CPU cores"),
    ({"resources": {"requests": {"cpu": "1001m", "memory": "64Mi"}}}, "resources.requests.cpu", "above resources.limits.cpu"),
    ({"resources": {"requests": {"cpu": "1m", "memory": "1G"}}}, "resources.requests.memory", "above resources.limits.memory"),
    ({"health": {"readinessPath": "/healthz"}}, "health.livenessPath", "must differ from health.readinessPath"),
    ({"health": {"livenessPath": "/readyz"}}, "health.livenessPath", "must differ from health.readinessPath"),
    ({"health": {"startupPath": "healthz"}}, "health.startupPath", "starts with '/'"),
    ({"health": {"readinessPath": "/a b"}}, "health.readinessPath", "holds no space"),
    ({"health": {"startupSeconds": 4}}, "health.startupSeconds", "from 5 to 1800"),
    ({"health": {"startupSeconds": 295}}, "rollout.deadlineSeconds", "health.startupSeconds (295)"),
    ({"rollout": {"deadlineSeconds": 65}}, "rollout.deadlineSeconds", "must be above"),
    ({"rollout": {"deadlineSeconds": 29}}, "rollout.deadlineSeconds", "from 30 to 3600"),
    ({"rollout": {"minReadySeconds": -1}}, "rollout.minReadySeconds", "from 0 to 3600"),
    ({"shutdown": {"drainSeconds": -1}}, "shutdown.drainSeconds", "from 0 to 3600"),
    ({"shutdown": {"deregistrationSeconds": 3601}}, "shutdown.deregistrationSeconds", "from 0 to 3600"),
    ({"environment": ["A=1"]}, "environment", "a group of keys"),
    ({"environment": {"A": 1}}, "environment.A", "a text"),
    ({"environment": {"A": None}}, "environment.A", "a text"),
    ({"environment": {"1A": "x"}}, "environment.1A", "the name of an environment variable"),
    ({"environment": {"A-B": "x"}}, "environment.A-B", "the name of an environment variable"),
    ({"generatedSecrets": {"names": "KEY"}}, "generatedSecrets.names", "a list of 0 to 50 entries"),
    ({"generatedSecrets": {"names": ["OK", "A-B"]}}, "generatedSecrets.names[1]", "the name of an environment variable"),
    ({"generatedSecrets": {"names": ["KEY", "KEY"]}}, "generatedSecrets.names", "named more than once"),
    ({"generatedSecrets": {"names": ["A"]}, "environment": {"A": ""}}, "generatedSecrets.names", "also in environment"),
    ({"generatedSecrets": {"length": 15}}, "generatedSecrets.length", "from 16 to 256"),
    ({"generatedSecrets": {"rotation": 0}}, "generatedSecrets.rotation", "at least 1"),
]
CLUSTER = [
    ({"kind": "remote"}, "cluster", "one of: local, existing"),
    ({"kind": "Local"}, "cluster", "did you mean 'local'?"),
    ({"zones": ["a"]}, "cluster", "missing its kind; right would be local or existing"),
    ("local", "cluster", "a group of keys"),
    ({**LOCAL, "zones": []}, "cluster.zones", "a list of 1 to 10 entries"),
    ({**LOCAL, "zones": "zone-a"}, "cluster.zones", "a list"),
    ({**LOCAL, "zones": ["a", "b", "a"]}, "cluster.zones", "names a more than once"),
    ({**LOCAL, "zones": ["ok", "Not"]}, "cluster.zones[1]", "lower-case letters"),
    ({**LOCAL, "nodesPerZone": 51}, "cluster.nodesPerZone", "from 1 to 50"),
    ({**LOCAL, "apiPort": 80}, "cluster.apiPort", "from 1024 to 65535"),
    ({**LOCAL, "context": "x"}, "cluster.context", "unknown key"),
    ({"kind": "existing", "context": "x"}, "cluster.kubeconfig", "missing. Path of the kubeconfig file"),
    ({"kind": "existing", "kubeconfig": "x"}, "cluster.context", "missing. The context to use"),
    ({**EXISTING, "kubeconfig": ""}, "cluster.kubeconfig", "Path of the kubeconfig file"),
    ({**EXISTING, "identifier": 5}, "cluster.identifier", "a text"),
    ({**EXISTING, "contex": "x"}, "cluster.contex", "did you mean 'context'?"),
    ({**EXISTING, "zones": ["eu", "eu"]}, "cluster.zones", "names eu more than once"),
    ({**EXISTING, "zones": ["-eu"]}, "cluster.zones[0]", "a label value"),
]


@pytest.mark.parametrize(("given", "key", "text"), BACKEND, ids=lambda value: value[:40] if isinstance(value, str) else "")
def test_backend(given: dict[str, Any], key: str, text: str) -> None:
    found = problems({"image": IMAGE, **given})
    assert list(found) == [f"backend.{key}"]
    assert text in found[f"backend.{key}"]


@pytest.mark.parametrize(("given", "key", "text"), CLUSTER, ids=lambda value: value[:40] if isinstance(value, str) else "")
def test_cluster(given: Any, key: str, text: str) -> None:
    found = problems({"image": IMAGE}, given)
    assert list(found) == [key]
    assert text in found[key]


@pytest.mark.parametrize(("backend", "cluster", "key"), [
    ({"image": "nginx"}, LOCAL, "backend.image"),
    ({"image": IMAGE}, "local", "cluster"),
    ({"image": IMAGE, "resources": {"requests": []}}, LOCAL, "backend.resources.requests"),
])
def test_a_hint_is_not_cut_in_the_middle_of_an_example(backend: dict[str, Any], cluster: Any, key: str) -> None:
    assert "e.g)" not in problems(backend, cluster)[key]


@pytest.mark.parametrize("key", ["service_port", "metrics_port", "generated_secrets"])
def test_keys_are_written_in_camel_case_only(key: str) -> None:
    value = {} if key == "generated_secrets" else 9000
    assert "did you mean" in problems({"image": IMAGE, key: value})[f"backend.{key}"]
