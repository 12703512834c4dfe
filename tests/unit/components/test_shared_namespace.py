"""Several backends of one program: in a shared namespace, or in conflict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from google.protobuf import json_format

from components import HighlyAvailableBackend, SharedNamespace
from components.availability import timing
from components.settings import SettingsError
from tests.support.fake_engine import IMAGE, Monitor, backend

FRONT, PRICES = (
    {"image": IMAGE, "name": "front"},
    {"image": IMAGE, "name": "prices", "replicas": 6, "autoscaling": {"maxReplicas": 20}},
)
NAME = "app.kubernetes.io/name"


def on(name: str = "cluster") -> pulumi.ResourceOptions:
    """Return options with a provider, which stands for a cluster."""
    return pulumi.ResourceOptions(providers=[kubernetes.Provider(name, kubeconfig="k")])


def shared(monitor: Monitor, *backends: Any, **more: Any) -> None:
    """Run a program whose backends share a namespace."""

    def program() -> None:
        opts = on()
        namespace = SharedNamespace("shop", {"name": "market", "backends": list(backends), **more}, opts=opts)
        for one in namespace.backends:
            HighlyAvailableBackend(one.name, one, namespace=namespace, opts=opts)

    monitor.run(program)


def rejected(monitor: Monitor, program: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        monitor.run(program)
    assert isinstance(caught.value, pulumi.RunError), "it would be printed with frames"
    return {problem.key: problem.text for problem in caught.value.problems}


def sent(request: Any) -> dict[str, Any]:
    return dict(json_format.MessageToDict(request.object))


def test_the_namespace_and_its_policy_are_registered_once(monitor: Monitor) -> None:
    shared(monitor, FRONT, PRICES)
    space = monitor.inputs("core/v1:Namespace")["metadata"]
    assert space["name"] == "market"
    assert space["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    policies = {
        sent(one)["metadata"]["name"]: sent(one)["spec"] for one in monitor.all("networking.k8s.io/v1:NetworkPolicy")
    }
    assert set(policies) == {"market-default-deny", "front", "prices"}
    assert policies["market-default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name in ("front", "prices"):
        assert policies[name]["podSelector"] == {"matchLabels": {NAME: name}}
    assert all(
        sent(one)["metadata"]["namespace"] == "market"
        for one in monitor.requests
        if one.type.startswith("kubernetes:") and not one.type.endswith(":Namespace")
    )


def test_its_quota_is_the_sum_of_its_backends(monitor: Monitor) -> None:
    large = {"requests": {"cpu": "1", "memory": "64Mi"}, "limits": {"cpu": "2", "memory": "1Gi"}}
    shared(monitor, FRONT, {**PRICES, "resources": large})
    one, other = backend(**FRONT), backend(**PRICES)
    assert monitor.inputs("core/v1:ResourceQuota")["spec"]["hard"] == {
        "pods": str(timing.max_pods(one) + timing.max_pods(other))
    }
    (item,) = monitor.inputs("core/v1:LimitRange")["spec"]["limits"]
    assert (item["defaultRequest"]["cpu"], item["defaultRequest"]["memory"]) == ("1", "128Mi")
    assert (item["default"]["cpu"], item["default"]["memory"]) == ("2", "1Gi")


def test_pods_wait_for_its_policy(monitor: Monitor) -> None:
    shared(monitor, FRONT)
    deployment, needed = monitor.one("apps/v1:Deployment"), ["ResourceQuota", "LimitRange", "NetworkPolicy"]
    before = " ".join(deployment.dependencies)
    assert all(f":{kind}::shop-" in before for kind in needed)


def test_logical_names_of_a_backend_without_sharing(monitor: Monitor) -> None:
    monitor.make(environment={"A": "1"})
    assert sorted(one.name for one in monitor.requests if one.custom) == sorted(
        f"backend-service-{name}"
        for name in (
            "account",
            "autoscaler",
            "default-deny",
            "deployment",
            "disruption-budget",
            "environment",
            "limits",
            "namespace",
            "network-policy",
            "quota",
            "service",
        )
    )
    assert {one.type for one in monitor.requests if not one.custom} == {"ha-backend:index:HighlyAvailableBackend"}


@pytest.mark.parametrize(
    ("backends", "key", "text"),
    [
        (
            [FRONT, FRONT],
            "shop.backends[1].name",
            "'front' is also the name of backends[0] in namespace 'market': choose another",
        ),
        ([FRONT, {**PRICES, "port": 0}], "shop.backends[1].port", "from 1 to 65535"),
        ([FRONT, {**PRICES, "replicas": 1}], "shop.backends[1].replicas", "leaves no pod"),
        (
            [FRONT, {**PRICES, "namespace": "other"}],
            "shop.backends[1].namespace",
            "'other' is not the shared namespace",
        ),
        ([{**FRONT, "selector": {"app": "front"}}], "shop.backends[0].selector", "which has its own namespace"),
        ([FRONT, "prices"], "shop.backends[1]", "an object"),
        ([], "shop.backends", "a list of 1 to 100 entries"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_conflict_is_rejected_before_anything_is_registered(
    monitor: Monitor, backends: list[Any], key: str, text: str
) -> None:
    found = rejected(monitor, lambda: SharedNamespace("shop", {"name": "market", "backends": backends}, opts=on()))
    assert list(found) == [key]
    assert text in found[key]
    assert not [one for one in monitor.requests if "providers" not in one.type]


@pytest.mark.parametrize(
    ("args", "keys"),
    [
        ("text", {"shop"}),
        ({"backends": [{"image": "a:1", "port": 0}]}, {"shop.name", "shop.backends[0].port"}),
        ({"name": "Not", "backends": 5, "bakends": []}, {"shop.name", "shop.backends", "shop.bakends"}),
    ],
)
def test_all_problems_are_reported_together(monitor: Monitor, args: Any, keys: set[str]) -> None:
    assert set(rejected(monitor, lambda: SharedNamespace("shop", args, opts=on()))) == keys


def two(first: dict[str, Any], second: dict[str, Any], others: bool = False) -> Callable[[], None]:
    """Return a program with two independent backends, on one cluster or on two."""

    def program() -> None:
        opts = on()
        HighlyAvailableBackend("first", {"image": IMAGE, **first}, opts=opts)
        HighlyAvailableBackend("second", {"image": IMAGE, **second}, opts=on("another") if others else opts)

    return program


@pytest.mark.parametrize(
    ("first", "second", "key", "text"),
    [
        ({}, {}, "second.name", "'backend-service' is also the name of 'first' in namespace 'backend-service'"),
        (
            {"name": "a", "namespace": "x"},
            {"name": "b", "namespace": "x"},
            "second.namespace",
            "'x' is already managed by 'first': use another namespace, or create one SharedNamespace",
        ),
        (
            {"name": "a", "namespace": "x", "selector": {"tier": "web"}},
            {"name": "b", "namespace": "x", "labels": {"tier": "web"}},
            "second.labels",
            "its pods have the labels tier=web, which 'first' in namespace 'x' selects",
        ),
        (
            {"name": "b", "namespace": "x", "labels": {"tier": "web"}},
            {"name": "a", "namespace": "x", "selector": {"tier": "web"}},
            "second.selector",
            "its selector tier=web matches the pods of 'first' in namespace 'x'",
        ),
        (
            {"name": "a", "namespace": "x", "selector": {"app.kubernetes.io/component": "backend"}},
            {"name": "b", "namespace": "x"},
            "second.labels",
            "app.kubernetes.io/component=backend",
        ),
    ],
)
def test_conflicting_backends_are_rejected_before_the_second_is_registered(
    monitor: Monitor, first: dict[str, Any], second: dict[str, Any], key: str, text: str
) -> None:
    found = rejected(monitor, two(first, second))
    assert list(found) == [key]
    assert text in found[key]
    assert not [one for one in monitor.requests if one.name.startswith("second")]


@pytest.mark.parametrize(("second", "others"), [({}, True), ({"name": "b"}, False)])
def test_other_clusters_and_namespaces_do_not_conflict(monitor: Monitor, second: dict[str, Any], others: bool) -> None:
    monitor.run(two({}, second, others))
    assert len(monitor.all("apps/v1:Deployment")) == 2


def test_runs_are_independent(monitor: Monitor) -> None:
    for _ in range(2):
        monitor.run(lambda: HighlyAvailableBackend("web", {"image": IMAGE}, opts=on()))
    assert len(monitor.all("apps/v1:Deployment")) == 2


def test_a_namespace_that_does_not_list_the_backend_is_rejected(monitor: Monitor) -> None:
    def program() -> None:
        opts = on()
        namespace = SharedNamespace("shop", {"name": "market", "backends": [FRONT]}, opts=opts)
        HighlyAvailableBackend("front", {**FRONT, "replicas": 6}, namespace=namespace, opts=opts)

    found = rejected(monitor, program)
    assert "'shop' does not list these settings of 'front'" in found["front.namespace"]


def test_a_namespace_on_another_cluster_is_rejected(monitor: Monitor) -> None:
    def program() -> None:
        namespace = SharedNamespace("shop", {"name": "market", "backends": [FRONT]}, opts=on())
        HighlyAvailableBackend("front", FRONT, namespace=namespace, opts=on("another"))

    assert "uses another provider" in rejected(monitor, program)["front.namespace"]


def test_a_provider_of_a_parent_counts(monitor: Monitor) -> None:
    def program() -> None:
        parent = pulumi.ComponentResource("a:b:C", "parent", None, on())
        for name in ("first", "second"):
            HighlyAvailableBackend(name, {"image": IMAGE}, opts=pulumi.ResourceOptions(parent=parent))

    assert list(rejected(monitor, program)) == ["second.name"]
