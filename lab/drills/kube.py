"""The questions and deeds of a drill, each one call to the API server."""

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
    """A drill cannot go on; the text says why."""


class Kube:
    """One API server."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._core, self._apps, self._policy = client.CoreV1Api, client.AppsV1Api, client.PolicyV1Api

    def pods(self, namespace: str, selector: str = "") -> list[Pod]:
        """Pods that are not on their way out, oldest first."""
        found = [pod for pod in self._pods(namespace, labelSelector=selector) if pod.alive]
        return sorted(found, key=lambda pod: (pod.created, pod.name))

    def ready_pods(self, namespace: str, selector: str = "") -> list[Pod]:
        """Those of them that are ready."""
        return [pod for pod in self.pods(namespace, selector) if pod.ready]

    def _pods(self, namespace: str, **which: str) -> list[Pod]:
        asked = urlencode({key: value for key, value in which.items() if value})
        answer = self.client.look(f"/api/v1/namespaces/{namespace}/pods?{asked}")
        if answer is None:
            raise DrillError(f"the pods of namespace {namespace} may not be seen")
        return [pods_of.read(one) for one in answer.get("items") or []]

    def nodes(self) -> list[Any]:
        """All nodes."""
        found: list[Any] = self._core.list_node(_request_timeout=10).items
        return found

    def ready_nodes(self) -> list[str]:
        """Names of the nodes that are ready and take pods, without a taint."""
        return [node.metadata.name for node in self.nodes() if _condition(node, "Ready") and not node.spec.taints]

    def zone(self, node: str) -> str:
        """The zone a node is in."""
        labels: dict[str, str] = next(
            found.metadata.labels or {} for found in self.nodes() if found.metadata.name == node
        )
        return labels.get(ZONE_LABEL, "")

    def deployment(self, namespace: str, name: str) -> Any:
        """A Deployment."""
        return self._apps.read_namespaced_deployment(name, namespace, _request_timeout=10)

    def scale(self, namespace: str, name: str, replicas: int) -> None:
        """Sets a Deployment's number of pods, as `kubectl scale` does, and waits for nothing."""
        self.client.ask(self._apps.patch_namespaced_deployment_scale, name, namespace, {"spec": {"replicas": replicas}})

    def release_age(self, namespace: str) -> float:
        """Seconds since the newest release of a namespace began to be rolled out."""
        found = self._apps.list_namespaced_replica_set(namespace, _request_timeout=10).items
        newest: float = max(one.metadata.creation_timestamp.timestamp() for one in found)
        return time.time() - newest

    def cordon(self, node: str, closed: bool = True) -> None:
        """Closes a node to new pods, or opens it again."""
        self._core.patch_node(node, {"spec": {"unschedulable": closed or None}}, _request_timeout=10)

    def label_node(self, node: str, key: str, value: str | None) -> None:
        """Labels a node; None takes the label away."""
        self._core.patch_node(node, {"metadata": {"labels": {key: value}}}, _request_timeout=10)

    def until_ready(self, nodes: Iterable[str], seconds: float) -> None:
        """Waits for nodes to be ready, without a taint. Raises DrillError."""
        wanted = set(nodes)
        self.until(lambda: wanted <= set(self.ready_nodes()), seconds, f"nodes {', '.join(sorted(wanted))} to be ready")

    def evict(self, nodes: list[str], selections: list[tuple[str, str]], seconds: float) -> None:
        """What `kubectl drain` does with closed nodes, for these pods only: evicts, asks again where a budget says not yet.

        ``selections``: namespaces, each with a label selector. Raises DrillError when pods are left after that time.
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
                if not pod.ending:
                    self._evict(pod)
            return not left

        self.until(once, seconds, f"{', '.join(nodes)} to be drained", every=1)

    def _evict(self, pod: Pod) -> None:
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": pod.name, "namespace": pod.namespace},
        }
        try:
            self.client.ask(self._core.create_namespaced_pod_eviction, pod.name, pod.namespace, body)
        except InspectionError as error:
            if " 429 " not in str(error):  # the budget says: not yet
                raise

    def delete_pod(self, pod: Pod, grace: int | None = None) -> None:
        """Deletes a pod, with its own time to end or with that many seconds."""
        more = {} if grace is None else {"grace_period_seconds": grace}
        self.client.ask(self._core.delete_namespaced_pod, pod.name, pod.namespace, **more)

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
