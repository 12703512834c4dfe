"""Drills on a user's own cluster: what they may touch, and what they ask before."""

from __future__ import annotations

import json
import socket
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from components.devcluster import kwok_config
from lab.drills.drill import NODES
from lab.drills.kube import DrillError
from lab.drills.user_target import UserTarget
from lab.testbed import address, consent
from lab.testbed.permissions import DRAIN, missing
from lab.testbed.user_backend import UserBackend, as_text
from lab.testbed.user_cluster import UserClusterError, UserClusterOptions, prepare


def service(*ingress: Any) -> Any:
    return SimpleNamespace(
        status=SimpleNamespace(load_balancer=SimpleNamespace(ingress=list(ingress) or None)),
        spec=SimpleNamespace(ports=[SimpleNamespace(port=8080)]),
    )


@pytest.mark.parametrize(
    ("ip", "hostname", "url", "own"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8080/", True),
        ("192.0.2.7", None, "http://192.0.2.7:8080/", False),
        ("0.0.0.0", None, "http://0.0.0.0:8080/", False),  # noqa: S104
        ("2001:db8::1", None, "http://[2001:db8::1]:8080/", False),
        (None, "lb.example.com", "http://lb.example.com:8080/", False),
        (None, "localhost", "http://localhost:8080/", False),
    ],
)
def test_only_an_address_of_this_machine_is_local(ip: str | None, hostname: str | None, url: str, own: bool) -> None:
    assert address.service_url(service(SimpleNamespace(ip=ip, hostname=hostname))) == (url, own)


def test_a_service_without_an_address_receives_no_load() -> None:
    assert address.service_url(service()) == ("", False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:  # that a port is taken says nothing of the address
        taken.bind(("127.0.0.1", 0))
        assert address.is_local("127.0.0.1")


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ({}, ""),
        ({"matchLabels": {"app": "web", "tier": "x"}}, "app=web,tier=x"),
        (
            {
                "matchExpressions": [
                    {"key": "app", "operator": "In", "values": ["a", "b"]},
                    {"key": "canary", "operator": "Exists"},
                    {"key": "old", "operator": "DoesNotExist"},
                    {"key": "tier", "operator": "NotIn", "values": ["x"]},
                ]
            },
            "app in (a,b),canary,!old,tier notin (x)",
        ),
    ],
)
def test_a_selector_is_written_as_the_api_expects(selector: dict[str, Any], text: str) -> None:
    assert as_text(selector) == text


def target() -> UserTarget:
    return UserTarget(SimpleNamespace(CoreV1Api=None, AppsV1Api=None, PolicyV1Api=None), {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "allowed"), [("yes", True), (" YES\n", True), ("y", False), ("", False), ("no", False)]
)
def test_nodes_are_touched_only_after_a_yes(answer: str, allowed: bool) -> None:
    questions: list[str] = []

    def ask(text: str) -> str:
        questions.append(text)
        return answer

    here = target()
    consent.request(here, "drain: n1 is closed", "prod", beforehand=False, ask=ask)
    assert (NODES not in here.unsupported) is allowed
    assert "drain: n1 is closed" in questions[0] and "prod" in questions[0] and "yes" in questions[0]


def test_without_a_terminal_nodes_are_left_alone_unless_agreed_beforehand() -> None:
    here = target()
    consent.request(here, "drain", "prod", beforehand=False, ask=None)
    assert "--yes-nodes" in here.unsupported[NODES]
    here = target()
    consent.request(here, "drain", "prod", beforehand=True, ask=None)
    assert NODES not in here.unsupported


def client(**rights: bool) -> Any:
    def review(body: Any) -> Any:
        attributes = body["spec"]["resourceAttributes"]
        assert (attributes["namespace"] == "") is (attributes["resource"] == "nodes")
        name = "_".join(filter(None, (attributes["verb"], attributes["resource"], attributes["subresource"])))
        return SimpleNamespace(status=SimpleNamespace(allowed=rights.get(name, True)))

    api = SimpleNamespace(create_self_subject_access_review=review)
    return SimpleNamespace(AuthorizationV1Api=api, call=lambda call, *args: call(*args))


def test_missing_permissions_are_named() -> None:
    assert missing(client(), "web", DRAIN) == []
    assert missing(client(patch_nodes=False, create_pods_eviction=False), "web", DRAIN) == [
        "create pods/eviction in namespace web",
        "patch nodes",
    ]


@pytest.mark.parametrize("rate", [0, 501])
def test_the_load_on_a_user_s_cluster_is_limited(rate: int) -> None:
    with pytest.raises(UserClusterError, match="use 1 to 500"):
        prepare(UserClusterOptions("none", "prod", "web", rate=rate), print, None)


def test_the_backend_is_only_ever_restarted() -> None:
    kube: Any = SimpleNamespace(deployment=lambda *_: SimpleNamespace(spec=SimpleNamespace(replicas=3)))
    with pytest.raises(DrillError, match="cannot be changed"):
        UserBackend(kube, "web", "api", "app=api", connections=(), rate=1).change(image="other:1")


def test_only_a_cluster_whose_nodes_can_be_lost_differs_from_the_default() -> None:
    programs = dict.fromkeys(
        ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "etcd", "kwok", "metrics-server"),
        "/bin/x",
    )

    def built(**more: bool) -> tuple[dict[str, Any], set[str]]:
        documents = list(yaml.safe_load_all(kwok_config.cluster_config(programs, {}, "1.36", **more)))  # type: ignore[arg-type]
        patches = {
            one["name"]: {each["key"]: each["value"] for each in one["extraArgs"]}
            for one in documents[0]["componentsPatches"]
        }
        return patches, {one["metadata"]["name"] for one in documents[1:]}

    usual, stages = built()
    losable, more = built(losable=True)
    assert losable.pop("kwok-controller") == {
        "manage-all-nodes": "false",
        "manage-nodes-with-label-selector": "ha-backend.local/power=on",
    }
    assert losable == usual and more - stages == {"pod-is-back-with-its-node"} and stages < more
    for losing in (True, False):
        text = json.dumps(kwok_config.node_objects(["a"], 1, "1.36", losing))
        assert (kwok_config.POWER_LABEL in text) is losing
