"""Where pods are scheduled on clusters of awkward shapes, and which shapes validation rejects."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.availability import conflicts
from components.inspection.client import Client
from components.inspection.cluster_reader import read_cluster_facts
from components.runtime import stack_file
from components.settings import BackendSettings
from ops.render.evaluate import evaluate
from tests.cluster.conftest import PROJECT, Kubectl, as_list

SHAPES: dict[str, dict[str, str | None]] = {
    "one node": {"zone-a-1": "zone-a"},
    "one zone": {"zone-a-1": "zone-a", "zone-b-1": "zone-a", "zone-c-1": "zone-a"},
    "fewer nodes than replicas": {"zone-a-1": "zone-a", "zone-b-1": "zone-b"},
    "no zone labels": {"zone-a-1": None, "zone-b-1": None, "zone-c-1": None},
    "a node without its label": {"zone-a-1": "zone-a", "zone-b-1": "zone-b", "zone-c-1": None},
}
# Shape, spread: the pods that each node gets, most first; None where the rules refuse it once the cluster was asked.
EXPECTED = {
    ("one node", "soft"): [3],
    ("one node", "hard"): [3],
    ("one zone", "soft"): [1, 1, 1],
    ("one zone", "hard"): [1, 1, 1],
    ("fewer nodes than replicas", "soft"): [2, 1],
    ("fewer nodes than replicas", "hard"): [2, 1],
    ("no zone labels", "soft"): [1, 1, 1],
    ("no zone labels", "hard"): None,
    ("a node without its label", "soft"): [1, 1, 1],
    ("a node without its label", "hard"): [2, 1],
}


@pytest.fixture(params=SHAPES)
def shape(request: Any, kubectl: Kubectl) -> Iterator[Any]:
    """Relabel the nodes, and cordon those that the shape does not have."""
    nodes = SHAPES[request.param]
    for node in ("zone-a-1", "zone-b-1", "zone-c-1"):
        zone = nodes.get(node)
        kubectl(
            "label",
            "node",
            node,
            "--overwrite",
            f"topology.kubernetes.io/zone={zone}" if zone else "topology.kubernetes.io/zone-",
        )
        if node not in nodes:
            kubectl("taint", "node", node, "reserved=yes:NoSchedule")
    until_the_scheduler_knows(kubectl, list(nodes))
    yield request.param
    for node in ("zone-a-1", "zone-b-1", "zone-c-1"):
        kubectl("label", "node", node, "--overwrite", f"topology.kubernetes.io/zone={node[:-2]}")
        kubectl("taint", "node", node, "reserved-", check=False)


def until_the_scheduler_knows(kubectl: Kubectl, nodes: Any) -> None:
    """Wait for the scheduler to see a node's last change: it sees changes in order, some of them late."""
    mark = uuid.uuid4().hex[:8]
    kubectl("label", "node", *nodes, "--overwrite", f"mark={mark}")
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"{node}-{mark}", "labels": {"mark": mark}},
            "spec": {
                "nodeSelector": {"mark": mark, "kubernetes.io/hostname": node},
                "terminationGracePeriodSeconds": 0,
                "containers": [{"name": "none", "image": "none:1"}],
            },
        }
        for node in nodes
    ]
    kubectl("apply", "-f", "-", stdin=as_list(pods))
    kubectl("wait", "pod", "-l", f"mark={mark}", "--for=condition=PodScheduled", "--timeout=60s")
    kubectl("delete", "pod", "-l", f"mark={mark}", "--grace-period=0", "--force")


def rendered(tmp_path: Path, spread: Any, space: Any) -> Any:
    """Return the manifests of the program with other settings."""
    for name in ("__main__.py", "Pulumi.yaml"):
        (tmp_path / name).write_text((PROJECT / name).read_text())
    stack = yaml.safe_load((PROJECT / "Pulumi.dev.yaml").read_text())
    chosen = stack["config"]["ha-backend:backend"]
    chosen |= {
        "placement": {"spread": spread},
        "survive": "pod",
        "name": "placed",
        "namespace": space,
        "shutdown": {"deregistrationSeconds": 8, "drainSeconds": 1},
    }
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump(stack))
    return evaluate(tmp_path, "dev").manifests


@pytest.mark.parametrize("spread", ["soft", "hard"])
def test_pods_are_spread_as_evenly_as_possible_and_none_stays_pending(
    shape: Any, spread: Any, kubectl: Kubectl, tmp_path: Path
) -> None:
    given = stack_file.settings(PROJECT, "dev").backend
    wanted = BackendSettings.model_validate(
        {**given.model_dump(by_alias=True, exclude_none=True), "survive": "pod", "placement": {"spread": spread}}
    )
    facts = read_cluster_facts(Client(json.dumps(kubectl("config", "view", "--raw", "-o", "json"))))
    refused = [c.key for c in conflicts(wanted, facts)]
    if EXPECTED[shape, spread] is None:
        assert refused == ["placement.spread"]
        return
    assert refused == []
    space = f"placed-{uuid.uuid4().hex[:8]}"
    kubectl("apply", "--server-side", "-f", "-", stdin=as_list(rendered(tmp_path, spread, space)))
    try:
        kubectl("rollout", "status", "deployment/placed", "-n", space, "--timeout=60s")
        pods = kubectl("get", "pods", "-n", space, "-o", "json")["items"]
        hosts = [pod["spec"]["nodeName"] for pod in pods]
        counts = sorted((hosts.count(host) for host in set(hosts)), reverse=True)
        assert counts == EXPECTED[shape, spread], kubectl("get", "pods", "-A", "-o", "wide").stdout
    finally:
        # Awaited: six of these pods take three of a node's four processors, and those of the last shape went on doing
        # so.
        kubectl("delete", "namespace", space, "--timeout=2m")


@pytest.mark.parametrize(
    ("shape", "survive", "told"),
    [
        ("one node", "node", "the cluster has 1 node that accepts pods: set it to pod"),
        ("one zone", "zone", "the cluster's nodes are in one zone, zone-a: set it to node"),
        ("no zone labels", "zone", "the cluster's nodes are without a zone label: set it to node"),
    ],
    indirect=["shape"],
)
def test_a_goal_without_enough_failure_domains_is_rejected_with_its_fix(
    shape: Any, survive: Any, told: Any, kubectl: Kubectl
) -> None:
    given = stack_file.settings(PROJECT, "dev").backend
    wanted = copy.deepcopy(given).model_copy(update={"survive": survive})
    facts = read_cluster_facts(Client(json.dumps(kubectl("config", "view", "--raw", "-o", "json"))))
    (found,) = [c for c in conflicts(wanted, facts) if c.key == "survive"]
    assert told in found.text
