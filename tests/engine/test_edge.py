"""An edge site by the real engine: red where one node would have to survive its own loss, green where that is not claimed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pulumi import automation as auto

from tests.engine.conftest import Project

LOST = {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}


ONE = pytest.param(1, id="one node")


@pytest.fixture(params=[ONE, pytest.param(3, id="three nodes")], scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stack for so many nodes, all of one site."""
    made = Project(tmp_path_factory.mktemp("site"))
    made.settings["ha-backend:cluster"] = {"kind": "local", "zones": ["shop-12"], "nodesPerZone": request.param}
    made.backend.update(survive="node", edge={"architectures": ["amd64"]}, autoscaling={"enabled": False})
    made.nodes = request.param
    yield made
    made.cluster.delete()


@pytest.fixture(scope="module")
def up(site: Project) -> Iterator[auto.Stack]:
    """The same, deployed as it can hold."""
    if site.nodes == 1:
        site.backend["survive"] = "pod"
    made = site.stack()
    made.up()
    yield made
    made.destroy()


@pytest.mark.parametrize("site", [ONE], indirect=True)  # three nodes can lose one
def test_one_node_cannot_survive_its_own_loss(site: Project) -> None:
    with pytest.raises(Exception, match=r"backend\.survive: 'node'") as caught:
        site.stack().up()
    assert "set it to pod" in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert not site.cluster.kubeconfig.exists(), "refused only after a cluster was made"


def test_it_is_green_and_promises_what_the_site_can_hold(site: Project, up: auto.Stack) -> None:
    row = up.outputs()["promise"].value["node"]
    assert row["survived"] is (site.nodes > 1)
    if site.nodes > 1:
        assert "recoverySeconds" not in row
        assert "back with the node" in row["why"]
    else:
        assert row["why"] == "the cluster has one node"
    assert set(up.preview().change_summary) == {"same"}


def test_pods_are_stored_with_tolerations_without_an_end(site: Project, up: auto.Stack) -> None:
    pods: list[dict[str, Any]] = site.kubectl("get", "pods", "-o", "json")["items"]
    assert len(pods) == 3
    assert len({pod["spec"]["nodeName"] for pod in pods}) == site.nodes
    for pod in pods:
        lost = [one for one in pod["spec"]["tolerations"] if one.get("key") in LOST]
        # The API server adds some with 300 s where it finds none.
        assert [one.get("tolerationSeconds") for one in lost] == [None, None]
        assert {(one["key"], one["operator"], one["effect"]) for one in lost} == {
            (key, "Exists", "NoExecute") for key in LOST
        }
