"""Settings that cannot hold on the cluster that they name are rejected with a remedy, and the remedy works."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.fake_engine import IMAGE
from tests.support.problems import (
    DIGEST,
    EXISTING,
    LOCAL,
    PEAK_IS_REQUEST,
    QUEUE,
    RPS,
    Values,
    accepted,
    rejected,
    row_id,
    scaled,
)

ONE_ZONE, ONE_NODE = {**LOCAL, "zones": ["a"], "nodesPerZone": 3}, {**LOCAL, "zones": ["a"]}
TWO_ZONES, SIX_NODES = {**LOCAL, "zones": ["a", "b"], "nodesPerZone": 2}, {**LOCAL, "nodesPerZone": 2}
TINY = {"requests": {"cpu": "1m", "memory": "4Mi"}}


def sized(cpu: str, memory: str) -> Values:
    return {"resources": {"requests": {"cpu": cpu, "memory": memory}, "limits": {"cpu": cpu, "memory": memory}}}


# Settings, their cluster, the key of the problem, a part of its text, and the settings that fix it.
FAILURES: list[tuple[Values, Values, str, str, Values]] = [
    ({"survive": "zone"}, ONE_ZONE, "survive", "in one zone, a: set it to node", {"survive": "node"}),
    ({"survive": "zone", **scaled()}, ONE_NODE, "survive", "in one zone, a: set it to pod", {"survive": "pod"}),
    ({"survive": "zone"}, {**EXISTING, "zones": ["eu"]}, "survive", "in one zone, eu: set it to", {"survive": "pod"}),
    ({"survive": "zone"}, ONE_ZONE, "survive", "at least two zones (cluster.zones)", {"cluster": LOCAL}),
    (
        {"survive": "node", **scaled()},
        ONE_NODE,
        "survive",
        "1 node that accepts pods: set it to pod",
        {"survive": "pod"},
    ),
    (
        scaled(),
        ONE_NODE,
        "survive",
        "at least two nodes",
        {"cluster": {**ONE_NODE, "nodesPerZone": 2}, **scaled(cpuPercent=33)},
    ),
    (
        {"replicas": 1, **scaled(cpuPercent=50)},
        LOCAL,
        "replicas",
        "survive: node cannot hold: raise it to 2",
        {"replicas": 2},
    ),
    ({"replicas": 1}, LOCAL, "replicas", "leaves no pod when one is lost", {"replicas": 3}),
    ({"replicas": 1}, LOCAL, "replicas", "raise it to 3", {"replicas": 3}),
    ({"replicas": 1, "autoscaling": {"enabled": False}}, LOCAL, "replicas", "raise it to 2", {"replicas": 2}),
    ({"replicas": 1, "survive": "zone", **scaled(cpuPercent=50)}, LOCAL, "replicas", "survive: zone", {"replicas": 2}),
    (
        {"replicas": 1, "survive": "pod", **scaled(cpuPercent=50)},
        EXISTING,
        "replicas",
        "raise it to 2",
        {"replicas": 2},
    ),
    (
        {"disruptionBudget": {"maxUnavailable": 3}},
        LOCAL,
        "disruptionBudget.maxUnavailable",
        "every pod",
        {"disruptionBudget": {}},
    ),
    (
        {"disruptionBudget": {"maxUnavailable": 4}},
        EXISTING,
        "disruptionBudget.maxUnavailable",
        "(replicas: 3): lower it to 1",
        {"disruptionBudget": {"maxUnavailable": 1}},
    ),
    (
        {"disruptionBudget": {"maxUnavailable": 2}},
        LOCAL,
        "disruptionBudget.maxUnavailable",
        "loss of a node takes: lower it to 1",
        {"disruptionBudget": {"maxUnavailable": 1}},
    ),
    (
        {"disruptionBudget": {"maxUnavailable": 3}, "replicas": 6, "survive": "zone"},
        LOCAL,
        "disruptionBudget.maxUnavailable",
        "loss of a zone takes: lower it to 2",
        {"disruptionBudget": {"maxUnavailable": 2}},
    ),
    (
        {"disruptionBudget": {"maxUnavailable": 2}, "survive": "pod"},
        EXISTING,
        "disruptionBudget.maxUnavailable",
        "loss of a pod takes: lower it to 1",
        {"disruptionBudget": {"maxUnavailable": 1}},
    ),
]
LOAD: list[tuple[Values, Values, str, str, Values]] = [
    (
        {"survive": "zone", **scaled(cpuPercent=95)},
        LOCAL,
        "autoscaling.cpuPercent",
        "to survive the loss of a zone",
        scaled(cpuPercent=66),
    ),
    (
        scaled(cpuPercent=67),
        LOCAL,
        "autoscaling.cpuPercent",
        "too high to survive the loss of a node",
        scaled(cpuPercent=66),
    ),
    ({"survive": "zone"}, TWO_ZONES, "autoscaling.cpuPercent", "lower it to 33", scaled(cpuPercent=33)),
    (
        {"survive": "pod", "replicas": 2, **scaled()},
        EXISTING,
        "autoscaling.cpuPercent",
        "lower it to 50",
        {"replicas": 3},
    ),
    (
        {"resources": PEAK_IS_REQUEST, **scaled()},
        LOCAL,
        "autoscaling.cpuPercent",
        "more CPU than they have: lower it to 50",
        scaled(cpuPercent=50),
    ),
    (
        {"resources": PEAK_IS_REQUEST, **scaled(cpuPercent=None, memoryPercent=51)},
        LOCAL,
        "autoscaling.memoryPercent",
        "more memory than they have: lower it to 50",
        scaled(cpuPercent=None, memoryPercent=50),
    ),
]
ROOM: list[tuple[Values, Values, str, str, Values]] = [
    (
        {**sized("5", "64Mi"), **scaled(cpuPercent=50)},
        LOCAL,
        "resources.requests.cpu",
        "fits on no node: the largest has 4 for pods",
        sized("1", "64Mi"),
    ),
    (
        {**sized("1m", "9Gi"), **scaled(cpuPercent=50)},
        LOCAL,
        "resources.requests.memory",
        "the largest has 8192Mi for pods: lower it",
        sized("1m", "2Gi"),
    ),
    ({"resources": {"tmpSizeLimit": "100Gi"}}, LOCAL, "resources.tmpSizeLimit", "lower it", {"resources": {}}),
    (
        {"replicas": 17, **scaled(18)},
        LOCAL,
        "replicas",
        "17 pods after the loss of a node, and 2 nodes hold 16",
        {"replicas": 16},
    ),
    (
        {"replicas": 9, "survive": "zone", **scaled(10, cpuPercent=40)},
        {**LOCAL, "zones": ["a", "b"]},
        "replicas",
        "raise cluster.nodesPerZone",
        {"cluster": {**TWO_ZONES, "nodesPerZone": 3}},
    ),
    (scaled(20), LOCAL, "autoscaling.maxReplicas", "25 pods during a rollout, and 3 nodes hold 24", scaled(19)),
    (scaled(20), LOCAL, "autoscaling.maxReplicas", "raise cluster.nodesPerZone", {"cluster": SIX_NODES}),
    (
        {"replicas": 22, "survive": "pod", "autoscaling": {"enabled": False}},
        LOCAL,
        "replicas",
        "lower it",
        {"replicas": 19},
    ),
    (
        {"replicas": 400, "survive": "pod", "resources": TINY, "autoscaling": {"enabled": False}},
        LOCAL,
        "replicas",
        "hold 330",
        {"replicas": 260},
    ),
]
ABILITIES: list[tuple[Values, Values, str, str, Values]] = [
    ({"image": "nginx:latest"}, LOCAL, "image", "use the version's own tag, or its digest", {"image": "nginx:1.29.1"}),
    (
        {"image": "nginx:Stable"},
        EXISTING,
        "image",
        "has a tag that moves from build to build",
        {"image": f"nginx:Stable@sha256:{'b' * 64}"},
    ),
    (
        {"image": "example.org:5000/app:main"},
        LOCAL,
        "image",
        "has a tag that moves from build to build",
        {"image": "example.org:5000/app:main-7f3c"},
    ),
    ({"protect": True}, LOCAL, "image", "is not pinned although protect is true", {"image": DIGEST}),
    (
        {"protect": True, "image": "nginx:edge"},
        LOCAL,
        "image",
        "has a tag that moves from build to build",
        {"image": DIGEST},
    ),
    (
        scaled(podMetrics=RPS),
        LOCAL,
        "autoscaling.podMetrics",
        "does not serve custom.metrics.k8s.io: install an adapter such as prometheus-adapter, or omit the setting",
        {"cluster": EXISTING},
    ),
    (scaled(externalMetrics=QUEUE), LOCAL, "autoscaling.externalMetrics", "such as KEDA's", scaled()),
    (
        {"placement": {"priorityClassName": "system-cluster-critical"}},
        LOCAL,
        "placement.priorityClassName",
        "use another PriorityClass",
        {"placement": {}},
    ),
    (
        {"placement": {"priorityClassName": "system-node-critical"}},
        EXISTING,
        "placement.priorityClassName",
        "is reserved for components that a node cannot run without",
        {"placement": {"priorityClassName": "high"}},
    ),
    (
        {"placement": {"priorityClassName": "high"}},
        LOCAL,
        "placement.priorityClassName",
        "is not a PriorityClass of the cluster: use one of the cluster's: none",
        {"placement": {}},
    ),
]
ON_ITS_CLUSTER = [*FAILURES, *LOAD, *ROOM, *ABILITIES]


@pytest.mark.parametrize(("given", "cluster", "key", "text", "_"), ON_ITS_CLUSTER, ids=row_id)
def test_it_is_rejected_with_its_key_and_a_remedy(
    given: Values, cluster: Values, key: str, text: str, _: object
) -> None:
    backend = {"image": IMAGE, **given}
    more = {"protect": True} if backend.pop("protect", False) else {}
    problems = rejected(backend, cluster, **more)
    assert list(problems) == [f"backend.{key}"]
    assert text in problems[f"backend.{key}"]


def put(given: Values, key: str, value: Any) -> Values:
    """Return the settings with one of them changed."""
    first, _, rest = key.partition(".")
    return {**given, first: put(given.get(first, {}), rest, value) if rest else value}


@pytest.mark.parametrize(("given", "cluster", "key", "text", "_"), [*FAILURES, *LOAD], ids=row_id)
def test_the_value_in_the_message_is_accepted(given: Values, cluster: Values, key: str, text: str, _: object) -> None:
    reported = rejected({"image": IMAGE, **given}, cluster)[f"backend.{key}"]
    value = re.search(r"(?:raise|lower|set) it to (\d+|pod|node)", reported)
    assert value
    accepted(put(given, key, int(value[1]) if value[1].isdigit() else value[1]), cluster)


@pytest.mark.parametrize(("given", "cluster", "key", "text", "fixed"), ON_ITS_CLUSTER, ids=row_id)
def test_the_remedy_is_accepted(given: Values, cluster: Values, key: str, text: str, fixed: Values) -> None:
    backend = {**given, **fixed}
    more = {"protect": True} if backend.pop("protect", False) else {}
    accepted(backend, backend.pop("cluster", cluster), **more)
