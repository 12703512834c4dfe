"""Drills on a backend that is deployed elsewhere: nothing else is touched on a real API server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from lab.drills.drill import Drill
from lab.drills.experiments import DRILLS
from lab.drills.run import Result, run
from lab.testbed.context import Setup
from lab.testbed.user_backend import RESTARTED
from lab.testbed.user_cluster import UserClusterError, UserClusterOptions, prepare
from tests.cluster.conftest import as_list

SPACES = ("user-shop", "user-bank")
Make = Callable[..., Setup]


def objects(namespace: str, name: str = "web", replicas: int = 3) -> list[dict[str, Any]]:
    meta, labels = {"name": name, "namespace": namespace}, {"app": name}
    pod = {"containers": [{"name": "c", "image": "example.com/c:1", "resources": {"requests": {"cpu": "10m"}}}]}
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": meta,
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "strategy": {"rollingUpdate": {"maxUnavailable": 0}},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": meta,
            "spec": {"type": "LoadBalancer", "selector": labels, "ports": [{"port": 80}]},
        },
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": meta,
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels}},
        },
    ]


@pytest.fixture(scope="module")
def spaces(kubectl: Any) -> Iterator[None]:
    made = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}} for space in SPACES]
    kubectl("apply", "-f", "-", stdin=as_list(made))
    for space in SPACES:
        kubectl(
            "apply",
            "-f",
            "-",
            stdin=as_list([*objects(space), *objects(space, "other", 3), *objects(space, "alone", 1)]),
        )
    for space in SPACES:
        for name in ("web", "other", "alone"):
            kubectl("rollout", "status", f"deployment/{name}", "-n", space, "--timeout=2m")
        kubectl("wait", "pdb/web", "-n", space, "--for=jsonpath={.status.disruptionsAllowed}=1", "--timeout=1m")
    yield
    kubectl("delete", "namespace", *SPACES, "--wait=false")


@pytest.fixture
def make(cluster: Any, spaces: None) -> Make:
    context = cluster.context

    def made(ask: Callable[[str], str] | None = None, **more: Any) -> Setup:
        options = {
            "kubeconfig": str(cluster.kubeconfig),
            "context": context,
            "namespace": SPACES[0],
            "name": "web",
            **more,
        }
        return prepare(UserClusterOptions(**options), print, ask)

    return made


def pods(kubectl: Any, namespace: str, *, but: str = "") -> set[str]:
    found = kubectl("get", "pods", "-n", namespace, "-o", "json")["items"]
    return {pod["metadata"]["uid"] for pod in found if pod["metadata"]["labels"]["app"] != but}


def closed(kubectl: Any) -> list[str]:
    return [
        node["metadata"]["name"]
        for node in kubectl("get", "nodes", "-o", "json")["items"]
        if node["spec"].get("unschedulable")
    ]


def quick(name: str) -> Drill:
    return replace(DRILLS[name], seconds=4, steady_seconds=1)


def test_each_drill_touches_only_the_named_backend(make: Make, kubectl: Any) -> None:
    before = pods(kubectl, SPACES[1]), pods(kubectl, SPACES[0], but="web"), pods(kubectl, SPACES[0])
    setup = make(lambda text: "yes")
    assert [drill.name for drill in setup.drills] == ["rollout", "drain", "zone-drain", "kill"]
    assert not setup.loaded  # 192.0.2.x is nobody's, least of all this machine's
    results: dict[str, Result] = {}
    for drill in setup.drills:
        (results[drill.name],) = run(quick(drill.name), setup.backends, setup.target, None, print)
    statuses = {name: result.verdict and result.verdict.status for name, result in results.items()}
    assert statuses == dict.fromkeys(results, "kept")
    least = {name: result.figures.endpoints.least_ready for name, result in results.items()}
    assert (least["rollout"], least["drain"]) == (3, 2)
    assert "not SIGKILL" in " ".join(moment.what for moment in results["kill"].recording.moments)
    template = kubectl("get", "deployment", "web", "-n", SPACES[0], "-o", "json")["spec"]["template"]
    assert set(template["metadata"]["annotations"]) == {RESTARTED}
    after = pods(kubectl, SPACES[1]), pods(kubectl, SPACES[0], but="web"), pods(kubectl, SPACES[0])
    assert after[:2] == before[:2] and after[2] != before[2]
    assert not closed(kubectl)


def test_nodes_are_opened_again_after_an_interruption(
    make: Make, kubectl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = make(yes_nodes=True)
    kubectl("cordon", "zone-c-1")  # by somebody else, for a reason of his own
    seen: list[str] = []

    def interrupted(*_: Any) -> None:
        seen.extend(closed(kubectl))
        raise KeyboardInterrupt

    monkeypatch.setattr(setup.target.kube, "evict", interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(quick("drain"), setup.backends, setup.target, None, print)
        assert len(seen) >= 1 and "zone-c-1" in seen
        assert closed(kubectl) == ["zone-c-1"]
    finally:
        kubectl("uncordon", "zone-c-1")


def test_without_a_terminal_nodes_are_left_alone(make: Make) -> None:
    setup = make(None)
    assert [drill.name for drill in setup.drills] == ["rollout", "kill"]
    assert all("--yes-nodes" in setup.unsupported[name] for name in ("drain", "zone-drain"))
    assert "different" in make(lambda text: "no").unsupported["drain"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"context": "nobody"}, "'nobody' is not in .*: use one of its contexts: kwok-embedded"),
        ({"kubeconfig": "/nowhere/config"}, "cannot be read"),
        ({"namespace": "no-such"}, "there is no namespace 'no-such'"),
        ({"name": "no-such"}, "there is no Deployment 'no-such' in namespace 'user-shop': existing ones: alone, other"),
        ({"name": "alone"}, "drills need at least 2"),
    ],
)
def test_an_unsuitable_backend_is_rejected_with_a_reason(make: Make, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserClusterError, match=message) as raised:
        make(**options)
    assert "Nothing was touched" in str(raised.value)


def test_an_account_s_missing_permissions_are_named(make: Make, cluster: Any, kubectl: Any, tmp_path: Any) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "viewer", "namespace": SPACES[0]},
        "rules": [
            {
                "apiGroups": ["", "apps", "discovery.k8s.io"],
                "verbs": ["get", "list"],
                "resources": ["deployments", "services", "pods", "endpointslices"],
            },
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]},
        ],
    }
    kubectl("apply", "-f", "-", stdin=as_list([role]))
    kubectl("create", "serviceaccount", "viewer", "-n", SPACES[0])
    kubectl("create", "rolebinding", "viewer", "--role=viewer", f"--serviceaccount={SPACES[0]}:viewer", "-n", SPACES[0])
    token = kubectl("create", "token", "viewer", "-n", SPACES[0]).stdout.strip()
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token}
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    setup = make(lambda text: "yes", kubeconfig=str(tmp_path / "config"))
    assert [drill.name for drill in setup.drills] == ["kill"]
    assert setup.unsupported["rollout"] == f"the account may not patch deployments in namespace {SPACES[0]}"
    assert "list nodes" in setup.unsupported["drain"] and "create pods/eviction" in setup.unsupported["zone-drain"]
    with pytest.raises(UserClusterError, match=f"may not get deployments in namespace {SPACES[1]}, .*: grant it"):
        make(kubeconfig=str(tmp_path / "config"), namespace=SPACES[1])


def test_a_budget_that_allows_nothing_and_recreate_are_reasons(make: Make, kubectl: Any) -> None:
    kubectl("patch", "pdb", "other", "-n", SPACES[1], "-p", '{"spec": {"maxUnavailable": 0}}')
    kubectl(
        "patch",
        "deployment",
        "other",
        "-n",
        SPACES[1],
        "-p",
        '{"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}}}',
    )
    kubectl("wait", "pdb/other", "-n", SPACES[1], "--for=jsonpath={.status.disruptionsAllowed}=0", "--timeout=1m")
    setup = make(namespace=SPACES[1], name="other", yes_nodes=True)
    assert [drill.name for drill in setup.drills] == ["kill"]
    assert "PodDisruptionBudget other allows no disruption" in setup.unsupported["drain"]
    assert "Recreate" in setup.unsupported["rollout"]
