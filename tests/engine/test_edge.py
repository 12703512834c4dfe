"""An edge site on the real engine: one node cannot survive its own loss, and succeeds if it does not have to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pulumi import automation as auto

from tests.engine.conftest import Project

pytestmark = pytest.mark.slow

LOST = {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}


ONE = pytest.param(1, id="one node")


@pytest.fixture(params=[ONE, pytest.param(3, id="three nodes")], scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stack with this many nodes in one site."""
    made = Project(tmp_path_factory.mktemp("site"))
    made.settings["ha-backend:cluster"] = {"kind": "local", "zones": ["shop-12"], "nodesPerZone": request.param}
    made.backend.update(survive="node", edge={"architectures": ["amd64"]}, autoscaling={"enabled": False})
    made.nodes = request.param
    yield made
    made.cluster.delete()


@pytest.fixture(scope="module")
def up(site: Project) -> Iterator[auto.Stack]:
    """The stack, deployed with settings that it can hold."""
    if site.nodes == 1:
        site.backend["survive"] = "pod"
    made = site.stack()
    made.up()
    yield made
    made.destroy()


@pytest.mark.parametrize("site", [ONE], indirect=True)  # three nodes can lose one
def test_one_node_cannot_survive_its_own_loss(site: Project) -> None:
    with pytest.raises(Exception, match=r"backend\.survive: 'node'") as raised:
        site.stack().up()
    assert "set it to pod" in str(raised.value)
    assert "Traceback" not in str(raised.value)
    assert not site.cluster.kubeconfig.exists(), "rejected only after a cluster was created"


def test_it_succeeds_and_promises_what_the_site_can_hold(site: Project, up: auto.Stack) -> None:
    row = up.outputs()["promise"].value["node"]
    assert row["survived"] is (site.nodes > 1)
    if site.nodes > 1:
        assert "recoverySeconds" not in row
        assert "full capacity returns with that node" in row["why"]
    else:
        assert row["why"] == "the cluster has only one node"
    assert set(up.preview().change_summary) == {"same"}


def test_pods_have_tolerations_without_a_limit(site: Project, up: auto.Stack) -> None:
    pods: list[dict[str, Any]] = site.kubectl("get", "pods", "-o", "json")["items"]
    assert len(pods) == 3
    assert len({pod["spec"]["nodeName"] for pod in pods}) == site.nodes
    for pod in pods:
        lost = [one for one in pod["spec"]["tolerations"] if one.get("key") in LOST]
        # The API server adds tolerations of 300 s if there are none.
        assert [one.get("tolerationSeconds") for one in lost] == [None, None]
        assert {(one["key"], one["operator"], one["effect"]) for one in lost} == {
            (key, "Exists", "NoExecute") for key in LOST
        }
