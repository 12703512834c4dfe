"""What the API server does not take is refused before anything is rendered. That it does not take it is seen here, not believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import availability
from settings import SettingsError, load
from tests.drawn.objects import Refusal, Store, rendered_unchecked
from tests.drawn.stacks import put

POD = "autoscaling.podMetrics"
CASES: list[tuple[str, Any]] = [
    ("image", ""),
    ("name", "Upper"), ("name", "a.b"), ("name", "a" * 64), ("name", "ends-"), ("name", "ünï"),
    ("namespace", "a.b"), ("namespace", "a" * 64), ("namespace", "_a"),
    ("port", 0), ("port", 70000), ("servicePort", 0), ("servicePort", 65536), ("metricsPort", -1), ("metricsPort", 70000),
    ("labels", {"team": "a b"}), ("labels", {"team": "a" * 64}), ("labels", {"team": "-a"}), ("labels", {"a b": "x"}), ("labels", {"": "x"}),
    ("labels", {"a" * 64: "x"}), ("labels", {"a..b/c": "x"}), ("labels", {"a-./c": "x"}), ("labels", {"/c": "x"}), ("labels", {"A.b/c": "x"}),
    ("labels", {"a/b/c": "x"}), ("labels", {f"{'a' * 254}/c": "x"}),
    ("replicas", 11), ("autoscaling.maxReplicas", 2), ("autoscaling.cpuPercent", -1), ("autoscaling.memoryPercent", -1),
    ("autoscaling.scaleUpStabilizationSeconds", 3601), ("autoscaling.scaleDownStabilizationSeconds", -1),
    ("autoscaling.tolerancePercent", -1),
    *[(POD, [{"name": name, "averageValue": "1"}]) for name in ("", ".", "..", "a/b", "a%b")],
    *[(POD, [{"name": "m", "averageValue": value}]) for value in (
        "0", "-1", "", "one", "1,5", "1mi", "+-1", "1e", "1E+", "1GB", "1 Gi", "1gi", "1KI", "0x1", "١", ".", "m", "1_000", "Inf")],
    ("autoscaling.externalMetrics", [{"name": "a/b", "averageValue": "1"}]),
    ("resources.requests", {"cpu": "2", "memory": "64Mi"}), ("resources.requests", {"cpu": "1m", "memory": "1Gi"}),
    ("disruptionBudget.maxUnavailable", -1),
    ("shutdown.drainSeconds", -100), ("shutdown.deregistrationSeconds", -1), ("rollout.minReadySeconds", -1), ("rollout.deadlineSeconds", 5),
    ("placement.priorityClassName", "a..b"), ("placement.priorityClassName", "Upper"),
    *[("network.egress", [{"cidr": cidr}]) for cidr in ("10.0.0.1", "10.0.0.0/33", "10.0.0.0/255.0.0.0", "10.0.0.0/08", "fe80::%eth0/64",
                                                        "010.0.0.0/8", "::/129", "example.com", "10.0.0.0/8 ")],
    *[("network.egress", [{"namespace": "a", "ports": [port]}]) for port in (0, 65536)],
    ("network.egress", [{"namespace": "a b"}]),
    ("environment", {"a b": "x"}), ("environment", {"": "x"}), ("environment", {"A" * 254: "x"}), ("environment", {"A": "x" * (2**20 + 1)}),
    ("environment", {f"A{n}": "x" * 2**18 for n in range(5)}), ("environment", {"ÜNÏ": "x"}),
    ("generatedSecrets.names", ["a b"]), ("generatedSecrets.names", ["A" * 254]),
]
# Of which nothing is known, so that it is the value itself that is refused.
CLUSTER = json.dumps({"kind": "existing", "kubeconfig": "x", "context": "x", "zones": ["a", "b", "c"]})


@pytest.fixture(scope="module")
def store(cluster: Any) -> Iterator[Store]:
    made = Store(cluster.kubeconfig)
    yield made
    made.close()


@pytest.mark.parametrize(("key", "value"), CASES, ids=[f"{key} {str(value)[:40]}" for key, value in CASES])
def test_what_the_api_server_refuses_is_refused_before(store: Store, key: str, value: Any) -> None:
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
        load(config, (), availability.of_stack)
    assert any(problem.key.startswith(f"ha-backend:backend.{key}") or key in problem.text for problem in caught.value.problems), refused
