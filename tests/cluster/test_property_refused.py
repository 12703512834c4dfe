"""Validation rejects what a real API server rejects, before anything is rendered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components import availability
from components.settings import SettingsError, load
from tests.support.strategies.mistakes import put
from tests.support.strategies.objects import Refusal, Store, rendered_unchecked

CASES: dict[str, list[Any]] = {
    "image": [""],
    "name": ["Upper", "a.b", "a" * 64, "ends-", "ünï"],
    "namespace": ["a.b", "a" * 64, "_a", "default", "kube-system"],
    "port": [0, 70000],
    "servicePort": [0, 65536],
    "metricsPort": [-1, 70000],
    "labels": [
        {"team": "a b"},
        {"team": "a" * 64},
        {"team": "-a"},
        {"a b": "x"},
        {"": "x"},
        {"a" * 64: "x"},
        {"a..b/c": "x"},
        {"a-./c": "x"},
        {"/c": "x"},
        {"A.b/c": "x"},
        {"a/b/c": "x"},
        {f"{'a' * 254}/c": "x"},
    ],
    "replicas": [11],
    "autoscaling.maxReplicas": [2],
    "autoscaling.cpuPercent": [-1],
    "autoscaling.memoryPercent": [-1],
    "autoscaling.scaleUpStabilizationSeconds": [3601],
    "autoscaling.scaleDownStabilizationSeconds": [-1],
    "autoscaling.tolerancePercent": [-1],
    "autoscaling.podMetrics": [
        *([{"name": name, "averageValue": "1"}] for name in ("", ".", "..", "a/b", "a%b")),
        *(
            [{"name": "m", "averageValue": value}]
            for value in (
                "0",
                "-1",
                "",
                "one",
                "1,5",
                "1mi",
                "+-1",
                "1e",
                "1E+",
                "1GB",
                "1 Gi",
                "1gi",
                "1KI",
                "0x1",
                "\u0661",
                ".",
                "m",
                "1_000",
            )
        ),
    ],
    "autoscaling.externalMetrics": [[{"name": "a/b", "averageValue": "1"}]],
    "resources.requests": [{"cpu": "2", "memory": "64Mi"}, {"cpu": "1m", "memory": "1Gi"}],
    "disruptionBudget.maxUnavailable": [-1],
    "loadBalancer.externalTrafficPolicy": ["local", "Node"],
    "shutdown.drainSeconds": [-100],
    "shutdown.deregistrationSeconds": [-1],
    "rollout.minReadySeconds": [-1],
    "rollout.progressDeadlineSeconds": [5],
    "placement.priorityClassName": ["a..b", "Upper"],
    "network.egress": [
        *(
            [{"cidr": cidr}]
            for cidr in (
                "10.0.0.1",
                "10.0.0.0/33",
                "10.0.0.0/255.0.0.0",
                "10.0.0.0/08",
                "fe80::%eth0/64",
                "010.0.0.0/8",
                "::/129",
                "example.com",
                "10.0.0.0/8 ",
            )
        ),
        [{"namespace": "a", "ports": [0]}],
        [{"namespace": "a", "ports": [65536]}],
        [{"namespace": "a b"}],
    ],
    "ingress": [{"hosts": [host]} for host in ("A.b", "10.0.0.1", "a..b", "a.*.b", "*", "a b", f"{'a' * 250}.bcd")]
    + [
        {"hosts": ["a.b"], **more}
        for more in (
            {"path": "x"},
            {"path": "/a//b"},
            {"path": "/a/../b"},
            {"className": "A b"},
            {"tlsSecretName": "A b"},
            {"annotations": {"a b": "x"}},
        )
    ],
    "environment": [
        {"a b": "x"},
        {"": "x"},
        {"A" * 254: "x"},
        {"ÜNÏ": "x"},
        {"A": "x" * (2**20 + 1)},
        {f"A{n}": "x" * 2**18 for n in range(5)},
    ],
    "generatedSecrets.names": [["a b"], ["A" * 254]],
}
EACH = [(key, value) for key, values in CASES.items() for value in values]
# Of which nothing is known, so that it is the value itself that is refused.
CLUSTER = json.dumps({"kind": "existing", "kubeconfig": "x", "context": "x", "zones": ["a", "b", "c"]})


@pytest.fixture(scope="module")
def store(cluster: Any) -> Iterator[Store]:
    made = Store(cluster.kubeconfig)
    yield made
    made.close()


@pytest.mark.parametrize(("key", "value"), EACH, ids=[f"{key} {str(value)[:40]}" for key, value in EACH])
def test_validation_rejects_what_the_api_server_rejects(store: Store, key: str, value: Any) -> None:
    said: dict[str, Any] = {"image": "a:1"}
    put(said, tuple(key.split(".")), value)

    refused = []
    for manifest in rendered_unchecked(said):
        try:
            store.dry_run(manifest)
        except Refusal as refusal:
            refused.append(refusal.text)
    assert refused, "the API server takes it"

    config = {"ha-backend:cluster": CLUSTER, "ha-backend:backend": json.dumps(said)}
    with pytest.raises(SettingsError) as caught:
        load(config, (), availability.stack_conflicts)
    assert any(key in f"{problem.key} {problem.text}" for problem in caught.value.problems), refused
