"""Whatever is killed, `start` mends; whatever was left, `delete` removes. Each test has a cluster of its own."""

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
from components.devcluster.errors import LocalError
from components.devcluster.nodes import leftovers, network
from components.devcluster.nodes.layout import NAMESPACES
from tests.nodes.conftest import ZONES, Given, answers, eventually
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


def begun(folder: Path, zones: list[str]) -> subprocess.Popen[bytes]:
    """A start in a process of its own, to be killed."""
    code = (
        f"from pathlib import Path; from components.devcluster.cluster import EmbeddedCluster as C; "
        f"C(Path({str(folder)!r}), {zones!r}, real=True).start()"
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
def test_programs_that_were_killed_are_started_again(given: Given, programs: tuple[str, ...]) -> None:
    address = given.deploy("kept", 3)
    before = given.cluster.identity()
    killed = [pid for pid in running(given.nodes.layout) if any(program in command(pid) for program in programs)]
    assert len(killed) >= len(programs)
    kill(killed)
    given.cluster.start()
    assert given.cluster.healthy()
    assert given.cluster.identity() == before
    eventually(lambda: len(answers(address)) == 3 and not answers(address)[""], 60, "all pods answer again")
    alive = [command(pid) for pid in running(given.nodes.layout)]
    assert sum("components.devcluster.nodes.balancer" in one for one in alive) == 1
    assert sum("-sf" in one or "haproxy" in one for one in alive) >= 2  # a master and a worker, of one balancer
    given.kubectl("delete", "deployment/kept", "service/kept")


def test_after_a_restart_of_the_machine_it_comes_up_with_its_data_at_another_address_if_need_be(own: Given) -> None:
    own.cluster.start()
    address, identity = own.deploy("kept"), own.cluster.identity()
    layout = own.nodes.layout
    uplink = network.uplink(layout)
    assert uplink
    reboot(own)
    own.cluster.start()
    assert own.cluster.identity() == identity
    assert network.uplink(layout) == uplink
    eventually(lambda: len(answers(address)) == 3 and not answers(address)[""], 90, "all pods answer again")

    reboot(own)
    subprocess.run(
        ["ip", "route", "add", "unreachable", f"{uplink.block}.0/24", "metric", "77"], check=True
    )  # somebody else
    try:
        own.cluster.start()
        moved = network.uplink(layout)
        assert moved
        assert moved != uplink
        server = yaml.safe_load(own.cluster.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
        assert server.startswith(f"https://{moved.hub}:")
        assert own.cluster.identity() == identity
        eventually(
            lambda: own.address("kept").startswith(f"{moved.block}."), 60, "the Service is given another address"
        )
        eventually(lambda: len(answers(own.address("kept"))) == 3, 90, "all pods answer there")
    finally:
        subprocess.run(["ip", "route", "del", "unreachable", f"{uplink.block}.0/24", "metric", "77"], check=True)


def reboot(own: Given) -> None:
    """What a restart leaves of a cluster: its folder."""
    layout = own.nodes.layout
    while pids := running(layout):
        kill(pids)
        time.sleep(0.1)
    leftovers.end_cluster(layout)
    network.remove(layout)
    assert not leftovers.found(layout)


def test_killed_altogether_and_removed_it_leaves_nothing_on_the_machine(own: Given) -> None:
    before = traces()
    own.cluster.start()
    own.deploy("kept")
    known = names(own.nodes.layout)
    there = [line for line in traces() - before if any(name in line for name in known)]
    for kind in (
        "mount",
        "ip link",
        "ip route",
        "ip netns",
        "path /sys/fs/cgroup",
        "path /var/lib/cni",
        "path /run/containerd/s",
    ):
        assert any(line.startswith(kind) for line in there), kind
    kill(running(own.nodes.layout))
    own.cluster.delete()
    assert not own.cluster.folder.exists()
    assert running(own.nodes.layout) == []
    assert left(before, known) == []


def test_a_folder_that_somebody_removed_does_not_hide_what_runs(own: Given) -> None:
    before = traces()
    own.cluster.start()
    known = names(own.nodes.layout)
    shutil.rmtree(own.cluster.folder, ignore_errors=True)
    own.cluster.delete()
    assert leftovers.found(own.nodes.layout) == []
    assert running(own.nodes.layout) == []
    assert left(before, known) == []


@pytest.mark.parametrize("after_seconds", [0.7, 2, 4, 7])
def test_a_start_killed_at_any_moment_is_recovered_from_by_starting_again(own: Given, after_seconds: float) -> None:
    before = traces()
    starting = begun(own.cluster.folder, ZONES)
    time.sleep(after_seconds)
    os.killpg(starting.pid, signal.SIGKILL)
    starting.wait()
    own.cluster.start()
    assert own.cluster.healthy()
    known = names(own.nodes.layout)
    own.cluster.delete()
    assert running(own.nodes.layout) == []
    assert left(before, known) == []


def test_two_clusters_side_by_side(given: Given, own: Given) -> None:
    own.cluster.start()
    address = own.deploy("kept", 2)
    theirs = given.deploy("kept", 2)
    assert set(answers(address)) == set(own.places("kept"))
    assert set(answers(theirs)) == set(given.places("kept"))
    own.cluster.delete()
    assert given.cluster.healthy()
    assert set(answers(theirs)) == set(given.places("kept"))
    given.kubectl("delete", "deployment/kept", "service/kept")


def test_simulated_nodes_take_the_place_of_real_ones_and_back(own: Given) -> None:
    own.cluster.start()
    simulated = EmbeddedCluster(own.cluster.folder, ZONES)
    with pytest.raises(LocalError, match="has real nodes, and simulated ones are asked for: remove it first"):
        simulated.start()
    simulated.delete()
    assert running(own.nodes.layout) == []
    assert leftovers.found(own.nodes.layout) == []
    simulated.start()
    assert simulated.healthy()
    assert own.cluster.other() == "has simulated nodes, and real ones are asked for"
    own.cluster.delete()
    own.cluster.start()
    assert own.cluster.healthy()
    fewer = EmbeddedCluster(own.cluster.folder, ZONES[:2], real=True)
    assert fewer.other() == "has other nodes (zone-a-1, zone-b-1, zone-c-1) than those asked for"


def test_another_archive_is_taken_in_by_nodes_that_run(own: Given, tmp_path: Path) -> None:
    from components.devcluster import binaries, images

    own.cluster.start()
    binary = binaries.ensure(print, ["naive"])["naive"]
    archive = images.archive(binary, "example.org/shop/web:2", tmp_path / "web.tar")
    more = EmbeddedCluster(own.cluster.folder, ZONES, real=True, images=(archive,))
    assert own.cluster.healthy()
    assert not more.healthy()
    before = set(running(own.nodes.layout))
    more.start()
    assert more.healthy()
    assert before <= set(running(own.nodes.layout))
    own.kubectl("run", "web", "--image=example.org/shop/web:2", "--env=START_SECONDS=0")
    own.kubectl("wait", "pod/web", "--for=condition=Ready", "--timeout=120s")
    assert kwok_config.has_real_nodes((own.cluster.folder / "kwokctl.yaml").read_text())
    archive.unlink()
    assert not more.healthy()
    with pytest.raises(LocalError, match=r"cluster.images: .*web.tar cannot be read \(No such file"):
        more.start()


def test_a_deep_folder(tmp_path: Path) -> None:
    """A socket's path may have 107 characters, a project's folder more."""
    deep = Given(tmp_path / ("deep" * 20) / ("er" * 40) / "own", ["zone-a"])
    try:
        deep.cluster.start()
        assert deep.cluster.healthy()
        address = deep.deploy("kept", 1)
        assert not answers(address)[""]
    finally:
        deep.cluster.delete()


@pytest.mark.parametrize(
    ("name", "text"),
    [("a b", "no space in the path"), ("a:b", "has ':' in its path"), ('a"b,c', "has '\"' and ',' in its path")],
)
def test_a_folder_that_its_programs_could_not_read_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(LocalError, match=text):
        EmbeddedCluster(tmp_path / name, ["zone-a"], real=True).start()
    assert not (tmp_path / name).exists()
    assert not any(NAMESPACES.glob(f"{Given(tmp_path / name).nodes.layout.hub}*"))
