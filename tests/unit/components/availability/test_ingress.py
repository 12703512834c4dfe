"""The ways in beside the load balancer: what is made, how long each keeps sending requests, and what is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from google.protobuf import json_format

from components.availability import UNKNOWN, ClusterFacts, conflicts, promise, stated
from components.inspection.ingress import asked, findings
from components.settings import LocalCluster
from tests.support.fake_engine import IMAGE, Monitor, backend
from tests.support.observations import having, seen
from tests.support.problems import EXISTING, Given, Row, accepted, named, refused

INGRESS = {
    "hosts": ["shop.example.com", "*.shop.example.com"],
    "className": "nginx",
    "path": "/shop",
    "tlsSecretName": "shop-tls",
    "annotations": {"cert-manager.io/cluster-issuer": "letsencrypt"},
}
ROUTE = {
    "parentRefs": [{"name": "edge", "namespace": "gateways", "sectionName": "https"}, {"name": "inner"}],
    "hostnames": ["shop.example.com"],
    "timeoutSeconds": 30,
}
ALONE = {"loadBalancer": {"enabled": False}}


def kinds(monitor: Monitor) -> set[str]:
    return {one.type.rpartition(":")[2] for one in monitor.requests}


def test_unasked_there_is_a_load_balancer_and_nothing_else(monitor: Monitor) -> None:
    assert not kinds(monitor.make()) & {"Ingress", "HTTPRoute"}
    assert monitor.inputs("core/v1:Service")["spec"]["type"] == "LoadBalancer"


def test_an_ingress_leads_all_its_hosts_to_the_service_by_the_name_of_its_port(monitor: Monitor) -> None:
    made = monitor.make(ingress=INGRESS).inputs("networking.k8s.io/v1:Ingress")
    assert made["metadata"]["name"] == "backend-service"
    assert made["metadata"]["annotations"] == INGRESS["annotations"]
    spec = made["spec"]
    assert (spec["ingressClassName"], spec["tls"]) == ("nginx", [{"hosts": INGRESS["hosts"], "secretName": "shop-tls"}])
    assert [rule["host"] for rule in spec["rules"]] == INGRESS["hosts"]
    target = {"service": {"name": "backend-service", "port": {"name": "http"}}}
    for rule in spec["rules"]:
        assert rule["http"]["paths"] == [{"path": "/shop", "pathType": "Prefix", "backend": target}]
    assert monitor.inputs("core/v1:Service")["spec"]["type"] == "LoadBalancer", "both, unless one is turned off"


def test_an_ingress_says_nothing_that_it_was_not_told(monitor: Monitor) -> None:
    made = monitor.make(ingress={"hosts": ["a.example"]}).inputs("networking.k8s.io/v1:Ingress")
    assert "annotations" not in made["metadata"]
    assert not {"tls", "ingressClassName"} & made["spec"].keys()


def test_a_route_is_attached_to_its_gateways(monitor: Monitor) -> None:
    made = monitor.make(route=ROUTE, servicePort=8000).inputs("gateway.networking.k8s.io/v1:HTTPRoute")
    assert (made["apiVersion"], made["kind"]) == ("gateway.networking.k8s.io/v1", "HTTPRoute")
    assert made["spec"] == {
        "parentRefs": ROUTE["parentRefs"],
        "hostnames": ["shop.example.com"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "timeouts": {"request": "30s"},
                "backendRefs": [{"name": "backend-service", "port": 8000}],
            }
        ],
    }
    monitor.requests.clear()
    plain = monitor.make(route={"parentRefs": [{"name": "edge"}]}).inputs("gateway.networking.k8s.io/v1:HTTPRoute")[
        "spec"
    ]
    assert plain["parentRefs"] == [{"name": "edge"}]
    assert "hostnames" not in plain and "timeouts" not in plain["rules"][0]


RETRYING = {
    **ROUTE,
    "backendTimeoutSeconds": 10,
    "retry": {"attempts": 2, "codes": [502, 503], "backoffMilliseconds": 50},
}


def test_a_route_says_how_long_an_attempt_lasts_and_how_many_there_are(monitor: Monitor) -> None:
    made = monitor.make(route=RETRYING).inputs("gateway.networking.k8s.io/v1:HTTPRoute")["spec"]["rules"][0]
    assert made["timeouts"] == {"request": "30s", "backendRequest": "10s"}
    assert made["retry"] == {"attempts": 2, "codes": [502, 503], "backoff": "50ms"}
    monitor.requests.clear()
    few = monitor.make(route={"parentRefs": [{"name": "edge"}], "backendTimeoutSeconds": 20, "retry": {"attempts": 1}})
    rule = few.inputs("gateway.networking.k8s.io/v1:HTTPRoute")["spec"]["rules"][0]
    assert (rule["timeouts"], rule["retry"]) == ({"backendRequest": "20s"}, {"attempts": 1})


@pytest.mark.parametrize(
    ("name", "one", "changed"),
    [
        *(
            ("ingress", {key: value}, "networking.k8s.io/v1:Ingress")
            for key, value in (
                ("hosts", ["b.example"]),
                ("className", "x"),
                ("path", "/b"),
                ("tlsSecretName", "x"),
                ("annotations", {"a": "b"}),
            )
        ),
        *(
            ("route", {key: value}, "gateway.networking.k8s.io/v1:HTTPRoute")
            for key, value in (
                ("parentRefs", [{"name": "x"}]),
                ("hostnames", ["b.example"]),
                ("path", "/b"),
                ("timeoutSeconds", 5),
                ("backendTimeoutSeconds", 5),
                ("retry", {"attempts": 3}),
            )
        ),
    ],
)
def test_a_setting_changes_its_object_and_no_other(monitor: Monitor, name: str, one: Any, changed: str) -> None:
    def make(**more: Any) -> dict[str, Any]:
        monitor.requests.clear()
        monitor.make(**{"ingress": INGRESS, "route": ROUTE, **more})
        return {
            each.type: copy.deepcopy(json_format.MessageToDict(each.object))
            for each in monitor.requests
            if each.type.startswith("kubernetes:")
        }

    before = make()
    after = make(**{name: {**(INGRESS if name == "ingress" else ROUTE), **one}})
    assert {kind for kind in before if before[kind] != after[kind]} == {f"kubernetes:{changed}"}


def test_without_a_load_balancer_the_service_is_reached_inside_alone(monitor: Monitor) -> None:
    spec = monitor.make(**ALONE).inputs("core/v1:Service")["spec"]
    assert spec["type"] == "ClusterIP"
    assert "externalTrafficPolicy" not in spec


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://192.0.2.10"),
        ({"ingress": INGRESS}, "http://192.0.2.10"),
        (ALONE, None),
        ({**ALONE, "route": ROUTE}, None),
        ({**ALONE, "ingress": INGRESS}, "https://shop.example.com/shop"),
        ({**ALONE, "ingress": {"hosts": ["a.example"]}}, "http://a.example"),
    ],
)
def test_the_endpoint_is_the_way_in_that_is_known(monitor: Monitor, given: Given, url: str | None) -> None:
    monitor.make(**given)
    (found,) = (each for urn, each in monitor.outputs.items() if "HighlyAvailableBackend" in urn)
    assert found.get("endpoint") == url


def test_only_who_is_named_reaches_the_port(monitor: Monitor) -> None:
    monitor.make(**ALONE, network={"allowFrom": ["ingress", "gateways"]})
    opened = next(
        json_format.MessageToDict(one.object)["spec"]
        for one in monitor.all("networking.k8s.io/v1:NetworkPolicy")
        if one.name.endswith("-network-policy")
    )
    assert opened["ingress"] == [
        {
            "ports": [{"port": "http", "protocol": "TCP"}],
            "from": [
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}
                for name in ("ingress", "gateways")
            ],
        }
    ]


# pod killed, node lost: seconds in which requests may fail.
@pytest.mark.parametrize(
    ("given", "pod", "node"),
    [
        ({}, 33, 31),
        ({"loadBalancer": {"externalTrafficPolicy": "Cluster"}}, 3, 63),
        (ALONE, 3, 63),
        ({**ALONE, "ingress": {"hosts": ["a.example"]}}, 12, 72),
        ({**ALONE, "ingress": {"hosts": ["a.example"], "endpointUpdateSeconds": 2}}, 4, 64),
        ({**ALONE, "route": {"parentRefs": [{"name": "edge"}], "endpointUpdateSeconds": 30}}, 32, 92),
        ({"ingress": {"hosts": ["a.example"]}}, 33, 72),
        ({"ingress": {"hosts": ["a.example"], "endpointUpdateSeconds": 33}}, 35, 95),
    ],
)
def test_the_promise_is_that_of_the_way_in_that_notices_last(given: Given, pod: int, node: int) -> None:
    told = promise(backend(**given), ClusterFacts(("a", "b", "c"))).as_output()
    assert (told["pod"]["errorWindowSeconds"], told["node"]["errorWindowSeconds"]) == (pod, node)
    assert told["zone"]["errorWindowSeconds"] == node
    assert told["hang"]["errorWindowSeconds"] == pod + 12
    assert (told["drain"]["errorWindowSeconds"], told["rollout"]["errorWindowSeconds"]) == (0, 0)


def test_each_second_of_it_has_a_source() -> None:
    told = promise(backend(**ALONE, ingress={"hosts": ["a.example"]}), ClusterFacts(("a", "b", "c"))).as_output()
    assert told["pod"]["errorWindowSources"] == [
        "2 s until its endpoint is taken out (fixed: kubelet, EndpointSlice)",
        "10 s until the Ingress controller sends it nothing more (ingress.endpointUpdateSeconds)",
    ]


BAD: list[Row] = [
    ({"ingress": {"hosts": "a"}}, "ingress.hosts", "a list of 0 to 20 entries"),
    ({"ingress": {"hosts": ["A.example"]}}, "ingress.hosts[0]", "the name of a host"),
    ({"ingress": {"hosts": ["10.0.0.1"]}}, "ingress.hosts[0]", "'10.0.0.1' is an address; right would be a name"),
    ({"ingress": {"hosts": ["a.*.b"]}}, "ingress.hosts[0]", "the name of a host"),
    ({"ingress": {"hosts": ["a.b"], "path": "shop"}}, "ingress.path", "a path such as /shop"),
    ({"ingress": {"hosts": ["a.b"], "path": "/a//b"}}, "ingress.path", "no part of it empty"),
    ({"ingress": {"hosts": ["a.b"], "path": "/../b"}}, "ingress.path", "beginning with a dot"),
    ({"ingress": {"hosts": ["a.b"], "annotations": {"a b": "c"}}}, "ingress.annotations.a b", "a label key"),
    ({"ingress": {"hosts": ["a.b"], "endpointUpdateSeconds": 0}}, "ingress.endpointUpdateSeconds", "from 1 to 300"),
    ({"ingress": {"hosts": ["a.b"], "class": "x"}}, "ingress.class", "did you mean 'className'?"),
    ({"route": {"parentRefs": [{"nam": "x", "name": "x"}]}}, "route.parentRefs[0].nam", "did you mean 'name'?"),
    ({"route": {"parentRefs": [{}]}}, "route.parentRefs[0].name", "missing. Name of the Gateway."),
    ({"route": {"parentRefs": [{"name": "x"}], "timeoutSeconds": 0}}, "route.timeoutSeconds", "from 1 to 3600"),
    ({"route": {"parentRefs": [{"name": "x"}], "retry": {"attempts": 11}}}, "route.retry.attempts", "from 1 to 10"),
    (
        {"route": {"parentRefs": [{"name": "x"}], "retry": {"attempt": 1}}},
        "route.retry.attempt",
        "did you mean 'attempts'?",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "retry": {"attempts": 1, "codes": [302]}}},
        "route.retry.codes[0]",
        "from 400 to 599",
    ),
]
TOGETHER: list[Row] = [
    (
        {"ingress": {"className": "nginx", "path": "/a"}},
        "ingress.hosts",
        "says of no way in what className, path should hold for",
    ),
    ({"route": {"hostnames": ["a.b"]}}, "route.parentRefs", "says of no way in what hostnames should hold for"),
    ({"route": {"retry": {"attempts": 2}}}, "route.parentRefs", "says of no way in what retry should hold for"),
    (
        {"route": {"parentRefs": [{"name": "x"}], "timeoutSeconds": 5, "backendTimeoutSeconds": 6}},
        "route.backendTimeoutSeconds",
        "6 must not be above route.timeoutSeconds (5)",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "backendTimeoutSeconds": 21}},
        "route.backendTimeoutSeconds",
        "must not be above shutdown.drainSeconds (20)",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "retry": {"codes": [503]}}},
        "route.retry.attempts",
        "says of no attempt",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "retry": {"attempts": 1, "codes": [503, 503]}}},
        "route.retry.codes",
        "503 is named more than once",
    ),
    ({"network": {"allowFrom": ["ingress"]}}, "network.allowFrom", "set loadBalancer.enabled to false"),
]
SLOW: list[Row] = [
    (
        {**ALONE, "ingress": {"hosts": ["a.b"], "endpointUpdateSeconds": 40}},
        "shutdown.deregistrationSeconds",
        "35 is too short: a pod that is going is sent requests for ingress.endpointUpdateSeconds (40) + 2: raise it to 42",
    ),
    (
        {"route": {"parentRefs": [{"name": "x"}], "endpointUpdateSeconds": 34}},
        "shutdown.deregistrationSeconds",
        "raise it to 36",
    ),
]


@pytest.mark.parametrize(("given", "key", "text"), BAD, ids=named)
def test_each_is_refused_in_words(given: Given, key: str, text: str) -> None:
    found = refused({"image": IMAGE, **given}, EXISTING)
    assert list(found) == [f"backend.{key}"]
    assert text in found[f"backend.{key}"]


@pytest.mark.parametrize(("given", "key", "text"), [*TOGETHER, *SLOW], ids=named)
def test_what_contradicts_is_refused(given: Given, key: str, text: str) -> None:
    from components.settings.consistency import conflicts as contradictions

    (found,) = contradictions(backend(**given))
    assert found.key == key
    assert text in f"{found.value} {found.text}"


def test_what_is_turned_off_is_not_waited_for() -> None:
    accepted({**ALONE, "shutdown": {"deregistrationSeconds": 5}})


CLASSES = {"nginx": False, "traefik": True}


@pytest.mark.parametrize(
    ("given", "facts", "key", "text"),
    [
        (
            {"ingress": {"hosts": ["a.b"], "className": "x"}},
            {"ingress_classes": CLASSES},
            "ingress.className",
            "'x' is not an IngressClass of the cluster; there: nginx, traefik",
        ),
        (
            {"ingress": {"hosts": ["a.b"]}},
            {"ingress_classes": {"nginx": False}},
            "ingress.hosts",
            "has no default IngressClass; there: nginx: set ingress.className",
        ),
        (
            {"route": {"parentRefs": [{"name": "x"}]}},
            {"apis": frozenset({"metrics.k8s.io"})},
            "route.parentRefs",
            "does not serve gateway.networking.k8s.io: install the Gateway API there",
        ),
        (
            {"route": {"parentRefs": [{"name": "x"}], "retry": {"attempts": 2}}},
            {"route_fields": frozenset({"timeouts"})},
            "route.retry.attempts",
            "2 is not taken: the cluster's HTTPRoute has no retry: install the experimental channel",
        ),
        (
            {"route": {"parentRefs": [{"name": "x"}], "backendTimeoutSeconds": 2}},
            {"route_fields": frozenset({"matches"})},
            "route.backendTimeoutSeconds",
            "has no timeouts: install Gateway API 1.2 or later",
        ),
    ],
)
def test_what_nobody_would_serve_is_refused(given: Given, facts: Any, key: str, text: str) -> None:
    (found,) = conflicts(backend(**given), ClusterFacts(("a", "b", "c"), **facts))
    assert found.key == key
    assert text in f"{found.value!r} {found.text}"
    assert not conflicts(backend(**given), ClusterFacts(("a", "b", "c")))


def test_an_embedded_cluster_has_no_way_in_but_its_load_balancer() -> None:
    given = backend(ingress={"hosts": ["a.b"]}, route={"parentRefs": [{"name": "x"}]})
    assert [one.key for one in conflicts(given, stated(LocalCluster(kind="local")))] == [
        "ingress.hosts",
        "route.parentRefs",
    ]
    assert not conflicts(given, UNKNOWN)


def parent(name: str, *, section: str | None = None, **conditions: str) -> Given:
    told = [
        {"type": kind, "status": state, "reason": "Why", "message": "because"} for kind, state in conditions.items()
    ]
    return {"parentRef": {"name": name, **({"sectionName": section} if section else {})}, "conditions": told}


@pytest.mark.parametrize(
    ("parents", "text"),
    [
        ([parent("edge", Accepted="True", ResolvedRefs="True")], None),
        ([], "was not taken by Gateway edge"),
        ([parent("other", Accepted="True")], "was not taken by Gateway edge"),
        ([parent("edge", section="x", Accepted="True")], "was not taken by Gateway edge"),
        ([parent("edge", Accepted="False", ResolvedRefs="True")], "Gateway edge: Accepted is False (Why: because)"),
        ([parent("edge", Accepted="True", ResolvedRefs="False")], "Gateway edge: ResolvedRefs is False"),
    ],
)
def test_a_route_is_open_when_each_gateway_has_taken_it(parents: Any, text: str | None) -> None:
    given = backend(route={"parentRefs": [{"name": "edge"}]})
    told = list(findings(given, seen(route={"status": {"parents": parents}})))
    assert len(told) == (text is not None)
    assert all(text in one for one in told if text)


def test_an_ingress_is_open_when_it_has_an_address() -> None:
    given = backend(ingress={"hosts": ["a.b"], "className": "nginx"})
    address = having(load_balancer=having(ingress=["192.0.2.1"]))
    assert not list(findings(given, seen(ingress=having(status=address))))
    (told,) = findings(given, seen(ingress=having(status=having(load_balancer=having(ingress=None)))))
    assert "no controller serves its class (nginx)" in told
    unawaited = backend(ingress={"hosts": ["a.b"], "annotations": {"pulumi.com/skipAwait": "true"}})
    assert not list(findings(unawaited, seen(ingress=having(status=None))))
    for name, wanted in (("ingress", given), ("route", backend(route={"parentRefs": [{"name": "x"}]}))):
        assert asked(wanted) == (name,)
        (told,) = findings(wanted, seen())
        assert "is not there" in told
