"""A backend that somebody else has deployed, given by namespace and name. All that is ever done to it is a restart."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from components.inspection.client import InspectionError
from lab.drills.backend import Wish
from lab.drills.kube import DrillError, Kube
from lab.drills.model import Connections
from lab.drills.verdict import Limits

RESTARTED = "kubectl.kubernetes.io/restartedAt"  # what `kubectl rollout restart` writes
_DEADLINE_SECONDS = 600  # Kubernetes' default of progressDeadlineSeconds


class TheirBackend:
    """One Deployment with its Service. ``selector`` finds its pods, and no others of the namespace."""

    ours = True  # it is what is put to the proof
    images = ("", "")
    start_seconds_of_program = "0"

    def __init__(
        self, kube: Kube, namespace: str, name: str, selector: str, *, connections: tuple[Connections, ...], rate: int
    ) -> None:
        self.name, self.title, self.namespace, self.selector = name, f"{namespace}/{name}", namespace, selector
        self.deployment = self.service = name
        self.connections, self.rate, self._kube = connections, rate, kube
        self.wish = Wish("", replicas=self.full, autoscaled=False)
        self.usual = self.most = self.wish.replicas

    @property
    def full(self) -> int:
        """What the Deployment is set to at this moment; an autoscaler may change it."""
        wanted: int = self._kube.deployment(self.namespace, self.deployment).spec.replicas
        return wanted

    @property
    def budget(self) -> int:
        """What its disruption budgets allow at this moment; all pods where there is none."""
        allowed: list[int] = [one["status"].get("disruptionsAllowed", 0) for one in self.budgets()]
        return min([*allowed, self.full])

    def budgets(self) -> list[dict[str, Any]]:
        """The PodDisruptionBudgets that its pods are under. Raises DrillError where they may not be seen."""
        found = self._kube.client.look(f"/apis/policy/v1/namespaces/{self.namespace}/poddisruptionbudgets")
        if found is None:
            raise DrillError(f"the PodDisruptionBudgets of namespace {self.namespace} may not be seen")
        return [one for one in found.get("items") or [] if self._covers(one["spec"].get("selector"))]

    def _covers(self, selector: Mapping[str, Any] | None) -> bool:
        if selector is None:  # policy/v1: none selects nothing, an empty one everything
            return False
        both = ",".join(filter(None, (self.selector, as_text(selector))))
        return bool(self._kube.pods(self.namespace, both))

    def release(self) -> None:
        """Restarts it as `kubectl rollout restart` does. Raises DrillError when Kubernetes says that it does not come up."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = {"spec": {"template": {"metadata": {"annotations": {RESTARTED: now}}}}}
        client = self._kube.client
        try:
            client.ask(client.AppsV1Api.patch_namespaced_deployment, self.deployment, self.namespace, body)
        except InspectionError as error:
            raise DrillError(f"{self.title} cannot be restarted: {error}") from None
        found = self._kube.deployment(self.namespace, self.deployment)
        seconds = (found.spec.progress_deadline_seconds or _DEADLINE_SECONDS) * max(2, found.spec.replicas)
        deadline = time.monotonic() + seconds
        while not self._rolled_out():
            if time.monotonic() > deadline:
                raise DrillError(f"{self.title} was not rolled out within {seconds} s")
            time.sleep(1)

    def _rolled_out(self) -> bool:
        found = self._kube.deployment(self.namespace, self.deployment)
        status = found.status
        if (status.observed_generation or 0) < found.metadata.generation:
            return False
        for condition in status.conditions or []:
            if condition.type == "Progressing" and condition.reason == "ProgressDeadlineExceeded":
                raise DrillError(f"{self.title} does not come up after its restart: {condition.message}")
        return bool(
            (status.updated_replicas or 0)
            == (status.replicas or 0)
            == (status.available_replicas or 0)
            == found.spec.replicas
        )

    def change(self, **changes: Any) -> None:
        """Never: it is somebody else's."""
        raise DrillError(f"{self.title} is not deployed from here: {', '.join(changes)} cannot be changed")

    def promised(self, failure: str) -> Limits:
        """Nobody has promised a time. But one pod less is one pod less, and no more."""
        return Limits(least_ready=self.full - 1) if failure == "pod" else Limits()


def as_text(selector: Mapping[str, Any]) -> str:
    """A label selector as the API takes it in a request; empty where it selects everything."""
    words = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for one in selector.get("matchExpressions") or []:
        key, values = one["key"], ",".join(one.get("values") or [])
        words.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
                "DoesNotExist": f"!{key}",
            }[one["operator"]]
        )
    return ",".join(words)
