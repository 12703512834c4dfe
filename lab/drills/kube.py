"""The Kubernetes API calls of drills."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from components.inspection.client import Client, InspectionError
from components.settings.well_known import ZONE_LABEL
from lab.drills import pods as pods_of
from lab.drills.pods import Pod


class DrillError(Exception):
    """A drill cannot continue; the message says why."""


class Kube:
    """An API server."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._core, self._apps, self._policy = client.CoreV1Api, client.AppsV1Api, client.PolicyV1Api

    def pods(self, namespace: str, selector: str = "") -> list[Pod]:
        """Return pods that are not terminating, oldest first."""
        alive = [pod for pod in self._pods(namespace, labelSelector=selector) if pod.alive]
        return sorted(alive, key=lambda pod: (pod.created, pod.name))

    def ready_pods(self, namespace: str, selector: str = "") -> list[Pod]:
        """Return ready pods that are not terminating, oldest first."""
        return [pod for pod in self.pods(namespace, selector) if pod.ready]

    def _pods(self, namespace: str, **selectors: str) -> list[Pod]:
        query = urlencode({key: value for key, value in selectors.items() if value})
        response = self.client.get_if_permitted(f"/api/v1/namespaces/{namespace}/pods?{query}")
        if response is None:
            raise DrillError(f"no permission to list the pods of namespace {namespace}")
        return [pods_of.read(item) for item in response.get("items") or []]

    def nodes(self) -> list[Any]:
        """Return all nodes."""
        nodes: list[Any] = self._core.list_node(_request_timeout=10).items
        return nodes

    def ready_nodes(self) -> list[str]:
        """Return the names of the nodes that are ready and have no taint."""
        return [node.metadata.name for node in self.nodes() if _condition(node, "Ready") and not node.spec.taints]

    def zone(self, node: str) -> str:
        """Return a node's zone; "" if it has none."""
        labels: dict[str, str] = next(
            other.metadata.labels or {} for other in self.nodes() if other.metadata.name == node
        )
        return labels.get(ZONE_LABEL, "")

    def deployment(self, namespace: str, name: str) -> Any:
        """Return a Deployment."""
        return self._apps.read_namespaced_deployment(name, namespace, _request_timeout=10)

    def scale(self, namespace: str, name: str, replicas: int) -> None:
        """Set a Deployment's replicas, as `kubectl scale` does, without waiting."""
        self.client.call(
            self._apps.patch_namespaced_deployment_scale, name, namespace, {"spec": {"replicas": replicas}}
        )

    def release_age(self, namespace: str) -> float:
        """Return the seconds since the newest ReplicaSet of a namespace was created."""
        replica_sets = self._apps.list_namespaced_replica_set(namespace, _request_timeout=10).items
        newest: float = max(one.metadata.creation_timestamp.timestamp() for one in replica_sets)
        return time.time() - newest

    def cordon(self, node: str, closed: bool = True) -> None:
        """Cordon a node, or uncordon it."""
        self._core.patch_node(node, {"spec": {"unschedulable": closed or None}}, _request_timeout=10)

    def label_node(self, node: str, key: str, value: str | None) -> None:
        """Set a node label; None removes it."""
        self._core.patch_node(node, {"metadata": {"labels": {key: value}}}, _request_timeout=10)

    def wait_for_nodes(self, nodes: Iterable[str], seconds: float) -> None:
        """Wait until nodes are ready and have no taint. Raises DrillError."""
        names = set(nodes)
        self.wait_until(
            lambda: names <= set(self.ready_nodes()), seconds, f"nodes {', '.join(sorted(names))} to be ready"
        )

    def evict(self, nodes: list[str], selections: list[tuple[str, str]], seconds: float) -> None:
        """Evict these pods from cordoned nodes as `kubectl drain` does, retrying while a disruption budget denies it.

        ``selections`` are namespaces, each with a label selector. Raises DrillError if pods are left after ``seconds``.
        """

        def once() -> bool:
            left = [
                pod
                for namespace, selector in selections
                for node in nodes
                for pod in self._pods(namespace, labelSelector=selector, fieldSelector=f"spec.nodeName={node}")
                if pod.phase in ("Pending", "Running")
            ]
            for pod in left:
                if not pod.terminating:
                    self._evict(pod)
            return not left

        self.wait_until(once, seconds, f"{', '.join(nodes)} to be drained", every=1)

    def _evict(self, pod: Pod) -> None:
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod.name, "namespace": pod.namespace},
        }
        try:
            self.client.call(self._core.create_namespaced_pod_eviction, pod.name, pod.namespace, body)
        except InspectionError as error:
            if " 429 " not in str(error):  # the disruption budget denies it for now
                raise

    def delete_pod(self, pod: Pod, grace: int | None = None) -> None:
        """Delete a pod, with its own grace period or with ``grace`` seconds."""
        more = {} if grace is None else {"grace_period_seconds": grace}
        self.client.call(self._core.delete_namespaced_pod, pod.name, pod.namespace, **more)

    def wait_until(self, condition: Callable[[], object], seconds: float, what: str, every: float = 0.5) -> None:
        """Wait for a condition. Raises DrillError after ``seconds``; an unreachable API server counts as not yet."""
        deadline = time.monotonic() + seconds
        last_error = ""
        while True:
            try:
                if condition():
                    return
            except Exception as error:  # of several libraries; the last one is reported
                last_error = f" ({' '.join(str(error).split())[:200]})"
            if time.monotonic() > deadline:
                raise DrillError(f"timed out after {seconds:.0f} s waiting for {what}{last_error}")
            time.sleep(every)


def _condition(node: Any, kind: str) -> bool:
    return any(condition.type == kind and condition.status == "True" for condition in node.status.conditions or [])
