"""Other Deployments in the backend's namespace that would share its pods."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection.client import InspectionError
from components.inspection.selector_overlap import find_overlaps, overlaps, selector_matches
from tests.support.fake_api_client import FORBIDDEN, FakeApiClient
from tests.support.fake_engine import backend

NAME = "app.kubernetes.io/name"
PATH = "/apis/apps/v1/namespaces/backend-service/deployments"


def deployment(name: str, selector: dict[str, Any], pods: dict[str, str]) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"selector": selector, "template": {"metadata": {"labels": pods}}}}


def equal(name: str, **labels: str) -> dict[str, Any]:
    pairs = {key.replace("__", "/"): value for key, value in labels.items()}
    return deployment(name, {"matchLabels": pairs}, pairs)


def test_a_deployment_whose_pods_the_backend_would_select() -> None:
    other = deployment("stray", {"matchLabels": {"app": "stray"}}, {"app": "stray", NAME: "backend-service"})
    (text,) = overlaps(backend(), [other])
    assert text.startswith(
        "ha-backend:backend.name: the pods of Deployment 'stray' in namespace 'backend-service' carry "
        f"{NAME}=backend-service, which the backend selects its pods by"
    )


@pytest.mark.parametrize(
    "selector",
    [
        {"matchLabels": {"tier": "web"}},
        {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["web", "api"]}]},
        {"matchExpressions": [{"key": "tier", "operator": "Exists"}, {"key": "app", "operator": "DoesNotExist"}]},
    ],
)
def test_a_deployment_that_selects_the_backends_pods(selector: dict[str, Any]) -> None:
    (text,) = overlaps(backend(labels={"tier": "web"}), [deployment("stray", selector, {"app": "stray"})])
    assert text.startswith(
        "ha-backend:backend.labels: Deployment 'stray' in namespace 'backend-service' selects its pods by"
    )


def test_the_backend_itself_and_unrelated_deployments_are_fine() -> None:
    assert not list(
        overlaps(
            backend(),
            [
                deployment("backend-service", {"matchLabels": {NAME: "backend-service"}}, {NAME: "backend-service"}),
                equal("other", app="other"),
            ],
        )
    )


@pytest.mark.parametrize(
    ("requirement", "matching"),
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
def test_every_operator_works_as_in_kubernetes(requirement: dict[str, Any], matching: bool) -> None:
    assert selector_matches({"matchExpressions": [requirement]}, {"a": "1"}) is matching


@pytest.mark.parametrize("response", [FORBIDDEN, None, {"items": None}])
def test_without_permission_nothing_is_rejected(response: Any) -> None:
    assert not list(find_overlaps(FakeApiClient(**{PATH: response}), backend()))  # type: ignore[arg-type]


def test_only_the_backends_namespace_is_read() -> None:
    client = FakeApiClient(
        **{PATH: {"items": [equal("stray", app__name="x", **{"app.kubernetes.io__name": "backend-service"})]}}
    )
    assert len(list(find_overlaps(client, backend()))) == 1  # type: ignore[arg-type]
    assert client.requests == [(PATH,)]


def test_an_api_server_that_stops_responding_is_an_error() -> None:
    with pytest.raises(InspectionError):
        list(find_overlaps(FakeApiClient(**{PATH: InspectionError("gone")}), backend()))  # type: ignore[arg-type]
