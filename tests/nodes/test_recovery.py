"""`start` restores whatever was killed, and `delete` removes whatever remains."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from components.devcluster import kwok_config
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.errors import DevClusterError
from components.devcluster.nodes import leftovers, network
from components.devcluster.nodes.layout import NAMESPACES
from tests.nodes.conftest import ZONES, RealCluster, answers, eventually
from tests.nodes.machine import left, names, running, traces

PROJECT = Path(__file__).parent.parent.parent


def kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def command(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def start_process(folder: Path, zones: list[str]) -> subprocess.Popen[bytes]:
    """Start a cluster in another process, which can be killed."""
    code = (
        f"from pathlib import Path; from components.devcluster.cluster import EmbeddedCluster as C; "
        f"C(Path({str(folder)!r}), {zones!r}, real_nodes=True).start()"
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, start_new_session=True)


@pytest.mark.parametrize(
    "programs",
    [
        ("bin/etcd", "bin/kube-apiserver", "bin/kube-scheduler", "bin/metrics-server"),
        ("containerd --config", "/kubelet "),
        ("components.devcluster.nodes.balancer",),
        ("haproxy ",),
        ("containerd-shim", "/naive"),
        ("",),
    ],
    ids="+".join,
)
def test_killed_programs_are_restarted(cluster: RealCluster, programs: tuple[str, ...]) -> None:
    address = cluster.deploy("kept", 3)
    before = cluster.embedded.identity()
    killed = [pid for pid in running(cluster.nodes.layout) if any(program in command(pid) for program in programs)]
    assert len(killed) >= len(programs)
    kill(killed)
    cluster.embedded.start()
    assert cluster.embedded.healthy()
    assert cluster.embedded.identity() == before
    eventually(lambda: len(answers(address)) == 3 and not answers(address)[""], 60, "all pods respond again")
    alive = [command(pid) for pid in running(cluster.nodes.layout)]
    assert sum("components.devcluster.nodes.balancer" in one for one in alive) == 1
    assert sum("-sf" in one or "haproxy" in one for one in alive) >= 2  # the master and the worker of one haproxy
    cluster.kubectl("delete", "deployment/kept", "service/kept")


def test_after_a_reboot_it_starts_with_its_data_at_another_address_if_necessary(own: RealCluster) -> None:
    own.embedded.start()
    address, identity = own.deploy("kept"), own.embedded.identity()
    layout = own.nodes.layout
    uplink = network.uplink(layout)
    assert uplink
    reboot(own)
    own.embedded.start()
    assert own.embedded.identity() == identity
    assert network.uplink(layout) == uplink
    eventually(lambda: len(answers(address)) == 3 and not answers(address)[""], 90, "all pods respond again")

    reboot(own)
    subprocess.run(
        ["ip", "route", "add", "unreachable", f"{uplink.block}.0/24", "metric", "77"], check=True
    )  # as another program would
    try:
        own.embedded.start()
        moved = network.uplink(layout)
        assert moved
        assert moved != uplink
        server = yaml.safe_load(own.embedded.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
        assert server.startswith(f"https://{moved.hub}:")
        assert own.embedded.identity() == identity
        eventually(
            lambda: own.address("kept").startswith(f"{moved.block}."), 60, "the Service is cluster another address"
        )
        eventually(lambda: len(answers(own.address("kept"))) == 3, 90, "all pods respond there")
    finally:
        subprocess.run(["ip", "route", "del", "unreachable", f"{uplink.block}.0/24", "metric", "77"], check=True)


def reboot(own: RealCluster) -> None:
    """Leave of a cluster what a reboot leaves: its directory."""
    layout = own.nodes.layout
    while pids := running(layout):
        kill(pids)
        time.sleep(0.1)
    leftovers.kill_cluster(layout)
    network.remove(layout)
    assert not leftovers.remaining(layout)


def test_a_killed_and_deleted_cluster_leaves_nothing_on_the_machine(own: RealCluster) -> None:
    before = traces()
    own.embedded.start()
    own.deploy("kept")
    known = names(own.nodes.layout)
    created = [line for line in traces() - before if any(name in line for name in known)]
    for kind in (
        "mount",
        "ip link",
        "ip route",
        "ip netns",
        "path /sys/fs/cgroup",
        "path /var/lib/cni",
        "path /run/containerd/s",
    ):
        assert any(line.startswith(kind) for line in created), kind
    kill(running(own.nodes.layout))
    own.embedded.delete()
    assert not own.embedded.folder.exists()
    assert running(own.nodes.layout) == []
    assert left(before, known) == []


def test_delete_works_without_the_directory(own: RealCluster) -> None:
    before = traces()
    own.embedded.start()
    known = names(own.nodes.layout)
    shutil.rmtree(own.embedded.folder, ignore_errors=True)
    own.embedded.delete()
    assert leftovers.remaining(own.nodes.layout) == []
    assert running(own.nodes.layout) == []
    assert left(before, known) == []


@pytest.mark.parametrize("after_seconds", [0.7, 2, 4, 7])
def test_a_killed_start_can_be_repeated(own: RealCluster, after_seconds: float) -> None:
    before = traces()
    starting = start_process(own.embedded.folder, ZONES)
    time.sleep(after_seconds)
    os.killpg(starting.pid, signal.SIGKILL)
    starting.wait()
    own.embedded.start()
    assert own.embedded.healthy()
    known = names(own.nodes.layout)
    own.embedded.delete()
    assert running(own.nodes.layout) == []
    assert left(before, known) == []


def test_two_clusters_on_one_machine(cluster: RealCluster, own: RealCluster) -> None:
    own.embedded.start()
    address = own.deploy("kept", 2)
    theirs = cluster.deploy("kept", 2)
    assert set(answers(address)) == set(own.places("kept"))
    assert set(answers(theirs)) == set(cluster.places("kept"))
    own.embedded.delete()
    assert cluster.embedded.healthy()
    assert set(answers(theirs)) == set(cluster.places("kept"))
    cluster.kubectl("delete", "deployment/kept", "service/kept")


def test_real_nodes_can_be_replaced_by_simulated_ones_and_back(own: RealCluster) -> None:
    own.embedded.start()
    simulated = EmbeddedCluster(own.embedded.folder, ZONES)
    with pytest.raises(DevClusterError, match="has real nodes, not simulated ones: delete it first"):
        simulated.start()
    simulated.delete()
    assert running(own.nodes.layout) == []
    assert leftovers.remaining(own.nodes.layout) == []
    simulated.start()
    assert simulated.healthy()
    assert own.embedded.mismatch() == "has simulated nodes, not real ones"
    own.embedded.delete()
    own.embedded.start()
    assert own.embedded.healthy()
    fewer = EmbeddedCluster(own.embedded.folder, ZONES[:2], real_nodes=True)
    assert fewer.mismatch() == "has other nodes (zone-a-1, zone-b-1, zone-c-1) than the settings"


def test_running_nodes_import_another_archive(own: RealCluster, tmp_path: Path) -> None:
    from components.devcluster import binaries, images

    own.embedded.start()
    binary = binaries.ensure(print, ["naive"])["naive"]
    archive = images.write_archive(binary, "example.org/shop/web:2", tmp_path / "web.tar")
    more = EmbeddedCluster(own.embedded.folder, ZONES, real_nodes=True, images=(archive,))
    assert own.embedded.healthy()
    assert not more.healthy()
    before = set(running(own.nodes.layout))
    more.start()
    assert more.healthy()
    assert before <= set(running(own.nodes.layout))
    own.kubectl("run", "web", "--image=example.org/shop/web:2", "--env=START_SECONDS=0")
    own.kubectl("wait", "pod/web", "--for=condition=Ready", "--timeout=120s")
    assert kwok_config.has_real_nodes((own.embedded.folder / "kwokctl.yaml").read_text())
    archive.unlink()
    assert not more.healthy()
    with pytest.raises(DevClusterError, match=r"cluster.images: .*web.tar cannot be read \(No such file"):
        more.start()


def test_a_long_path(tmp_path: Path) -> None:
    """A socket's path has at most 107 characters, a project's directory may have more."""
    deep = RealCluster(tmp_path / ("deep" * 20) / ("er" * 40) / "own", ["zone-a"])
    try:
        deep.embedded.start()
        assert deep.embedded.healthy()
        address = deep.deploy("kept", 1)
        assert not answers(address)[""]
    finally:
        deep.embedded.delete()


@pytest.mark.parametrize(
    ("name", "text"),
    [("a b", "must not contain spaces"), ("a:b", "a:b, contains ':',"), ('a"b,c', "contains '\"' and ',',")],
)
def test_a_path_that_programs_cannot_read_is_rejected(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(DevClusterError, match=text):
        EmbeddedCluster(tmp_path / name, ["zone-a"], real_nodes=True).start()
    assert not (tmp_path / name).exists()
    assert not any(NAMESPACES.glob(f"{RealCluster(tmp_path / name).nodes.layout.hub}*"))
