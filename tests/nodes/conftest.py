"""One cluster with real nodes for the suite, in a folder of its own, and a backend in every zone of it."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.errors import LocalError
from components.devcluster.nodes import requirements
from components.devcluster.nodes.backend import Real

ZONES = ["zone-a", "zone-b", "zone-c"]
AT_ONCE = 6  # nodes, with a cluster of a test's own beside the suite's


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    try:
        requirements.check(nodes=AT_ONCE)
    except LocalError as error:
        here = Path(__file__).parent
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=str(error)))


class Given:
    """A cluster with real nodes, and what a test asks of it."""

    def __init__(self, folder: Path, zones: list[str] = ZONES) -> None:
        self.cluster = EmbeddedCluster(folder, zones, real=True)

    @property
    def nodes(self) -> Real:
        fleet = self.cluster.fleet
        assert isinstance(fleet, Real)
        return fleet

    def kubectl(self, *words: str, stdin: str | None = None) -> Any:
        """What kubectl says; read, where it is JSON."""
        program = binaries.ensure(print, ["kubectl"])["kubectl"]
        done = subprocess.run(
            [str(program), "--kubeconfig", str(self.cluster.kubeconfig), *words],
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "json" in words else done.stdout

    def deploy(self, name: str, replicas: int = 3, **service: Any) -> str:
        """Runs so many pods of the naive backend, one in each zone, and waits; gives the address of their load balancer."""
        labels = {"app": name}
        container = {
            "name": "naive",
            "image": "ha-backend.local/naive:1",
            "ports": [{"containerPort": 8080}],
            "env": [{"name": "START_SECONDS", "value": "0"}, {"name": "BURN", "value": "5"}],
            "resources": {"requests": {"cpu": "50m", "memory": "32Mi"}},
            "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1},
        }
        spread = {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": labels},
        }
        lost = [
            {"key": f"node.kubernetes.io/{how}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 600}
            for how in ("not-ready", "unreachable")
        ]  # what comes back is to be the same pod
        pod = {
            "containers": [container],
            "topologySpreadConstraints": [spread],
            "terminationGracePeriodSeconds": 1,
            "tolerations": lost,
        }
        self.apply(
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {"name": name},
                "spec": {
                    "replicas": replicas,
                    "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": pod},
                },
            },
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": name},
                "spec": {
                    "type": "LoadBalancer",
                    "selector": labels,
                    "ports": [{"port": 80, "targetPort": 8080}],
                    **service,
                },
            },
        )
        self.kubectl("rollout", "status", f"deployment/{name}", "--timeout=2m")
        return self.address(name)

    def apply(self, *objects: dict[str, Any]) -> None:
        self.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))

    def address(self, name: str) -> str:
        self.kubectl("wait", f"service/{name}", "--for=jsonpath={.status.loadBalancer.ingress}", "--timeout=120s")
        found: str = self.kubectl("get", "service", name, "-o", "json")["status"]["loadBalancer"]["ingress"][0]["ip"]
        return found

    def places(self, name: str) -> dict[str, str]:
        """The node of each pod of a backend."""
        pods = self.kubectl("get", "pods", "-l", f"app={name}", "-o", "json")["items"]
        return {
            pod["metadata"]["name"]: pod["spec"]["nodeName"]
            for pod in pods
            if "deletionTimestamp" not in pod["metadata"]
        }


def answers(address: str, count: int = 30) -> Counter[str]:
    """Which pods answered so many new connections, and how often; "" where none did."""
    found: Counter[str] = Counter()
    for _ in range(count):
        try:
            with urllib.request.urlopen(f"http://{address}/", timeout=2) as answer:
                found[answer.read().decode().strip()] += 1
        except OSError:
            found[""] += 1
    return found


def eventually(true: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.3)


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    made = Given(tmp_path_factory.mktemp("nodes") / "shared")
    try:
        made.cluster.start()
        yield made
    finally:
        made.cluster.delete()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Given]:
    """A cluster of the test's own, not started yet."""
    made = Given(tmp_path / "own")
    yield made
    made.cluster.delete()
