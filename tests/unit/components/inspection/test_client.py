"""Access to an API server: the right context, and one clear sentence with an id for every error."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import kubernetes
import pytest
import yaml

from components.inspection.client import Client, InspectionError


def kubeconfig(server: str = "https://127.0.0.1:1") -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "one",
            "contexts": [{"name": name, "context": {"cluster": name, "user": "me"}} for name in ("one", "two")],
            "clusters": [
                {"name": "one", "cluster": {"server": "https://one.example"}},
                {"name": "two", "cluster": {"server": server}},
            ],
            "users": [{"name": "me", "user": {"token": "t"}}],
        }
    )


@pytest.fixture
def client() -> Client:
    return Client(kubeconfig(), "two")


def failing(error: Exception) -> Callable[..., Any]:
    def call(**_: Any) -> None:
        raise error

    return call


def refusing(status: int, body: str | None = None) -> Callable[..., Any]:
    error = kubernetes.client.ApiException(status=status, reason="Some reason")
    error.body = body
    return failing(error)


@pytest.mark.parametrize(
    ("context", "host"), [("one", "https://one.example"), ("two", "https://127.0.0.1:1"), (None, "https://one.example")]
)
def test_the_context_selects_the_server(context: str | None, host: str) -> None:
    assert Client(kubeconfig(), context).CoreV1Api.api_client.configuration.host == host


def test_each_group_is_an_api_of_the_official_client(client: Client) -> None:
    assert type(client.AppsV1Api).__name__ == "AppsV1Api"
    assert type(client.PolicyV1Api).__name__ == "PolicyV1Api"


def test_an_unknown_context_is_reported() -> None:
    with pytest.raises(InspectionError, match=r"the kubeconfig cannot be used: .*three"):
        Client(kubeconfig(), "three")


@pytest.mark.parametrize("key", ["certificate-authority-data", "client-certificate-data", "client-key-data"])
def test_data_that_is_not_base64_is_reported(key: str) -> None:
    config = yaml.safe_load(kubeconfig())
    part = config["clusters"][1]["cluster"] if key.startswith("certificate") else config["users"][0]["user"]
    part.pop("token", None)
    part[key] = "A"
    with pytest.raises(InspectionError, match="the kubeconfig cannot be used: "):
        Client(yaml.safe_dump(config), "two")


def test_a_call_has_a_timeout_and_returns_the_response(client: Client) -> None:
    assert client.call(lambda *args, **more: (args, more), "web", "team", limit=5) == (
        ("web", "team"),
        {"_request_timeout": 10, "limit": 5},
    )


def test_a_missing_object_is_none(client: Client) -> None:
    assert client.call(refusing(404)) is None
    assert client.call_if_permitted(refusing(404)) is None


def test_a_missing_permission_is_reported_where_it_is_required(client: Client) -> None:
    body = json.dumps({"kind": "Status", "message": "pods is forbidden: User me cannot list"})
    with pytest.raises(
        InspectionError, match=r"returned 403 \(pods is forbidden: User me cannot list\) \[api-server-forbidden\]$"
    ):
        client.call(refusing(403, body))
    assert client.call_if_permitted(refusing(403, body)) is None


@pytest.mark.parametrize("body", [None, "", "not JSON", "[]", "{}"])
def test_a_response_without_a_message_is_reported_by_its_reason(client: Client, body: str | None) -> None:
    for call in (client.call, client.call_if_permitted):
        with pytest.raises(InspectionError, match=r"the API server returned 500 \(Some reason\) \[api-server-error\]$"):
            call(refusing(500, body))


def test_an_unreachable_api_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    closed = Client(kubeconfig(f"http://127.0.0.1:{port}"), "two")
    with pytest.raises(
        InspectionError, match=r"the API server does not respond .*refused.* \[api-server-unreachable\]$"
    ):
        closed.call(closed.CoreV1Api.list_node)


@pytest.mark.parametrize("error", [OSError("first line\nsecond line"), ValueError("first line"), TimeoutError()])
def test_an_error_of_the_transport_is_one_line(client: Client, error: Exception) -> None:
    with pytest.raises(InspectionError) as caught:
        client.call(failing(error))
    assert "the API server does not respond" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_object_has_the_attribute_names_of_the_official_client(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[tuple[Any, ...]] = []
    response = {
        "metadata": {"ownerReferences": [{"name": "a"}], "labels": {"topology.kubernetes.io/zone": "b"}},
        "status": {},
    }

    def get(*words: Any, **_: Any) -> Any:
        requests.append(words)
        return {"items": [response]} if len(words) > 1 else response

    monkeypatch.setattr(client, "_get", get)
    deployment = client.get_object("/apis/apps/v1/namespaces/team/deployments/web")
    assert deployment is not None
    assert deployment.metadata.owner_references[0].name == "a"
    assert dict(deployment.metadata.labels) == {"topology.kubernetes.io/zone": "b"}
    assert (deployment.status.ready_replicas, deployment.spec) == (None, None)
    assert [each.metadata.labels for each in client.list_objects("/api/v1/nodes", "a=b")] == [
        deployment.metadata.labels
    ]
    assert requests == [
        ("/apis/apps/v1/namespaces/team/deployments/web",),
        ("/api/v1/nodes", [("labelSelector", "a=b")]),
    ]


def test_a_missing_object_differs_from_a_hidden_one(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_get", lambda *_, **__: refusing(404, "")())
    assert (client.get_object("/x"), client.list_objects("/x")) == (None, ())
    monkeypatch.setattr(client, "_get", lambda *_, **__: refusing(403, "")())
    for read in (client.get_object, client.list_objects):
        with pytest.raises(InspectionError, match="returned 403"):
            read("/x")
    assert client.list_objects("/x", required=False) == ()
