"""Every setting of the cluster that is wrong by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fake_engine import IMAGE
from tests.support.problems import EXISTING, LOCAL, REFERENCE, rejected, row_id

CLUSTER: list[tuple[Any, str, str]] = [
    ({"kind": "remote"}, "cluster", "one of: local, existing, stack-reference"),
    ({"kind": "Local"}, "cluster", "did you mean 'local'?"),
    ({"zones": ["a"]}, "cluster", "missing its kind; right would be one of: local, existing, stack-reference"),
    ("local", "cluster", "an object"),
    ({**LOCAL, "zones": []}, "cluster.zones", "a list of 1 to 10 entries"),
    ({**LOCAL, "zones": "zone-a"}, "cluster.zones", "a list"),
    ({**LOCAL, "zones": [f"zone-{number}" for number in range(11)]}, "cluster.zones", "a list of 1 to 10 entries"),
    ({**LOCAL, "zones": ["a", "b", "a"]}, "cluster.zones", "names a more than once"),
    ({**LOCAL, "zones": ["ok", "Not"]}, "cluster.zones[1]", "lowercase letters"),
    ({**LOCAL, "nodesPerZone": 0}, "cluster.nodesPerZone", "from 1 to 50"),
    ({**LOCAL, "nodesPerZone": 51}, "cluster.nodesPerZone", "from 1 to 50"),
    ({**LOCAL, "apiPort": 80}, "cluster.apiPort", "from 1024 to 65535"),
    ({**LOCAL, "apiPort": "16443"}, "cluster.apiPort", "an integer from 1024 to 65535"),
    ({**LOCAL, "kubernetes": 1.36}, "cluster.kubernetes", "right would be '1.35', '1.36' or '1.37'"),
    ({**LOCAL, "kubernetes": "1.34"}, "cluster.kubernetes", "right would be '1.35', '1.36' or '1.37'"),
    ({**LOCAL, "kubernetes": "v1.36.3"}, "cluster.kubernetes", "'v1.36.3' is not known"),
    ({**LOCAL, "nodes": "kind"}, "cluster.nodes", "right would be 'simulated' or 'real'"),
    (
        {**LOCAL, "nodes": "real", "nodesPerZone": 4},
        "cluster.nodes",
        "'real' nodes are 9 at the most, and zones and nodesPerZone make 12: lower nodesPerZone to 3",
    ),
    ({**LOCAL, "nodes": "real", "zones": [*"abcdefghij"]}, "cluster.nodes", "make 10: name fewer zones"),
    (
        {**LOCAL, "images": ["a.tar"]},
        "cluster.images",
        "are for real nodes, and these are simulated: set nodes to real",
    ),
    ({**LOCAL, "nodes": "real", "images": "a.tar"}, "cluster.images", "a list"),
    ({**LOCAL, "context": "x"}, "cluster.context", "unknown key; alid keys: kind, kubernetes, zones"),
    ({"kind": "existing", "context": "x"}, "cluster.kubeconfig", "is required. Path of the kubeconfig file"),
    ({"kind": "existing", "kubeconfig": "x"}, "cluster.context", "is required. The context to use"),
    ({**EXISTING, "kubeconfig": ""}, "cluster.kubeconfig", "Path of the kubeconfig file"),
    ({**EXISTING, "kubeconfig": 5}, "cluster.kubeconfig", "a text (Path of the kubeconfig file"),
    ({**EXISTING, "context": ""}, "cluster.context", "The context to use in that kubeconfig"),
    ({**EXISTING, "identifier": 5}, "cluster.identifier", "a string"),
    ({**EXISTING, "contex": "x"}, "cluster.contex", "did you mean 'context'?"),
    ({**EXISTING, "kubernetes": "1.36"}, "cluster.kubernetes", "unknown key; alid keys: kind, kubeconfig"),
    ({**EXISTING, "zones": ["eu", "eu"]}, "cluster.zones", "names eu more than once"),
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
    ({**REFERENCE, "context": "x"}, "cluster.context", "unknown key; alid keys: kind, stack"),
]


@pytest.mark.parametrize(("given", "key", "text"), CLUSTER, ids=row_id)
def test_it_is_told_with_its_key_and_what_would_be_right(given: Any, key: str, text: str) -> None:
    found = rejected({"image": IMAGE}, given)
    assert list(found) == [key]
    assert text in found[key]


def test_a_kind_that_is_missing_costs_no_other_message() -> None:
    assert set(rejected({"image": IMAGE, "port": 80}, {})) == {"cluster", "backend.port"}
