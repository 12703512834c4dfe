"""A cluster with real nodes for the suite, and a backend with a pod in each of its zones."""

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
from components.devcluster.errors import DevClusterError
from components.devcluster.nodes import requirements
from components.devcluster.nodes.backend import RealNodes

ZONES = ["zone-a", "zone-b", "zone-c"]
AT_ONCE = 6  # nodes: a test's own cluster next to the suite's


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    try:
        requirements.check(nodes=AT_ONCE)
    except DevClusterError as error:
        here = Path(__file__).parent
        for item in items:
            if here in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=str(error)))


class RealCluster:
    """A cluster with real nodes, with helpers for tests."""

    def __init__(self, folder: Path, zones: list[str] = ZONES) -> None:
        self.embedded = EmbeddedCluster(folder, zones, real_nodes=True)

    @property
    def nodes(self) -> RealNodes:
        backend = self.embedded.node_backend
        assert isinstance(backend, RealNodes)
        return backend

    def kubectl(self, *arguments: str, stdin: str | None = None) -> Any:
        """Run kubectl and return its output, parsed if it is JSON."""
        program = binaries.ensure(print, ["kubectl"])["kubectl"]
        done = subprocess.run(
            [str(program), "--kubeconfig", str(self.embedded.kubeconfig), *arguments],
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if "json" in arguments else done.stdout

    def deploy(self, name: str, replicas: int = 3, **service: Any) -> str:
        """Deploy the naive backend, spread over the zones, wait, and return the address of its load balancer."""
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
        tolerations = [
            {
                "key": f"node.kubernetes.io/{state}",
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": 600,
            }
            for state in ("not-ready", "unreachable")
        ]  # the same pod must return
        pod = {
            "containers": [container],
            "topologySpreadConstraints": [spread],
            "terminationGracePeriodSeconds": 1,
            "tolerations": tolerations,
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
        address: str = self.kubectl("get", "service", name, "-o", "json")["status"]["loadBalancer"]["ingress"][0]["ip"]
        return address

    def places(self, name: str) -> dict[str, str]:
        """Return the node of each pod of a backend."""
        pods = self.kubectl("get", "pods", "-l", f"app={name}", "-o", "json")["items"]
        return {
            pod["metadata"]["name"]: pod["spec"]["nodeName"]
            for pod in pods
            if "deletionTimestamp" not in pod["metadata"]
        }


def answers(address: str, count: int = 30) -> Counter[str]:
    """Return how many of ``count`` new connections each pod answered; "" counts those without an answer."""
    pods: Counter[str] = Counter()
    for _ in range(count):
        try:
            with urllib.request.urlopen(f"http://{address}/", timeout=2) as response:
                pods[response.read().decode().strip()] += 1
        except OSError:
            pods[""] += 1
    return pods


def eventually(condition: Callable[[], object], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.3)


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    made = RealCluster(tmp_path_factory.mktemp("nodes") / "shared")
    try:
        made.embedded.start()
        yield made
    finally:
        made.embedded.delete()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RealCluster]:
    """A cluster of the test's own, which is not started."""
    made = RealCluster(tmp_path / "own")
    yield made
    made.embedded.delete()
