"""The embedded cluster: zones, loopback, metrics, restart with data, clean removal, recovery."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from components.devcluster import control_plane, processes
from components.devcluster.catalog import CONTROL_PLANE, kubernetes_version
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.errors import DevClusterError
from tests.cluster.conftest import PROJECT, Kubectl, as_list

METRICS = "/apis/metrics.k8s.io/v1beta1/nodes"


def test_its_nodes_are_in_three_zones_and_run_the_reference_workload(kubectl: Kubectl) -> None:
    nodes = kubectl("get", "nodes", "-o", "json")["items"]
    assert {n["metadata"]["labels"]["topology.kubernetes.io/zone"] for n in nodes} == {"zone-a", "zone-b", "zone-c"}
    assert all(n["status"]["allocatable"]["cpu"] == "4" for n in nodes)


def test_every_component_has_the_requested_version(cluster: EmbeddedCluster, kubectl: Kubectl) -> None:
    version = kubernetes_version(cluster.kubernetes)
    assert version.startswith(f"v{cluster.kubernetes}.")
    assert json.loads(kubectl("get", "--raw", "/version").stdout)["gitVersion"] == version
    nodes = kubectl("get", "nodes", "-o", "json")["items"]
    assert {n["status"]["nodeInfo"]["kubeletVersion"] for n in nodes} == {version}
    assert all(
        {"Ready": "True"}.items() <= {c["type"]: c["status"] for c in n["status"]["conditions"]}.items() for n in nodes
    )
    running = [Path(f"/proc/{pid}/exe").resolve() for pid in processes.of_cluster(cluster.folder)]
    told = {
        program.name: subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()
        for program in running
        if program.name in CONTROL_PLANE
    }
    assert told == {name: ["Kubernetes", version] for name in CONTROL_PLANE}
    assert kubectl("get", "--raw", METRICS).returncode == 0


def test_a_new_cluster_that_loses_a_port_uses_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    taken: list[Path] = []
    with socket.socket() as other:

        def taken_meanwhile(folder: Path, *rest: Any) -> None:
            create(folder, *rest)
            if taken:
                return
            taken.append(folder)
            (pid,) = [
                pid
                for pid in processes.of_cluster(folder)
                if Path(f"/proc/{pid}/exe").readlink().name == "metrics-server"
            ]
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            os.kill(pid, signal.SIGKILL)
            (port,) = [int(word.partition("=")[2]) for word in words if word.startswith("--secure-port=")]
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            deadline = time.monotonic() + 30
            while True:
                try:
                    other.bind(("127.0.0.1", port))
                    break
                except OSError:  # for as long as the one that was killed is not quite gone
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            other.listen()

        create = control_plane.create
        monkeypatch.setattr(control_plane, "create", taken_meanwhile)
        made = EmbeddedCluster(tmp_path / "kwok", ["zone-a"], log=lines.append)
        try:
            made.start()
            assert made.healthy()
        finally:
            made.delete()
    assert any("address already in use" in line and line.endswith(": starting again") for line in lines)


def test_there_are_addresses_for_many_services(cluster: EmbeddedCluster, kubectl: Kubectl) -> None:
    """300 backends in one stack need one each: with kube-apiserver's default the 250th is rejected."""
    services = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": f"many-{number}"},
            "spec": {"ports": [{"port": 80}]},
        }
        for number in range(300)
    ]
    kubectl("create", "namespace", "many")
    try:
        kubectl("create", "-n", "many", "-f", "-", stdin=as_list(services))
        found = kubectl("get", "services", "-n", "many", "-o", "json")["items"]
        assert len({one["spec"]["clusterIP"] for one in found}) == len(services)
    finally:
        kubectl("delete", "namespace", "many")


def test_it_listens_on_loopback_only(cluster: EmbeddedCluster) -> None:
    ours = set(processes.of_cluster(cluster.folder))
    assert len(ours) >= 6
    inodes = set()
    for pid in ours:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = str(handle.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    listening = []
    for table, loopback in (("/proc/net/tcp", "0100007F"), ("/proc/net/tcp6", "00000000000000000000000001000000")):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.append(fields[1].split(":")[0] == loopback)
    assert listening and all(listening)


def test_a_stopped_cluster_is_unhealthy_and_restarts_with_its_data(tmp_path: Path) -> None:
    made = EmbeddedCluster(tmp_path / "c", ["zone-a"])
    try:
        made.start()
        before = made.identity()
        processes.kill(made.folder)
        assert made.exists() and not made.healthy()
        made.start()
        assert made.healthy() and made.identity() == before
    finally:
        made.delete()
    assert not made.folder.exists() and processes.of_cluster(tmp_path / "c") == []


@pytest.mark.parametrize("after_seconds", [0.3, 1.5, 3.0])
def test_a_killed_start_is_recovered_by_starting_again(tmp_path: Path, after_seconds: float) -> None:
    folder = tmp_path / "c"
    code = (
        "from pathlib import Path; from components.devcluster.cluster import EmbeddedCluster; "
        f"EmbeddedCluster(Path({str(folder)!r}), ['z']).start()"
    )
    begun = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, start_new_session=True)
    time.sleep(after_seconds)
    os.killpg(begun.pid, signal.SIGKILL)
    begun.wait()
    made = EmbeddedCluster(folder, ["z"])
    try:
        made.start()
        assert made.healthy()
    finally:
        made.delete()
    assert processes.of_cluster(folder) == []


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DevClusterError, match=f"apiPort: another process listens on port {port}"):
            EmbeddedCluster(tmp_path / "c", ["z"], api_port=port).start()
