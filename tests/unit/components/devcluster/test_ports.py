"""Ports of the programs of an embedded cluster."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from components.devcluster import ports
from components.devcluster.errors import DevClusterError


def test_each_directory_has_its_own_constant_ports(tmp_path: Path) -> None:
    chosen = [ports.choose(tmp_path / name) for name in ("one", "two", "three")]
    assert chosen == [ports.choose(tmp_path / name) for name in ("one", "two", "three")]
    assert len({port for one in chosen for port in one.values()}) == 3 * len(ports.CLUSTER_PORTS)
    assert all(10_240 <= port < 32_768 for one in chosen for port in one.values())


@pytest.mark.parametrize("address", ["127.0.0.1", ""])
def test_one_taken_port_moves_all_ports(tmp_path: Path, address: str) -> None:
    first = ports.choose(tmp_path)
    with socket.socket() as other:
        other.bind((address, first["metricsServerPort"]))
        other.listen()
        assert not set(first.values()) & set(ports.choose(tmp_path).values())
    assert ports.choose(tmp_path) == first


def test_a_port_in_the_settings_is_only_the_api_server_s(tmp_path: Path) -> None:
    free = ports.choose(tmp_path)
    named = ports.choose(tmp_path, free["etcdPort"])
    assert named["kubeApiserverPort"] == free["etcdPort"] and len(set(named.values())) == len(ports.CLUSTER_PORTS)
    assert ports.choose(tmp_path, 6443) == {**free, "kubeApiserverPort": 6443}


def test_without_free_ports_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_is_free", lambda _: False)
    with pytest.raises(DevClusterError, match=r"needs 7 consecutive free ports from 10240 to 32767 on 127.0.0.1"):
        ports.choose(tmp_path)
