"""A target without a cluster: three nodes and three pods."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from lab.drills.backend import DesiredState
from lab.drills.kube import DrillError
from lab.drills.pods import Pod
from lab.drills.target import Target
from tests.support.recordings import FULL


def pod(name: str, node: str = "n1", **more: Any) -> Pod:
    return Pod(
        **{
            "name": name,
            "namespace": "web",
            "uid": name,
            "node": node,
            "phase": "Running",
            "ready": True,
            "terminating": False,
            "created": "",
            "container": "",
            **more,
        }
    )


class FakeKube:
    """Three nodes, one of which was cordoned before, and three pods with these ``endpoints`` by zone."""

    def __init__(self) -> None:
        self.unschedulable = {"n1": False, "n2": False, "n3": True}
        self.endpoints = dict(FULL)
        self.evicted: list[str] = []
        self.client = self
        self.fails_for = ""

    def nodes(self) -> list[Any]:
        return [
            SimpleNamespace(metadata=SimpleNamespace(name=name, labels={}), spec=SimpleNamespace(unschedulable=closed))
            for name, closed in self.unschedulable.items()
        ]

    def zone(self, node: str) -> str:
        return "a"

    def ready_nodes(self) -> list[str]:
        return [name for name, closed in self.unschedulable.items() if not closed]

    def cordon(self, node: str, closed: bool = True) -> None:
        if node == self.fails_for and not closed:
            raise OSError("no route to host")
        self.unschedulable[node] = closed

    def evict(self, nodes: list[str], selections: list[tuple[str, str]], seconds: float) -> None:
        raise KeyboardInterrupt

    def ready_pods(self, namespace: str, selector: str = "") -> list[Pod]:
        return [pod(str(number)) for number in range(3)]

    def deployment(self, namespace: str, name: str) -> Any:
        return SimpleNamespace(
            metadata=SimpleNamespace(generation=1),
            spec=SimpleNamespace(replicas=3),
            status=SimpleNamespace(observed_generation=1, replicas=3, updated_replicas=3, available_replicas=3),
        )

    def wait_until(self, condition: Any, seconds: float, what: str, every: float = 0.5) -> None:
        try:
            assert condition()
        except OSError as error:
            raise DrillError(f"{what} ({error})") from None

    def get_if_permitted(self, path: str) -> dict[str, Any]:
        return {
            "items": [
                {
                    "endpoints": [
                        {"zone": zone, "addresses": [zone], "targetRef": {"uid": f"{zone}{number}"}}
                        for zone, count in self.endpoints.items()
                        for number in range(count)
                    ]
                }
            ]
        }


class FakeTarget(Target):
    kube: Any
    owned = False
    sample_seconds = 0.05

    def __init__(self, **unsupported: str) -> None:
        self.kube = FakeKube()
        self.unsupported, self.closed = unsupported, []


def backend(**more: Any) -> Any:
    return SimpleNamespace(
        **{
            "name": "web",
            "under_test": True,
            "namespace": "web",
            "selector": "app=web",
            "deployment": "web",
            "service": "web",
            "connections": (),
            "rate": 0,
            "desired": DesiredState("web:1"),
            "full": 3,
            "max_unavailable": 1,
            "default_replicas": 3,
            "max_replicas": 3,
            **more,
        }
    )
