"""The cloud controller for load balancers, with an API server and a haproxy that record what they receive."""

from __future__ import annotations

import urllib.error
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from components.devcluster.nodes import haproxy
from components.devcluster.nodes.balancer import DEREGISTRATION_SECONDS, Balancer

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
    """A fake API server and clock, with records of the commands to haproxy and `ip`."""

    def __init__(self) -> None:
        self.services: list[dict[str, Any]] = []
        self.nodes = [node(name) for name in NODES]
        self.commands: list[str] = []
        self.ran: list[list[str]] = []
        self.now = 100.0
        self.failing: set[str] = set()

    def items(self, kind: str) -> list[dict[str, Any]]:
        if kind in self.failing:
            raise ConnectionResetError(kind)
        items: list[dict[str, Any]] = getattr(self, kind)
        return items

    def set_address(self, service: dict[str, Any], address: str) -> None:
        name = service["metadata"]["name"]
        if name in self.failing:
            raise urllib.error.HTTPError(name, 404, "gone", Message(), None)
        service["status"] = {"loadBalancer": {"ingress": [{"ip": address}]}}

    def send(self, folder: Path, command: str) -> str:
        self.commands.append(command)
        return ""

    def addresses(self) -> dict[str, str | None]:
        return {
            one["metadata"]["name"]: (one["status"]["loadBalancer"].get("ingress") or [{"ip": None}])[0]["ip"]
            for one in self.services
        }


class Program:
    """A fake haproxy process."""

    signals: list[int]

    def __init__(self, *_: Any) -> None:
        self.exit_code: int | None = None
        self.signals = []

    def poll(self) -> int | None:
        return self.exit_code

    def send_signal(self, number: int) -> None:
        self.signals.append(number)

    def terminate(self) -> None:
        self.exit_code = 0


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    fake = World()
    monkeypatch.setattr("components.devcluster.nodes.balancer.time.monotonic", lambda: fake.now)
    monkeypatch.setattr(
        "components.devcluster.nodes.balancer.subprocess.run", lambda command, **_: fake.ran.append(command)
    )
    monkeypatch.setattr("components.devcluster.nodes.balancer.subprocess.Popen", Program)
    monkeypatch.setattr(haproxy, "send_command", fake.send)
    return fake


@pytest.fixture
def controller(world: World, tmp_path: Path) -> Balancer:
    return Balancer(world, tmp_path, POOL, NODES)  # type: ignore[arg-type]


def test_addresses_are_assigned_once_and_reused(world: World, controller: Balancer) -> None:
    world.services = [service("one"), service("two"), service("three")]
    controller.step()
    assert world.addresses() == {"one": POOL[0], "two": POOL[1], "three": None}  # pending: no address is free
    controller.step()
    assert world.addresses() == {"one": POOL[0], "two": POOL[1], "three": None}
    del world.services[0]
    controller.step()
    assert world.addresses() == {"two": POOL[1], "three": POOL[0]}


def test_an_address_of_another_block_is_replaced(world: World, controller: Balancer) -> None:
    world.services = [service("one", "198.19.9.16")]
    controller.step()
    assert world.addresses() == {"one": POOL[0]}


def test_other_services_are_ignored(world: World, controller: Balancer, tmp_path: Path) -> None:
    world.services = [
        service("plain", type="ClusterIP"),
        service("theirs", loadBalancerClass="example.org/other"),
        service(
            "mixed",
            ports=[{"port": 53, "nodePort": 30053, "protocol": "UDP"}, {"port": 1}, {"port": 443, "nodePort": 30443}],
        ),
    ]
    controller.step()
    assert world.addresses() == {"plain": None, "theirs": None, "mixed": POOL[0]}
    text = (tmp_path / "haproxy.cfg").read_text()
    assert "shop_mixed_443" in text
    assert "shop_mixed_53" not in text
    assert "shop_mixed_1\n" not in text


def test_it_listens_as_long_as_the_service_exists(world: World, controller: Balancer) -> None:
    world.services = [service("one")]
    controller.step()
    assert ["ip", "addr", "replace", f"{POOL[0]}/32", "dev", "uplink"] in world.ran
    world.services = []
    controller.step()
    assert world.ran[-1] == ["ip", "addr", "del", f"{POOL[0]}/32", "dev", "uplink"]


def test_another_service_keeps_established_connections(world: World, controller: Balancer) -> None:
    world.services = [service("old", POOL[1])]
    controller.step()
    program = controller._program
    world.ran.clear()
    world.services = [service("new"), *world.services]
    controller.step()
    assert not [command for command in world.ran if "del" in command]
    assert controller._program is program
    assert isinstance(program, Program)
    assert len(program.signals) == 1  # one reload, with both


def test_a_service_that_cannot_be_updated_does_not_block_others(world: World, controller: Balancer) -> None:
    world.services, world.failing = [service("gone"), service("here")], {"gone"}
    controller.step()
    assert world.addresses() == {"gone": None, "here": POOL[1]}


def test_nothing_changes_while_the_api_server_is_unavailable(world: World, controller: Balancer) -> None:
    world.services = [service("one")]
    controller.step()
    before, world.failing = len(world.ran), {"services"}
    with pytest.raises(ConnectionResetError):
        controller.step()
    assert len(world.ran) == before
    assert isinstance(controller._program, Program)
    assert controller._program.poll() is None


def test_a_recreated_service_inherits_no_state(world: World, controller: Balancer, tmp_path: Path) -> None:
    """Use another name: haproxy keeps the state of a name, the old node port included."""
    world.services = [service("one")]
    controller.step()
    world.services = [service("one", ports=[{"port": 80, "nodePort": 30999, "protocol": "TCP"}])]
    controller.step()
    text = (tmp_path / "haproxy.cfg").read_text()
    assert "listen shop_one_80_30999\n" in text
    assert "30080" not in text


def test_a_new_haproxy_starts_without_state(world: World, controller: Balancer, tmp_path: Path) -> None:
    (tmp_path / "haproxy.state").write_text("from an earlier process")
    world.services = [service("one")]
    controller.step()
    assert (tmp_path / "haproxy.state").read_text() == ""


def test_a_haproxy_that_exited_is_restarted(world: World, controller: Balancer) -> None:
    world.services = [service("one")]
    controller.step()
    first = controller._program
    assert isinstance(first, Program)
    first.exit_code = -9
    controller.step()
    assert controller._program is not first
    controller.stop()
    assert controller._program is not None
    assert controller._program.poll() == 0


@pytest.mark.parametrize(
    "leaving",
    [
        [node("zone-a-1", {LABEL: ""}), node("zone-b-1")],
        [node("zone-b-1")],
        [node("zone-a-1", taints=["ToBeDeletedByClusterAutoscaler"]), node("zone-b-1")],
    ],
)
def test_a_leaving_node_is_drained_then_closed_and_restored(
    world: World, controller: Balancer, leaving: list[dict[str, Any]]
) -> None:
    world.services, all_nodes = [service("one")], world.nodes
    controller.step()
    assert world.commands == []
    world.nodes = leaving
    controller.step()
    assert world.commands == ["set server shop_one_80_30080/zone-a-1 state drain"]
    world.now += DEREGISTRATION_SECONDS + 1
    controller.step()
    assert world.commands[-1] == "shutdown sessions server shop_one_80_30080/zone-a-1"
    world.nodes = all_nodes
    world.commands.clear()
    controller.step()
    assert world.commands == ["set server shop_one_80_30080/zone-a-1 state ready"]
