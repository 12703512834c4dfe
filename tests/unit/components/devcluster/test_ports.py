"""Which ports the programs of an embedded cluster listen on."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from components.devcluster import ports
from components.devcluster.errors import LocalError


def test_each_folder_has_ports_of_its_own_and_the_same_ones_each_time(tmp_path: Path) -> None:
    made = [ports.chosen(tmp_path / name) for name in ("one", "two", "three")]
    assert made == [ports.chosen(tmp_path / name) for name in ("one", "two", "three")]
    assert len({port for one in made for port in one.values()}) == 3 * len(ports.OF_CLUSTER)
    assert all(10_240 <= port < 32_768 for one in made for port in one.values())


@pytest.mark.parametrize("address", ["127.0.0.1", ""])
def test_where_one_of_them_is_taken_all_are_others(tmp_path: Path, address: str) -> None:
    first = ports.chosen(tmp_path)
    with socket.socket() as other:
        other.bind((address, first["metricsServerPort"]))
        other.listen()
        assert not set(first.values()) & set(ports.chosen(tmp_path).values())
    assert ports.chosen(tmp_path) == first


def test_a_port_that_the_settings_name_is_the_api_server_s_and_no_other_s(tmp_path: Path) -> None:
    free = ports.chosen(tmp_path)
    named = ports.chosen(tmp_path, free["etcdPort"])
    assert named["kubeApiserverPort"] == free["etcdPort"] and len(set(named.values())) == len(ports.OF_CLUSTER)
    assert ports.chosen(tmp_path, 6443) == {**free, "kubeApiserverPort": 6443}


def test_without_any_that_is_free_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_free", lambda _: False)
    with pytest.raises(LocalError, match=r"7 ports in a row from 10240 to 32767 are needed on 127.0.0.1"):
        ports.chosen(tmp_path)
