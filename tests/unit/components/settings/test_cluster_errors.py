"""Invalid values of every setting of the cluster."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fake_engine import IMAGE
from tests.support.problems import EXISTING, LOCAL, REFERENCE, rejected, row_id

CLUSTER: list[tuple[Any, str, str]] = [
    ({"kind": "remote"}, "cluster", "valid values: local, existing, stack-reference"),
    ({"kind": "Local"}, "cluster", "did you mean 'local'?"),
    ({"zones": ["a"]}, "cluster", "has no kind: set kind to one of local, existing, stack-reference"),
    ("local", "cluster", "an object"),
    ({**LOCAL, "zones": []}, "cluster.zones", "a list of 1 to 10 entries"),
    ({**LOCAL, "zones": "zone-a"}, "cluster.zones", "a list"),
    ({**LOCAL, "zones": [f"zone-{number}" for number in range(11)]}, "cluster.zones", "a list of 1 to 10 entries"),
    ({**LOCAL, "zones": ["a", "b", "a"]}, "cluster.zones", "lists a more than once"),
    ({**LOCAL, "zones": ["ok", "Not"]}, "cluster.zones[1]", "lowercase letters"),
    ({**LOCAL, "nodesPerZone": 0}, "cluster.nodesPerZone", "from 1 to 50"),
    ({**LOCAL, "nodesPerZone": 51}, "cluster.nodesPerZone", "from 1 to 50"),
    ({**LOCAL, "apiPort": 80}, "cluster.apiPort", "from 1024 to 65535"),
    ({**LOCAL, "apiPort": "16443"}, "cluster.apiPort", "an integer from 1024 to 65535"),
    ({**LOCAL, "kubernetes": 1.36}, "cluster.kubernetes", "valid values: '1.35', '1.36', '1.37'"),
    ({**LOCAL, "kubernetes": "1.34"}, "cluster.kubernetes", "valid values: '1.35', '1.36', '1.37'"),
    ({**LOCAL, "kubernetes": "v1.36.3"}, "cluster.kubernetes", "'v1.36.3' is invalid"),
    ({**LOCAL, "nodes": "kind"}, "cluster.nodes", "valid values: 'simulated', 'real'"),
    (
        {**LOCAL, "nodes": "real", "nodesPerZone": 4},
        "cluster.nodes",
        "'real' makes 12 nodes in 3 zones, and one machine runs at most 9: lower nodesPerZone to 3",
    ),
    (
        {**LOCAL, "nodes": "real", "zones": [*"abcdefghij"]},
        "cluster.nodes",
        "makes 10 nodes in 10 zones, and one machine runs at most 9: list fewer zones",
    ),
    (
        {**LOCAL, "images": ["a.tar"]},
        "cluster.images",
        "needs real nodes, and the nodes are simulated: set nodes to real",
    ),
    ({**LOCAL, "nodes": "real", "images": "a.tar"}, "cluster.images", "a list"),
    ({**LOCAL, "context": "x"}, "cluster.context", "unknown key; valid keys: kind, kubernetes, zones"),
    ({"kind": "existing", "context": "x"}, "cluster.kubeconfig", "is required. Path of the kubeconfig file"),
    ({"kind": "existing", "kubeconfig": "x"}, "cluster.context", "is required. The context to use"),
    ({**EXISTING, "kubeconfig": ""}, "cluster.kubeconfig", "Path of the kubeconfig file"),
    ({**EXISTING, "kubeconfig": 5}, "cluster.kubeconfig", "a string. Path of the kubeconfig file"),
    ({**EXISTING, "context": ""}, "cluster.context", "The context to use in that kubeconfig"),
    ({**EXISTING, "identifier": 5}, "cluster.identifier", "a string"),
    ({**EXISTING, "contex": "x"}, "cluster.contex", "did you mean 'context'?"),
    ({**EXISTING, "kubernetes": "1.36"}, "cluster.kubernetes", "unknown key; valid keys: kind, kubeconfig"),
    ({**EXISTING, "zones": ["eu", "eu"]}, "cluster.zones", "lists eu more than once"),
    ({**EXISTING, "zones": ["-eu"]}, "cluster.zones[0]", "a label value"),
    ({**EXISTING, "zones": ["a" * 64]}, "cluster.zones[0]", "at most 63 characters"),
    (
        {"kind": "stack-reference"},
        "cluster.stack",
        "is required. The stack that owns the cluster, as organization/project/stack",
    ),
    (
        {**REFERENCE, "stack": "dev"},
        "cluster.stack",
        "'dev' is invalid: must be a stack's full name, organization/",
    ),
    ({**REFERENCE, "stack": "platform/dev"}, "cluster.stack", "a stack's full name"),
    ({**REFERENCE, "stack": "a/b/c/d"}, "cluster.stack", "a stack's full name"),
    ({**REFERENCE, "stack": "a//c"}, "cluster.stack", "a stack's full name"),
    ({**REFERENCE, "stack": 5}, "cluster.stack", "a string"),
    ({**REFERENCE, "stck": "a/b/c"}, "cluster.stck", "did you mean 'stack'?"),
    ({**REFERENCE, "context": "x"}, "cluster.context", "unknown key; valid keys: kind, stack"),
]


@pytest.mark.parametrize(("given", "key", "text"), CLUSTER, ids=row_id)
def test_it_is_rejected_with_its_key_and_a_remedy(given: Any, key: str, text: str) -> None:
    problems = rejected({"image": IMAGE}, given)
    assert list(problems) == [key]
    assert text in problems[key]


def test_a_missing_kind_hides_no_other_problem() -> None:
    assert set(rejected({"image": IMAGE, "port": 0}, {})) == {"cluster", "backend.port"}
