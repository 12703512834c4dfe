"""The layout and configuration of real nodes, and the requirements on their host."""

from __future__ import annotations

import ipaddress
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from components.devcluster import images
from components.devcluster.errors import DevClusterError
from components.devcluster.kwok_config import SERVICES
from components.devcluster.nodes import cgroups, config, inotify, requirements
from components.devcluster.nodes.layout import PODS, Layout, Node

LAYOUT = Layout(Path("/srv/shop/.ha-backend/clusters/dev"), ("zone-a", "zone-b"), 2)


def written(node: Node, folder: Path) -> Path:
    config.write(node, Path("/pki/ca.crt"), Path("/nodes/kubeconfig"), images.SAMPLES["pause"], Path("/usr/lib/cni"))
    return folder


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Node:
    monkeypatch.setattr("components.devcluster.nodes.layout.RUN", tmp_path / "run")
    made = Layout(tmp_path / "cluster", ("zone-a",), 1).nodes[0]
    written(made, tmp_path)
    return made


def test_each_node_has_its_own_names_and_addresses() -> None:
    nodes = LAYOUT.nodes
    assert [(node.name, node.zone) for node in nodes] == [
        ("zone-a-1", "zone-a"),
        ("zone-a-2", "zone-a"),
        ("zone-b-1", "zone-b"),
        ("zone-b-2", "zone-b"),
    ]
    for values in zip(*((n.namespace, n.address, n.pods, n.link, n.folder, n.run) for n in nodes), strict=True):
        assert len(set(values)) == len(nodes)
    assert all(ipaddress.IPv4Network(node.pods).subnet_of(ipaddress.IPv4Network(PODS)) for node in nodes)
    assert not ipaddress.ip_network(PODS).overlaps(ipaddress.ip_network(SERVICES))


def test_a_directory_identifies_a_cluster() -> None:
    assert Layout(LAYOUT.folder, (), 0).hub == LAYOUT.hub
    assert Layout(LAYOUT.folder.with_name("prod"), LAYOUT.zones, 2).hub != LAYOUT.hub


def test_names_fit_the_limits_of_the_kernel() -> None:
    deep = Layout(Path("/" + "deep/" * 50), ("z" * 52,), 9)
    for node in deep.nodes:
        assert len(node.cluster.hub) <= 15  # limit of an interface name
        assert (
            max(len(str(path)) for path in (config.socket(node), node.kubelet / "pod-resources" / "0123456789")) <= 107
        )


def test_containerd_uses_the_directories_of_its_node(node: Node) -> None:
    config_file = tomllib.loads((node.folder / config.RUNTIME).read_text())
    cri = config_file["plugins"]["io.containerd.grpc.v1.cri"]
    assert config_file["root"].startswith(str(node.folder))
    assert config_file["state"].startswith(str(node.run))
    assert cri["sandbox_image"] == images.SAMPLES["pause"]
    assert cri["netns_mounts_under_state_dir"] is True
    assert cri["containerd"]["runtimes"]["runc"]["options"]["Root"].startswith(str(node.run))


def test_kubelet_and_kube_proxy_listen_on_the_node_s_address(node: Node) -> None:
    kubelet, proxy = (json.loads((node.folder / name).read_text()) for name in (config.KUBELET, config.PROXY))
    assert kubelet["address"] == proxy["bindAddress"] == node.address
    assert proxy["healthzBindAddress"].startswith(f"{node.address}:")
    assert kubelet["authentication"]["anonymous"]["enabled"] is False


def test_pods_get_addresses_of_their_node(node: Node) -> None:
    [plugin] = json.loads((node.folder / "net.d" / "10-pods.conflist").read_text())["plugins"]
    assert plugin["ipam"]["ranges"] == [[{"subnet": node.pods}]]
    assert plugin["ipMasq"] is False  # isolated: no route to the outside


def test_an_unchanged_file_is_not_written_again(node: Node, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in node.folder.rglob("*") if path.is_file()}
    written(node, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Simulate a Linux machine without any of the programs, and a user who is not root."""
    monkeypatch.setattr("components.devcluster.nodes.requirements.platform.system", lambda: "Linux")
    monkeypatch.setattr("components.devcluster.nodes.requirements.os.geteuid", lambda: 1000)
    monkeypatch.setattr(requirements, "_PATH", str(tmp_path))
    monkeypatch.setattr(requirements, "_PLUGIN_FOLDERS", (tmp_path / "plugins",))
    return tmp_path


def test_all_missing_requirements_are_reported_together(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / "config.yaml").touch()
    monkeypatch.setattr(requirements, "_KUBELET", bare / "config.yaml")
    with pytest.raises(DevClusterError) as caught:
        requirements.check(Path("/a:b"))
    message = str(caught.value)
    assert "they need root" in message
    assert (
        "apt-get install --no-install-recommends conntrack containerd haproxy iproute2 iptables runc util-linux "
        "containernetworking-plugins"
    ) in message
    assert "the machine is itself a Kubernetes node" in message
    assert "/a:b, contains ':', which" in message


def test_a_machine_that_meets_the_requirements_is_accepted(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / "plugins").mkdir()
    for name in (*requirements._PROGRAMS, *(f"plugins/{plugin}" for plugin in requirements._PLUGINS)):
        shutil.copy("/bin/true", bare / name)
    monkeypatch.setattr("components.devcluster.nodes.requirements.os.geteuid", lambda: 0)
    monkeypatch.setattr(requirements, "_KUBELET", bare / "none")
    monkeypatch.setattr(inotify, "_LIMIT", bare / "none")
    if "overlay" in Path("/proc/filesystems").read_text():
        requirements.check(Path("/work"), 3)
        assert requirements.cni_plugins() == bare / "plugins"


def test_another_operating_system_is_the_only_problem_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.devcluster.nodes.requirements.platform.system", lambda: "Darwin")
    with pytest.raises(DevClusterError, match=r"^Real nodes need Linux, and this is Darwin: use simulated nodes "):
        requirements.check()


@pytest.mark.parametrize(("allowed", "enough"), [(29, False), (30, True), (128, True)])
def test_inotify_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int, enough: bool) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text(f"{allowed}\n")
    monkeypatch.setattr(inotify, "_LIMIT", limit)
    monkeypatch.setattr(inotify, "_used", lambda _: 0)
    message = inotify.shortage(3, ())
    assert (message is None) == enough
    assert enough or "need 30 inotify instances, and 0 of 29 are in use: run sysctl -w" in str(message)


def test_pods_get_their_cpu_weight_with_cgroup_version_1(tmp_path: Path) -> None:
    for name, files in {"cpu": ("cgroup.procs", "cpu.shares"), "memory": ("cgroup.procs",), "other": ()}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).touch()
    (tmp_path / "cpu" / cgroups.CONTAINERS).mkdir()
    weight = tmp_path / "cpu" / cgroups.CONTAINERS / "cpu.shares"
    weight.touch()  # the kernel creates it
    cgroups.set_weight(tmp_path)
    assert weight.read_text() == "32768"
    assert cgroups.hierarchies(tmp_path) in (
        [tmp_path / "cpu", tmp_path / "memory"],
        [tmp_path / "memory", tmp_path / "cpu"],
    )


def test_pods_get_their_cpu_weight_with_cgroup_version_2(tmp_path: Path) -> None:
    for name in ("cgroup.controllers", "cgroup.subtree_control"):
        (tmp_path / name).touch()
    (tmp_path / "system.slice").mkdir()
    (tmp_path / cgroups.CONTAINERS).mkdir()
    weight = tmp_path / cgroups.CONTAINERS / "cpu.weight"
    weight.touch()
    cgroups.set_weight(tmp_path)
    assert weight.read_text() == "3200"
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpu"
    assert cgroups.hierarchies(tmp_path) == [tmp_path]
