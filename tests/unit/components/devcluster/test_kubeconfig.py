"""Operations on kubeconfig files."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
import yaml

from components.devcluster.kubeconfig import embed_files, write_private


def test_files_are_embedded(tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_bytes(b"\x00bytes of " + name.encode())
    given = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [
            {"name": "one", "cluster": {"server": "https://one", "certificate-authority": str(tmp_path / "ca")}}
        ],
        "users": [
            {"name": "me", "user": {"client-certificate": str(tmp_path / "cert"), "client-key": str(tmp_path / "key")}}
        ],
    }
    found = yaml.safe_load(embed_files(yaml.safe_dump(given)))
    assert found["clusters"][0]["cluster"] == {
        "server": "https://one",
        "certificate-authority-data": base64.b64encode(b"\x00bytes of ca").decode(),
    }
    assert {key: base64.b64decode(value) for key, value in found["users"][0]["user"].items()} == {
        "client-certificate-data": b"\x00bytes of cert",
        "client-key-data": b"\x00bytes of key",
    }
    assert (found["current-context"], found["kind"]) == ("one", "Config")


def test_embedded_content_stays() -> None:
    given = {
        "clusters": [{"name": "one", "cluster": {"server": "http://a", "certificate-authority-data": "QQ=="}}],
        "users": [{"name": "me", "user": {"token": "t"}}],
        "contexts": [],
    }
    assert yaml.safe_load(embed_files(yaml.safe_dump(given))) == given


def test_a_kubeconfig_without_users() -> None:
    given = {"clusters": [{"name": "one", "cluster": {"server": "http://a"}}], "users": None}
    assert yaml.safe_load(embed_files(yaml.safe_dump(given))) == given


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        embed_files(yaml.safe_dump({"users": [{"name": "me", "user": {"client-key": str(tmp_path / "none")}}]}))


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_the_owner_can_read(tmp_path: Path, umask: int) -> None:
    path, before = tmp_path / "kubeconfig", os.umask(umask)
    try:
        write_private(path, "secret")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "secret"


def test_an_existing_file_and_an_interrupted_write_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text("old")
    path.chmod(0o644)
    left = tmp_path / ".kubeconfig.new"
    left.write_text("half")
    left.chmod(0o666)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["kubeconfig"]


def test_another_address_keeps_the_server_name() -> None:
    given = {"clusters": [{"name": "one", "cluster": {"server": "https://127.0.0.1:6443"}}], "users": None}
    found = yaml.safe_load(embed_files(yaml.safe_dump(given), "198.18.7.2"))["clusters"][0]["cluster"]
    assert found == {"server": "https://198.18.7.2:6443", "tls-server-name": "kubernetes.default.svc"}
