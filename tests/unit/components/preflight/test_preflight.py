"""Check what is rejected before anything is created on an existing cluster, and in which words."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.preflight import LookUp, PreflightError
from components.settings import ExistingCluster, LocalCluster


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def config(
    server: str = "https://127.0.0.1:6443", cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "other",
        "contexts": [
            {"name": "prod", "context": {"cluster": "one", "user": "me", "namespace": "team"}},
            {"name": "other", "context": {"cluster": "two", "user": "you"}},
        ],
        "clusters": [
            {"name": "one", "cluster": {"server": server, **(cluster or {})}},
            {"name": "two", "cluster": {"server": "https://two.example"}},
        ],
        "users": [
            {"name": "me", "user": {"token": "mine", **(user or {})}},
            {"name": "you", "user": {"token": "yours"}},
        ],
    }


def settings(path: Path | str, context: str = "prod") -> ExistingCluster:
    return ExistingCluster(kind="existing", kubeconfig=str(path), context=context)


def written(folder: Path, content: Any) -> ExistingCluster:
    path = folder / "kubeconfig"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return settings(path)


def reduced(given: ExistingCluster) -> str:
    return given.locate(LookUp()).access.kubeconfig


def rejected(given: ExistingCluster) -> str:
    with pytest.raises(PreflightError) as caught:
        given.check(LookUp())
    return str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    text = rejected(settings(tmp_path / "none"))
    assert text.startswith("ha-backend:cluster.kubeconfig:")
    assert "No such file" in text
    assert str(tmp_path / "none") in text


def test_a_folder(tmp_path: Path) -> None:
    assert "cannot be read" in rejected(settings(tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "just text",
        "- a\n- b\n",
        "a: [",
        "contexts: text",
        "contexts: [text]\n",
        "contexts: [{name: prod}]\n",
        "\0\1",
    ],
)
def test_not_a_kubeconfig(tmp_path: Path, content: str) -> None:
    text = rejected(written(tmp_path, content))
    assert text.startswith("ha-backend:cluster.")
    assert str(tmp_path / "kubeconfig") in text


def test_a_missing_context_tells_the_ones_there_are(tmp_path: Path) -> None:
    given = written(tmp_path, config())
    text = rejected(settings(given.kubeconfig, "production"))
    assert text.startswith("ha-backend:cluster.context: 'production' is not in ")
    assert text.endswith(": use one of its contexts: other, prod [kubeconfig-context]")


def test_no_context_at_all(tmp_path: Path) -> None:
    assert "use one of its contexts: it has none" in rejected(written(tmp_path, {"kind": "Config", "contexts": None}))


@pytest.mark.parametrize(("section", "what"), [("clusters", "cluster 'one'"), ("users", "user 'me'")])
def test_a_context_that_leads_nowhere(tmp_path: Path, section: str, what: str) -> None:
    assert what in rejected(written(tmp_path, {**config(), section: []}))


def test_an_api_server_that_does_not_answer(tmp_path: Path, closed: int) -> None:
    text = rejected(written(tmp_path, config(f"https://127.0.0.1:{closed}")))
    assert f"https://127.0.0.1:{closed}" in text
    assert "'prod'" in text
    assert "Connection refused" in text
    assert "Nothing was changed" in text


@pytest.mark.parametrize("server", ["https://127.0.0.1:99999", "https://127.0.0.1:port", ""])
def test_an_address_that_is_none(tmp_path: Path, server: str) -> None:
    assert rejected(written(tmp_path, config(server))).startswith("ha-backend:cluster")


def test_an_api_server_that_answers(tmp_path: Path, listening: int) -> None:
    written(tmp_path, config(f"https://127.0.0.1:{listening}")).check(LookUp())


def test_behind_a_proxy_the_way_is_not_tried(tmp_path: Path, closed: int) -> None:
    given = written(tmp_path, config(f"https://127.0.0.1:{closed}", {"proxy-url": "http://proxy.example:3128"}))
    given.check(LookUp())


def test_only_the_one_context_is_kept(tmp_path: Path) -> None:
    text = reduced(written(tmp_path, config()))
    whole = config()
    assert yaml.safe_load(text) == {
        **whole,
        "current-context": "prod",
        **{key: whole[key][:1] for key in ("contexts", "clusters", "users")},
    }
    assert "yours" not in text


def test_files_beside_the_kubeconfig_are_still_found(tmp_path: Path) -> None:
    given = written(
        tmp_path,
        config(
            cluster={"certificate-authority": "pki/ca.crt"},
            user={"client-certificate": "me.crt", "client-key": "/etc/me.key", "tokenFile": "../token"},
        ),
    )
    found = yaml.safe_load(reduced(given))
    assert found["clusters"][0]["cluster"]["certificate-authority"] == str(tmp_path / "pki/ca.crt")
    user = found["users"][0]["user"]
    assert (user["client-certificate"], user["client-key"]) == (str(tmp_path / "me.crt"), "/etc/me.key")
    assert Path(user["tokenFile"]).resolve() == tmp_path.parent / "token"


def test_a_file_that_is_not_named_is_not_made_up(tmp_path: Path) -> None:
    found = yaml.safe_load(reduced(written(tmp_path, config(cluster={"certificate-authority": ""}))))
    assert not found["clusters"][0]["cluster"]["certificate-authority"]


def test_a_login_program_beside_the_kubeconfig_is_still_found(tmp_path: Path) -> None:
    login = {"apiVersion": "client.authentication.k8s.io/v1", "command": "./bin/login"}
    found = yaml.safe_load(reduced(written(tmp_path, config(user={"exec": login}))))
    assert found["users"][0]["user"]["exec"]["command"] == str(tmp_path / "bin/login")
    found = yaml.safe_load(reduced(written(tmp_path, config(user={"exec": {**login, "command": "aws"}}))))
    assert found["users"][0]["user"]["exec"]["command"] == "aws"


@pytest.mark.parametrize("name", ["~/kubeconfig", "$HOME/kubeconfig", "${HOME}/kubeconfig"])
def test_home_is_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    written(tmp_path, config())
    assert "mine" in reduced(settings(name))


def test_a_taken_port_for_an_embedded_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listening: int, closed: int
) -> None:
    monkeypatch.setattr("components.devcluster.binaries.ensure", lambda *_: {})
    with pytest.raises(PreflightError, match=rf"cluster.apiPort: another process listens on port {listening}"):
        LocalCluster(kind="local", apiPort=listening).check(LookUp(folder=tmp_path / "a"))
    LocalCluster(kind="local", apiPort=closed).check(LookUp(folder=tmp_path / "b"))


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.devcluster.binaries.ensure", lambda *_: {})
    (tmp_path / "file").write_text("")
    with pytest.raises(PreflightError, match="cannot be written"):
        LocalCluster(kind="local").check(LookUp(folder=tmp_path / "file" / "cluster"))
