"""Deployments of others in the backend's namespace: those that would share its pods are refused before anything is made."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection.client import InspectionError
from components.inspection.selector_overlap import matches, overlaps, shared
from tests.support.fake_api_client import FORBIDDEN, Answering
from tests.support.fake_engine import backend

NAME = "app.kubernetes.io/name"
PATH = "/apis/apps/v1/namespaces/backend-service/deployments"


def deployment(name: str, selector: dict[str, Any], pods: dict[str, str]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"selector": selector, "template": {"metadata": {"labels": pods}}}}


def equal(name: str, **labels: str) -> dict[str, Any]:
    given = {key.replace("__", "/"): value for key, value in labels.items()}
    return deployment(name, {"matchLabels": given}, given)


def test_one_whose_pods_ours_would_be_taken_for() -> None:
    other = deployment("stray", {"matchLabels": {"app": "stray"}}, {"app": "stray", NAME: "backend-service"})
    (text,) = shared(backend(), [other])
    assert text.startswith(
        "ha-backend:backend.name: the pods of Deployment 'stray' in namespace 'backend-service' carry "
        f"{NAME}=backend-service, by which ours are selected"
    )


@pytest.mark.parametrize(
    "selector",
    [
        {"matchLabels": {"tier": "web"}},
        {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["web", "api"]}]},
        {"matchExpressions": [{"key": "tier", "operator": "Exists"}, {"key": "app", "operator": "DoesNotExist"}]},
    ],
)
def test_one_that_selects_ours(selector: dict[str, Any]) -> None:
    (text,) = shared(backend(labels={"tier": "web"}), [deployment("stray", selector, {"app": "stray"})])
    assert text.startswith(
        "ha-backend:backend.labels: Deployment 'stray' in namespace 'backend-service' selects its pods by"
    )


def test_itself_and_whoever_has_nothing_in_common_are_no_hindrance() -> None:
    assert not list(
        shared(
            backend(),
            [
                deployment("backend-service", {"matchLabels": {NAME: "backend-service"}}, {NAME: "backend-service"}),
                equal("other", app="other"),
            ],
        )
    )


@pytest.mark.parametrize(
    ("requirement", "held"),
    [
        ({"key": "a", "operator": "In", "values": ["1"]}, True),
        ({"key": "a", "operator": "In", "values": ["2"]}, False),
        ({"key": "b", "operator": "In", "values": ["1"]}, False),
        ({"key": "a", "operator": "NotIn", "values": ["1"]}, False),
        ({"key": "a", "operator": "NotIn", "values": ["2"]}, True),
        ({"key": "b", "operator": "NotIn", "values": ["2"]}, True),
        ({"key": "a", "operator": "Exists"}, True),
        ({"key": "b", "operator": "Exists"}, False),
        ({"key": "a", "operator": "DoesNotExist"}, False),
        ({"key": "b", "operator": "DoesNotExist"}, True),
    ],
)
def test_every_operator_as_kubernetes_has_it(requirement: dict[str, Any], held: bool) -> None:
    assert matches({"matchExpressions": [requirement]}, {"a": "1"}) is held


@pytest.mark.parametrize("answer", [FORBIDDEN, None, {"items": None}])
def test_where_nobody_may_look_nothing_is_refused(answer: Any) -> None:
    assert not list(overlaps(Answering(**{PATH: answer}), backend()))  # type: ignore[arg-type]


def test_it_is_asked_for_in_the_backends_own_namespace() -> None:
    client = Answering(
        **{PATH: {"items": [equal("stray", app__name="x", **{"app.kubernetes.io__name": "backend-service"})]}}
    )
    assert len(list(overlaps(client, backend()))) == 1  # type: ignore[arg-type]
    assert client.asked == [(PATH,)]


def test_an_api_server_that_stops_answering_is_an_error() -> None:
    with pytest.raises(InspectionError):
        list(overlaps(Answering(**{PATH: InspectionError("gone")}), backend()))  # type: ignore[arg-type]
