"""The way to an API server: the context that is named, and one clear sentence for whatever goes wrong there."""

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
def test_it_goes_where_the_context_leads(context: str | None, host: str) -> None:
    assert Client(kubeconfig(), context).CoreV1Api.api_client.configuration.host == host


def test_each_group_is_the_official_clients_own(client: Client) -> None:
    assert type(client.AppsV1Api).__name__ == "AppsV1Api"
    assert type(client.PolicyV1Api).__name__ == "PolicyV1Api"


def test_a_kubeconfig_that_cannot_be_used_is_told() -> None:
    with pytest.raises(InspectionError, match=r"the kubeconfig cannot be used: .*three"):
        Client(kubeconfig(), "three")


@pytest.mark.parametrize("key", ["certificate-authority-data", "client-certificate-data", "client-key-data"])
def test_data_in_a_kubeconfig_that_is_not_base64_is_told(key: str) -> None:
    config = yaml.safe_load(kubeconfig())
    part = config["clusters"][1]["cluster"] if key.startswith("certificate") else config["users"][0]["user"]
    part.pop("token", None)
    part[key] = "A"
    with pytest.raises(InspectionError, match="the kubeconfig cannot be used: "):
        Client(yaml.safe_dump(config), "two")


def test_an_answer_is_handed_on_and_not_waited_for_without_end(client: Client) -> None:
    assert client.ask(lambda *args, **more: (args, more), "web", "team", limit=5) == (
        ("web", "team"),
        {"_request_timeout": 10, "limit": 5},
    )


def test_what_is_not_there_is_none(client: Client) -> None:
    assert client.ask(refusing(404)) is None
    assert client.glance(refusing(404)) is None


def test_what_may_not_be_seen_is_told_where_it_is_needed(client: Client) -> None:
    body = json.dumps({"kind": "Status", "message": "pods is forbidden: User me cannot list"})
    with pytest.raises(InspectionError, match=r"answers 403 \(pods is forbidden: User me cannot list\)"):
        client.ask(refusing(403, body))
    assert client.glance(refusing(403, body)) is None


@pytest.mark.parametrize("body", [None, "", "not JSON", "[]", "{}"])
def test_an_answer_without_words_is_told_by_its_reason(client: Client, body: str | None) -> None:
    for call in (client.ask, client.glance):
        with pytest.raises(InspectionError, match=r"the API server answers 500 \(Some reason\)"):
            call(refusing(500, body))


def test_an_api_server_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    closed = Client(kubeconfig(f"http://127.0.0.1:{port}"), "two")
    with pytest.raises(InspectionError, match=r"the API server does not answer .*refused"):
        closed.ask(closed.CoreV1Api.list_node)


@pytest.mark.parametrize("error", [OSError("first line\nsecond line"), ValueError("first line"), TimeoutError()])
def test_whatever_the_transport_says_is_one_line(client: Client, error: Exception) -> None:
    with pytest.raises(InspectionError) as caught:
        client.ask(failing(error))
    assert "the API server does not answer" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_read_has_the_names_of_the_official_client(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, ...]] = []
    whole = {
        "metadata": {"ownerReferences": [{"name": "a"}], "labels": {"topology.kubernetes.io/zone": "b"}},
        "status": {},
    }

    def get(*words: Any, **_: Any) -> Any:
        sent.append(words)
        return {"items": [whole]} if len(words) > 1 else whole

    monkeypatch.setattr(client, "_get", get)
    found = client.read("/apis/apps/v1/namespaces/team/deployments/web")
    assert found is not None
    assert found.metadata.owner_references[0].name == "a"
    assert dict(found.metadata.labels) == {"topology.kubernetes.io/zone": "b"}
    assert (found.status.ready_replicas, found.spec) == (None, None)
    assert [each.metadata.labels for each in client.listed("/api/v1/nodes", "a=b")] == [found.metadata.labels]
    assert sent == [("/apis/apps/v1/namespaces/team/deployments/web",), ("/api/v1/nodes", [("labelSelector", "a=b")])]


def test_what_is_not_there_and_what_may_not_be_seen_differ(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_get", lambda *_, **__: refusing(404, "")())
    assert (client.read("/x"), client.listed("/x")) == (None, ())
    monkeypatch.setattr(client, "_get", lambda *_, **__: refusing(403, "")())
    for needed in (client.read, client.listed):
        with pytest.raises(InspectionError, match="answers 403"):
            needed("/x")
    assert client.listed("/x", needed=False) == ()
