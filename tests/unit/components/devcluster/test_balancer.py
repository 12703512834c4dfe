"""The load balancer's controller, with an API server and a haproxy that only write down what they are told."""

from __future__ import annotations

import shutil
import subprocess
import urllib.error
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from components.devcluster.nodes import balancer, haproxy
from components.devcluster.nodes.balancer import DEREGISTRATION_SECONDS, Balancer
from components.devcluster.nodes.haproxy import Front

POOL = ["198.18.0.16", "198.18.0.17"]
NODES = {"zone-a-1": "10.77.0.11", "zone-b-1": "10.77.0.12"}
LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"


def service(name: str, address: str | None = None, **spec: Any) -> dict[str, Any]:
    status = {"loadBalancer": {"ingress": [{"ip": address}]} if address else {}}
    return {
        "metadata": {"namespace": "shop", "name": name},
        "status": status,
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}], **spec},
    }


def node(name: str, labels: dict[str, str] | None = None, taints: list[str] | None = None) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {"taints": [{"key": key} for key in taints or ()]},
    }


class World:
    """Services and nodes as they are said to be; what was told to whom; a clock that stands."""

    def __init__(self) -> None:
        self.services: list[dict[str, Any]] = []
        self.nodes = [node(name) for name in NODES]
        self.said: list[str] = []
        self.ran: list[list[str]] = []
        self.now = 100.0
        self.failing: set[str] = set()

    def items(self, kind: str) -> list[dict[str, Any]]:
        if kind in self.failing:
            raise ConnectionResetError(kind)
        found: list[dict[str, Any]] = getattr(self, kind)
        return found

    def set_address(self, service: dict[str, Any], address: str) -> None:
        name = service["metadata"]["name"]
        if name in self.failing:
            raise urllib.error.HTTPError(name, 404, "gone", Message(), None)
        service["status"] = {"loadBalancer": {"ingress": [{"ip": address}]}}

    def addresses(self) -> dict[str, str | None]:
        return {
            one["metadata"]["name"]: (one["status"]["loadBalancer"].get("ingress") or [{"ip": None}])[0]["ip"]
            for one in self.services
        }


class Program:
    """haproxy, as long as the test lets it live."""

    signals: list[int]

    def __init__(self, *_: Any) -> None:
        self.ended: int | None = None
        self.signals = []

    def poll(self) -> int | None:
        return self.ended

    def send_signal(self, number: int) -> None:
        self.signals.append(number)

    def terminate(self) -> None:
        self.ended = 0


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(balancer.time, "monotonic", lambda: made.now)
    monkeypatch.setattr(balancer.subprocess, "run", lambda command, **_: made.ran.append(command))
    monkeypatch.setattr(balancer.subprocess, "Popen", Program)
    monkeypatch.setattr(haproxy, "say", lambda _, command: made.said.append(command) or "")
    return made


@pytest.fixture
def acting(world: World, tmp_path: Path) -> Balancer:
    return Balancer(world, tmp_path, POOL, NODES)  # type: ignore[arg-type]


def test_addresses_are_given_once_and_kept_and_given_on(world: World, acting: Balancer) -> None:
    world.services = [service("one"), service("two"), service("three")]
    acting.step()
    assert world.addresses() == {"one": POOL[0], "two": POOL[1], "three": None}  # pending: there are no more
    acting.step()
    assert world.addresses() == {"one": POOL[0], "two": POOL[1], "three": None}
    del world.services[0]
    acting.step()
    assert world.addresses() == {"two": POOL[1], "three": POOL[0]}


def test_an_address_from_before_the_machine_s_restart_is_replaced(world: World, acting: Balancer) -> None:
    world.services = [service("one", "198.19.9.16")]
    acting.step()
    assert world.addresses() == {"one": POOL[0]}


def test_what_is_not_for_it_is_left_alone(world: World, acting: Balancer, tmp_path: Path) -> None:
    world.services = [
        service("plain", type="ClusterIP"),
        service("theirs", loadBalancerClass="example.org/other"),
        service(
            "mixed",
            ports=[{"port": 53, "nodePort": 30053, "protocol": "UDP"}, {"port": 1}, {"port": 443, "nodePort": 30443}],
        ),
    ]
    acting.step()
    assert world.addresses() == {"plain": None, "theirs": None, "mixed": POOL[0]}
    text = (tmp_path / "haproxy.cfg").read_text()
    assert "shop_mixed_443" in text
    assert "shop_mixed_53" not in text
    assert "shop_mixed_1\n" not in text


def test_it_listens_before_an_address_is_told_and_no_longer_than_there_is_a_service(
    world: World, acting: Balancer
) -> None:
    world.services = [service("one")]
    acting.step()
    assert ["ip", "addr", "replace", f"{POOL[0]}/32", "dev", "uplink"] in world.ran
    world.services = []
    acting.step()
    assert world.ran[-1] == ["ip", "addr", "del", f"{POOL[0]}/32", "dev", "uplink"]


def test_another_service_disturbs_no_connection(world: World, acting: Balancer) -> None:
    world.services = [service("old", POOL[1])]
    acting.step()
    program = acting._program
    world.ran.clear()
    world.services = [service("new"), *world.services]
    acting.step()
    assert not [command for command in world.ran if "del" in command]
    assert acting._program is program
    assert isinstance(program, Program)
    assert len(program.signals) == 1  # one reload, with both


def test_one_service_that_cannot_be_told_does_not_keep_the_others(world: World, acting: Balancer) -> None:
    world.services, world.failing = [service("gone"), service("here")], {"gone"}
    acting.step()
    assert world.addresses() == {"gone": None, "here": POOL[1]}


def test_nothing_changes_while_the_api_server_is_away(world: World, acting: Balancer) -> None:
    world.services = [service("one")]
    acting.step()
    before, world.failing = len(world.ran), {"services"}
    with pytest.raises(ConnectionResetError):
        acting.step()
    assert len(world.ran) == before
    assert isinstance(acting._program, Program)
    assert acting._program.poll() is None


def test_a_service_made_anew_inherits_nothing(world: World, acting: Balancer, tmp_path: Path) -> None:
    """haproxy takes over what it knew of a name: the old Service's node port too."""
    world.services = [service("one")]
    acting.step()
    world.services = [service("one", ports=[{"port": 80, "nodePort": 30999, "protocol": "TCP"}])]
    acting.step()
    text = (tmp_path / "haproxy.cfg").read_text()
    assert "listen shop_one_80_30999\n" in text
    assert "30080" not in text


def test_a_haproxy_started_again_knows_nothing_of_before(world: World, acting: Balancer, tmp_path: Path) -> None:
    (tmp_path / "haproxy.state").write_text("of another life")
    world.services = [service("one")]
    acting.step()
    assert (tmp_path / "haproxy.state").read_text() == ""


def test_a_haproxy_that_ended_is_started_again(world: World, acting: Balancer) -> None:
    world.services = [service("one")]
    acting.step()
    first = acting._program
    assert isinstance(first, Program)
    first.ended = -9
    acting.step()
    assert acting._program is not first
    acting.end()
    assert acting._program is not None
    assert acting._program.poll() == 0


@pytest.mark.parametrize(
    "leaving",
    [
        [node("zone-a-1", {LABEL: ""}), node("zone-b-1")],
        [node("zone-b-1")],
        [node("zone-a-1", taints=["ToBeDeletedByClusterAutoscaler"]), node("zone-b-1")],
    ],
)
def test_a_node_that_leaves_is_drained_then_closed_and_taken_back(
    world: World, acting: Balancer, leaving: list[dict[str, Any]]
) -> None:
    world.services, stayed = [service("one")], world.nodes
    acting.step()
    assert world.said == []
    world.nodes = leaving
    acting.step()
    assert world.said == ["set server shop_one_80_30080/zone-a-1 state drain"]
    world.now += DEREGISTRATION_SECONDS + 1
    acting.step()
    assert world.said[-1] == "shutdown sessions server shop_one_80_30080/zone-a-1"
    world.nodes = stayed
    world.said.clear()
    acting.step()
    assert world.said == ["set server shop_one_80_30080/zone-a-1 state ready"]


FRONT = Front("shop_one_80_30080", POOL[0], 80, 30080, None)


def test_every_node_is_asked_for_its_health(tmp_path: Path) -> None:
    text = haproxy.configuration([FRONT, Front("shop_two_80_30081", POOL[1], 80, 30081, 32000)], NODES, tmp_path)
    assert "  server zone-a-1 10.77.0.11:30080 check port 10256\n" in text  # kube-proxy's
    assert "  server zone-b-1 10.77.0.12:30081 check port 32000\n" in text  # the Service's own
    assert f"  bind {POOL[0]}:80\n" in text


@pytest.mark.skipif(
    not shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin"),
    reason="no haproxy: that it takes the configuration is not proved",
)
def test_haproxy_takes_it(tmp_path: Path) -> None:
    file = tmp_path / "haproxy.cfg"
    file.write_text(haproxy.configuration([FRONT], NODES, tmp_path))
    done = subprocess.run(
        ["haproxy", "-c", "-f", str(file)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/usr/local/sbin"},
    )
    assert done.returncode == 0, done.stderr
