"""Servers that speak no HTTP keep the promise on real nodes: gRPC, TCP, and two ports of one backend."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from components.availability import facts_from_zones, promise
from components.devcluster import images
from components.devcluster.nodes.config import RUNTIME_TASKS
from components.settings import BackendSettings
from components.settings.well_known import CONTAINER
from components.validation import validated
from tests.nodes.conftest import ZONES, RealCluster, eventually
from tests.support.backends import manifests

pytestmark = pytest.mark.slow

HEALTH = "/grpc.health.v1.Health/Check"
SERVING = b"\x08\x01"  # HealthCheckResponse with status SERVING
IMAGE = images.SAMPLES["podinfo"]
SMALL = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}}
QUICK = {
    "survive": "zone",
    "autoscaling": {"enabled": False},
    "resources": SMALL,
    "loadBalancer": {"healthCheckSeconds": 5},
    "shutdown": {"deregistrationSeconds": 8, "drainSeconds": 2},
    "health": {"startupSeconds": 20},
    "rollout": {"minReadySeconds": 2},
}
GRPC_PORT = {"PODINFO_PORT": "8080", "PODINFO_GRPC_PORT": "9999"}
BACKENDS: dict[str, dict[str, Any]] = {
    "grpc": {"protocol": "grpc", "port": 9999, "servicePort": 9999, "environment": GRPC_PORT},
    "tcp": {"protocol": "tcp", "port": 8080, "servicePort": 5432, "environment": GRPC_PORT},
    "both": {
        "environment": GRPC_PORT,
        "overrides": {"service": {"spec": {"ports": [{"name": "grpc", "port": 9999, "appProtocol": "grpc"}]}}},
        # podinfo's own paths.
        "health": {"startupSeconds": 20},
    },
}
Ask = Callable[[str], bool]


def asks_grpc(address: str) -> bool:
    """Ask the gRPC health service, over a connection of its own."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(f"{address}:9999", options=options) as channel:
        call = channel.unary_unary(HEALTH, request_serializer=bytes, response_deserializer=bytes)
        try:
            return bool(call(b"", timeout=2) == SERVING)
        except grpc.RpcError:
            return False


def asks_tcp(port: int) -> Ask:
    """Return a client that sends a request over a TCP connection of its own, and reads the answer."""

    def ask(address: str) -> bool:
        try:
            with socket.create_connection((address, port), timeout=2) as connection:
                connection.settimeout(2)
                connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                return connection.recv(64).startswith(b"HTTP/1.0 200")
        except OSError:
            return False

    return ask


CLIENTS: dict[str, tuple[Ask, ...]] = {
    "grpc": (asks_grpc,),
    "tcp": (asks_tcp(5432),),
    "both": (asks_tcp(80), asks_grpc),
}


class Load:
    """Clients that ask again and again, and when each was answered or not."""

    def __init__(self, address: str, clients: tuple[Ask, ...]) -> None:
        self.results: list[tuple[float, bool]] = []
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(address, ask)) for ask in clients for _ in range(3)]

    def _run(self, address: str, ask: Ask) -> None:
        while not self._end.wait(0.02):
            answered = ask(address)
            self.results.append((time.monotonic(), answered))

    @property
    def failures(self) -> list[float]:
        return [when for when, answered in self.results if not answered]

    @contextmanager
    def running(self) -> Iterator[Load]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._end.set()
            for thread in self._threads:
                thread.join()


class Deployed:
    """A backend on the cluster."""

    def __init__(self, cluster: RealCluster, name: str) -> None:
        self.cluster, self.name = cluster, name
        self.values = {"name": name, "image": IMAGE, **QUICK, **BACKENDS[name]}
        cluster.kubectl("apply", "--server-side", "-f", "-", stdin=self.objects(IMAGE))
        self.settled()
        self.address = cluster.kubectl("get", "service", name, "-n", name, "-o", "json")["status"]["loadBalancer"][
            "ingress"
        ][0]["ip"]

    @property
    def settings(self) -> BackendSettings:
        return validated(self.values, self.name, facts_from_zones(ZONES), protect=False)

    def objects(self, image: str) -> str:
        items = manifests(**{**self.values, "image": image})
        return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})

    def settled(self) -> None:
        self.cluster.kubectl("rollout", "status", f"deployment/{self.name}", "-n", self.name, "--timeout=3m")
        self.cluster.kubectl(
            "wait", f"service/{self.name}", "-n", self.name, "--for=jsonpath={.status.loadBalancer.ingress}"
        )

    def pods(self) -> list[dict[str, Any]]:
        found = self.cluster.kubectl("get", "pods", "-n", self.name, "-o", "json")["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def kill(self, pod: dict[str, Any]) -> None:
        """Send SIGKILL to the main process of a pod, from outside."""
        (status,) = (one for one in pod["status"]["containerStatuses"] if one["name"] == CONTAINER)
        identity = status["containerID"].rpartition("/")[2]
        (node,) = (one for one in self.cluster.nodes.layout.nodes if one.name == pod["spec"]["nodeName"])
        os.kill(int((node.run / RUNTIME_TASKS / identity / "init.pid").read_text()), signal.SIGKILL)

    def load(self) -> Load:
        return Load(self.address, CLIENTS[self.name])


@pytest.fixture(scope="module", params=list(BACKENDS))
def deployed(request: pytest.FixtureRequest, cluster: RealCluster) -> Iterator[Deployed]:
    made = Deployed(cluster, request.param)
    eventually(lambda: all(ask(made.address) for ask in CLIENTS[made.name]), 60, "every port answers")
    time.sleep(5)  # the load balancer has looked at every node
    yield made
    cluster.kubectl("delete", "namespace", made.name, "--timeout=2m")


def test_a_rollout_fails_no_request(deployed: Deployed) -> None:
    with deployed.load().running() as load:
        objects = deployed.objects(images.next_release(IMAGE))
        deployed.cluster.kubectl("apply", "--server-side", "-f", "-", stdin=objects)
        deployed.settled()
        time.sleep(12)  # the last old pod has ended
    print(f"{deployed.name}: rollout, {len(load.failures)} of {len(load.results)} failed")
    assert len(load.results) > 500 and not load.failures


def test_a_drain_fails_no_request(deployed: Deployed) -> None:
    node = deployed.pods()[0]["spec"]["nodeName"]
    with deployed.load().running() as load:
        deployed.cluster.kubectl("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=2m")
        time.sleep(5)
    deployed.cluster.kubectl("uncordon", node)
    print(f"{deployed.name}: drain, {len(load.failures)} of {len(load.results)} failed")
    assert len(load.results) > 300 and not load.failures
    deployed.settled()


def test_a_killed_pod_fails_requests_no_longer_than_promised(deployed: Deployed) -> None:
    survivals = promise(deployed.settings, facts_from_zones(ZONES)).survivals
    (promised,) = (row.error_window_seconds for row in survivals if row.failure == "pod")
    victim = deployed.pods()[0]
    with deployed.load().running() as load:
        time.sleep(2)
        killed = time.monotonic()
        deployed.kill(victim)
        time.sleep(promised + 10)
    longest = max((when - killed for when in load.failures), default=0.0)
    print(
        f"{deployed.name}: killed, {len(load.failures)} of {len(load.results)} failed, the last after {longest:.1f} s"
    )
    assert load.failures, "the process was killed while requests were in flight or arriving"
    assert longest <= promised + 2, "a request of 2 s may have begun within the promised time"
