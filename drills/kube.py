"""The questions and deeds of a drill, each one call to the API server."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from inspection.client import Client, InspectionError
from settings.names import ZONE_LABEL


class DrillError(Exception):
    """A drill cannot go on; the text says why."""


class Kube:
    """One API server."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._core, self._apps, self._policy = client.CoreV1Api, client.AppsV1Api, client.PolicyV1Api

    def pods(self, namespace: str, selector: str = "") -> list[Any]:
        """Pods that are not on their way out, oldest first."""
        found = self._core.list_namespaced_pod(namespace, label_selector=selector, _request_timeout=10).items
        return sorted((pod for pod in found
                       if pod.metadata.deletion_timestamp is None and pod.status.phase in ("Pending", "Running")),
                      key=lambda pod: (pod.metadata.creation_timestamp, pod.metadata.name))

    def ready_pods(self, namespace: str) -> list[Any]:
        """Those of them that are ready."""
        return [pod for pod in self.pods(namespace) if _condition(pod, "Ready")]

    def nodes(self) -> list[Any]:
        """All nodes."""
        found: list[Any] = self._core.list_node(_request_timeout=10).items
        return found

    def ready_nodes(self) -> list[str]:
        """Names of the nodes that are ready and take pods, without a taint."""
        return [node.metadata.name for node in self.nodes() if _condition(node, "Ready") and not node.spec.taints]

    def zone(self, node: str) -> str:
        """The zone a node is in."""
        labels: dict[str, str] = next(found.metadata.labels or {} for found in self.nodes() if found.metadata.name == node)
        return labels.get(ZONE_LABEL, "")

    def deployment(self, namespace: str, name: str) -> Any:
        """A Deployment."""
        return self._apps.read_namespaced_deployment(name, namespace, _request_timeout=10)

    def cordon(self, node: str, closed: bool = True) -> None:
        """Closes a node to new pods, or opens it again."""
        self._core.patch_node(node, {"spec": {"unschedulable": closed or None}}, _request_timeout=10)

    def drain(self, nodes: list[str], namespaces: list[str], seconds: float) -> None:
        """What `kubectl drain` does, for the pods of these namespaces only: evicts, and asks again where a budget says not yet.

        Raises DrillError when pods are left after that time.
        """
        for node in nodes:
            self.cordon(node)

        def evict() -> bool:
            left = [pod for namespace in namespaces for pod in self._on(nodes, namespace)]
            for pod in left:
                if pod.metadata.deletion_timestamp is None:
                    self._evict(pod)
            return not left

        self.until(evict, seconds, f"{', '.join(nodes)} to be drained", every=1)

    def _on(self, nodes: list[str], namespace: str) -> list[Any]:
        found = self._core.list_namespaced_pod(namespace, _request_timeout=10).items
        return [pod for pod in found if pod.spec.node_name in nodes and pod.status.phase in ("Pending", "Running")]

    def _evict(self, pod: Any) -> None:
        body = {"apiVersion": "policy/v1", "kind": "Eviction",
                "metadata": {"name": pod.metadata.name, "namespace": pod.metadata.namespace}}
        try:
            self.client.ask(self._core.create_namespaced_pod_eviction, pod.metadata.name, pod.metadata.namespace, body)
        except InspectionError as error:
            if " 429 " not in str(error):  # the budget says: not yet
                raise

    def delete_pod(self, pod: Any, grace: int | None = None) -> None:
        """Deletes a pod, with its own time to end or with that many seconds."""
        more = {} if grace is None else {"grace_period_seconds": grace}
        self.client.ask(self._core.delete_namespaced_pod, pod.metadata.name, pod.metadata.namespace, **more)

    def until(self, true: Callable[[], object], seconds: float, what: str, every: float = 0.5) -> None:
        """Waits. Raises DrillError after that time; an API server that does not answer just takes time."""
        deadline = time.monotonic() + seconds
        said = ""
        while True:
            try:
                if true():
                    return
            except Exception as error:  # of several libraries; the last one is told
                said = f" ({' '.join(str(error).split())[:200]})"
            if time.monotonic() > deadline:
                raise DrillError(f"waited {seconds:.0f} s in vain for {what}{said}")
            time.sleep(every)


def _condition(found: Any, kind: str) -> bool:
    return any(condition.type == kind and condition.status == "True" for condition in found.status.conditions or [])
