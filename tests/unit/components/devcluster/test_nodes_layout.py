"""Real nodes on paper: names, addresses, configuration files, and what a machine must offer."""

from __future__ import annotations

import ipaddress
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from components.devcluster import images
from components.devcluster.errors import LocalError
from components.devcluster.kwok_config import SERVICES
from components.devcluster.nodes import config, groups, inotify, requirements
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


def test_every_node_has_names_and_addresses_of_its_own() -> None:
    nodes = LAYOUT.nodes
    assert [(node.name, node.zone) for node in nodes] == [
        ("zone-a-1", "zone-a"),
        ("zone-a-2", "zone-a"),
        ("zone-b-1", "zone-b"),
        ("zone-b-2", "zone-b"),
    ]
    for values in zip(*((n.namespace, n.address, n.pods, n.link, n.folder, n.run) for n in nodes), strict=True):
        assert len(set(values)) == len(nodes)
    assert all(ipaddress.ip_network(node.pods).subnet_of(ipaddress.ip_network(PODS)) for node in nodes)
    assert not ipaddress.ip_network(PODS).overlaps(ipaddress.ip_network(SERVICES))


def test_the_same_folder_is_the_same_cluster_and_another_one_is_not() -> None:
    assert Layout(LAYOUT.folder, (), 0).hub == LAYOUT.hub
    assert Layout(LAYOUT.folder.with_name("prod"), LAYOUT.zones, 2).hub != LAYOUT.hub


def test_names_fit_into_what_the_kernel_allows() -> None:
    deep = Layout(Path("/" + "deep/" * 50), ("z" * 52,), 9)
    for node in deep.nodes:
        assert len(node.cluster.hub) <= 15  # of an interface
        assert (
            max(len(str(path)) for path in (config.socket(node), node.kubelet / "pod-resources" / "0123456789")) <= 107
        )


def test_containerd_is_told_its_own_folders(node: Node) -> None:
    found = tomllib.loads((node.folder / config.RUNTIME).read_text())
    cri = found["plugins"]["io.containerd.grpc.v1.cri"]
    assert found["root"].startswith(str(node.folder))
    assert found["state"].startswith(str(node.run))
    assert cri["sandbox_image"] == images.SAMPLES["pause"]
    assert cri["netns_mounts_under_state_dir"] is True
    assert cri["containerd"]["runtimes"]["runc"]["options"]["Root"].startswith(str(node.run))


def test_kubelet_and_kube_proxy_listen_on_the_node_s_address(node: Node) -> None:
    kubelet, proxy = (json.loads((node.folder / name).read_text()) for name in (config.KUBELET, config.PROXY))
    assert kubelet["address"] == proxy["bindAddress"] == node.address
    assert proxy["healthzBindAddress"].startswith(f"{node.address}:")
    assert kubelet["authentication"]["anonymous"]["enabled"] is False


def test_pods_of_the_node_get_its_addresses(node: Node) -> None:
    [plugin] = json.loads((node.folder / "net.d" / "10-pods.conflist").read_text())["plugins"]
    assert plugin["ipam"]["ranges"] == [[{"subnet": node.pods}]]
    assert plugin["ipMasq"] is False  # sealed: no way out


def test_a_file_that_stays_the_same_is_not_written_again(node: Node, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in node.folder.rglob("*") if path.is_file()}
    written(node, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Linux without anything, for somebody who is not root."""
    monkeypatch.setattr(requirements.platform, "system", lambda: "Linux")
    monkeypatch.setattr(requirements.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(requirements, "_PATH", str(tmp_path))
    monkeypatch.setattr(requirements, "_PLUGIN_FOLDERS", (tmp_path / "plugins",))
    return tmp_path


def test_everything_that_a_machine_lacks_is_told_at_once(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / "config.yaml").touch()
    monkeypatch.setattr(requirements, "_KUBELET", bare / "config.yaml")
    with pytest.raises(LocalError) as caught:
        requirements.check(Path("/a:b"))
    told = str(caught.value)
    assert "they need root" in told
    assert (
        "apt-get install --no-install-recommends conntrack containerd haproxy iproute2 iptables runc util-linux "
        "containernetworking-plugins"
    ) in told
    assert "it is a Kubernetes node itself" in told
    assert "has ':' in its path" in told


def test_where_all_is_there_nothing_is_told(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare / "plugins").mkdir()
    for name in (*requirements._PROGRAMS, *(f"plugins/{plugin}" for plugin in requirements._PLUGINS)):
        shutil.copy("/bin/true", bare / name)
    monkeypatch.setattr(requirements.os, "geteuid", lambda: 0)
    monkeypatch.setattr(requirements, "_KUBELET", bare / "none")
    monkeypatch.setattr(inotify, "_LIMIT", bare / "none")
    if "overlay" in Path("/proc/filesystems").read_text():
        requirements.check(Path("/work"), 3)
        assert requirements.plugins() == bare / "plugins"


def test_another_system_is_told_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements.platform, "system", lambda: "Darwin")
    with pytest.raises(LocalError, match=r"^Real nodes need Linux, and this is Darwin: use simulated ones "):
        requirements.check()


@pytest.mark.parametrize(("allowed", "enough"), [(29, False), (30, True), (128, True)])
def test_inotify_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int, enough: bool) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text(f"{allowed}\n")
    monkeypatch.setattr(inotify, "_LIMIT", limit)
    monkeypatch.setattr(inotify, "_used", lambda _: 0)
    told = inotify.lacking(3, ())
    assert (told is None) == enough
    assert enough or "need 30 inotify instances, and of the 29 that are allowed 0 are in use: sysctl -w" in str(told)


def test_all_pods_together_get_their_due(tmp_path: Path) -> None:
    for name, files in {"cpu": ("cgroup.procs", "cpu.shares"), "memory": ("cgroup.procs",), "other": ()}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).touch()
    (tmp_path / "cpu" / groups.CONTAINERS).mkdir()
    weight = tmp_path / "cpu" / groups.CONTAINERS / "cpu.shares"
    weight.touch()  # the kernel makes it
    groups.weigh(tmp_path)
    assert weight.read_text() == "32768"
    assert groups.hierarchies(tmp_path) in (
        [tmp_path / "cpu", tmp_path / "memory"],
        [tmp_path / "memory", tmp_path / "cpu"],
    )


def test_all_pods_together_get_their_due_in_version_2(tmp_path: Path) -> None:
    for name in ("cgroup.controllers", "cgroup.subtree_control"):
        (tmp_path / name).touch()
    (tmp_path / "system.slice").mkdir()
    (tmp_path / groups.CONTAINERS).mkdir()
    weight = tmp_path / groups.CONTAINERS / "cpu.weight"
    weight.touch()
    groups.weigh(tmp_path)
    assert weight.read_text() == "3200"
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpu"
    assert groups.hierarchies(tmp_path) == [tmp_path]
