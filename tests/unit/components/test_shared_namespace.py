"""Several backends of one program: in one namespace that they share, or in each other's way."""

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
    """Through a provider, which is what a cluster is to the engine."""
    return pulumi.ResourceOptions(providers=[kubernetes.Provider(name, kubeconfig="k")])


def shared(monitor: Monitor, *backends: Any, **more: Any) -> None:
    """A program with a namespace that these share."""

    def program() -> None:
        opts = on()
        made = SharedNamespace("shop", {"name": "market", "backends": list(backends), **more}, opts=opts)
        for one in made.backends:
            HighlyAvailableBackend(one.name, one, namespace=made, opts=opts)

    monitor.run(program)


def refused(monitor: Monitor, program: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        monitor.run(program)
    assert isinstance(caught.value, pulumi.RunError), "told with frames"
    return {problem.key: problem.text for problem in caught.value.problems}


def sent(request: Any) -> dict[str, Any]:
    return dict(json_format.MessageToDict(request.object))


def test_the_namespace_and_its_policy_are_made_once(monitor: Monitor) -> None:
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


def test_its_bounds_are_enough_for_all_of_them(monitor: Monitor) -> None:
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


def test_a_backend_alone_has_the_names_that_it_always_had(monitor: Monitor) -> None:
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
        ([FRONT, {**PRICES, "port": 80}], "shop.backends[1].port", "from 1024 to 65535"),
        ([FRONT, {**PRICES, "replicas": 1}], "shop.backends[1].replicas", "leaves no pod"),
        (
            [FRONT, {**PRICES, "namespace": "other"}],
            "shop.backends[1].namespace",
            "'other' is not the namespace that is shared",
        ),
        ([{**FRONT, "selector": {"app": "front"}}], "shop.backends[0].selector", "has a namespace of its own"),
        ([FRONT, "prices"], "shop.backends[1]", "a group of keys"),
        ([], "shop.backends", "a list of 1 to 100 entries"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_cannot_share_is_refused_before_anything_is_made(
    monitor: Monitor, backends: list[Any], key: str, text: str
) -> None:
    found = refused(monitor, lambda: SharedNamespace("shop", {"name": "market", "backends": backends}, opts=on()))
    assert list(found) == [key]
    assert text in found[key]
    assert not [one for one in monitor.requests if "providers" not in one.type]


@pytest.mark.parametrize(
    ("args", "keys"),
    [
        ("text", {"shop"}),
        ({"backends": [{"image": "a:1", "port": 80}]}, {"shop.name", "shop.backends[0].port"}),
        ({"name": "Not", "backends": 5, "bakends": []}, {"shop.name", "shop.backends", "shop.bakends"}),
    ],
)
def test_every_problem_is_told_at_once(monitor: Monitor, args: Any, keys: set[str]) -> None:
    assert set(refused(monitor, lambda: SharedNamespace("shop", args, opts=on()))) == keys


def two(first: dict[str, Any], second: dict[str, Any], others: bool = False) -> Callable[[], None]:
    """A program with two backends that know nothing of one another, on one cluster or on two."""

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
            "its pods carry tier=web, by which 'first' in namespace 'x' selects its own",
        ),
        (
            {"name": "b", "namespace": "x", "labels": {"tier": "web"}},
            {"name": "a", "namespace": "x", "selector": {"tier": "web"}},
            "second.selector",
            "its pods are selected by tier=web, which those of 'first' in namespace 'x' carry as well",
        ),
        (
            {"name": "a", "namespace": "x", "selector": {"app.kubernetes.io/component": "backend"}},
            {"name": "b", "namespace": "x"},
            "second.labels",
            "app.kubernetes.io/component=backend",
        ),
    ],
)
def test_two_that_are_in_each_others_way_are_refused_before_the_second_is_made(
    monitor: Monitor, first: dict[str, Any], second: dict[str, Any], key: str, text: str
) -> None:
    found = refused(monitor, two(first, second))
    assert list(found) == [key]
    assert text in found[key]
    assert not [one for one in monitor.requests if one.name.startswith("second")]


@pytest.mark.parametrize(("second", "others"), [({}, True), ({"name": "b"}, False)])
def test_on_another_cluster_or_in_another_namespace_they_may_be(
    monitor: Monitor, second: dict[str, Any], others: bool
) -> None:
    monitor.run(two({}, second, others))
    assert len(monitor.all("apps/v1:Deployment")) == 2


def test_a_second_run_knows_nothing_of_the_first(monitor: Monitor) -> None:
    for _ in range(2):
        monitor.run(lambda: HighlyAvailableBackend("web", {"image": IMAGE}, opts=on()))
    assert len(monitor.all("apps/v1:Deployment")) == 2


def test_a_namespace_that_was_not_made_for_it_is_refused(monitor: Monitor) -> None:
    def program() -> None:
        opts = on()
        made = SharedNamespace("shop", {"name": "market", "backends": [FRONT]}, opts=opts)
        HighlyAvailableBackend("front", {**FRONT, "replicas": 6}, namespace=made, opts=opts)

    found = refused(monitor, program)
    assert "'shop' does not list these settings of 'front'" in found["front.namespace"]


def test_a_namespace_on_another_cluster_is_refused(monitor: Monitor) -> None:
    def program() -> None:
        made = SharedNamespace("shop", {"name": "market", "backends": [FRONT]}, opts=on())
        HighlyAvailableBackend("front", FRONT, namespace=made, opts=on("another"))

    assert "uses another provider" in refused(monitor, program)["front.namespace"]


def test_a_provider_of_a_parent_is_the_cluster_as_well(monitor: Monitor) -> None:
    def program() -> None:
        parent = pulumi.ComponentResource("a:b:C", "parent", None, on())
        for name in ("first", "second"):
            HighlyAvailableBackend(name, {"image": IMAGE}, opts=pulumi.ResourceOptions(parent=parent))

    assert list(refused(monitor, program)) == ["second.name"]
