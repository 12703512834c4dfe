"""A backend that is deployed elsewhere, by namespace and name. The drills never change it, except for a restart."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from components.inspection.client import InspectionError
from lab.drills.backend import DesiredState
from lab.drills.kube import DrillError, Kube
from lab.drills.model import Connections
from lab.drills.verdict import Limits

RESTARTED = "kubectl.kubernetes.io/restartedAt"  # what `kubectl rollout restart` writes
_DEADLINE_SECONDS = 600  # Kubernetes' default for progressDeadlineSeconds


class UserBackend:
    """A Deployment with its Service. ``selector`` matches its pods, and no others of the namespace."""

    under_test = True
    images = ("", "")
    program_start_seconds = "0"

    def __init__(
        self, kube: Kube, namespace: str, name: str, selector: str, *, connections: tuple[Connections, ...], rate: int
    ) -> None:
        self.name, self.title, self.namespace, self.selector = name, f"{namespace}/{name}", namespace, selector
        self.deployment = self.service = name
        self.connections, self.rate, self._kube = connections, rate, kube
        self.desired = DesiredState("", replicas=self.full, autoscaled=False)
        self.default_replicas = self.max_replicas = self.desired.replicas

    @property
    def full(self) -> int:
        """Return the Deployment's current replicas; an autoscaler may change them."""
        replicas: int = self._kube.deployment(self.namespace, self.deployment).spec.replicas
        return replicas

    @property
    def max_unavailable(self) -> int:
        """Return the evictions that its disruption budgets allow now; all pods without any."""
        allowed: list[int] = [one["status"].get("disruptionsAllowed", 0) for one in self.budgets()]
        return min([*allowed, self.full])

    def budgets(self) -> list[dict[str, Any]]:
        """Return the PodDisruptionBudgets that cover its pods. Raises DrillError without permission."""
        response = self._kube.client.get_if_permitted(
            f"/apis/policy/v1/namespaces/{self.namespace}/poddisruptionbudgets"
        )
        if response is None:
            raise DrillError(f"no permission to list the PodDisruptionBudgets of namespace {self.namespace}")
        return [one for one in response.get("items") or [] if self._covers(one["spec"].get("selector"))]

    def _covers(self, selector: Mapping[str, Any] | None) -> bool:
        if selector is None:  # policy/v1: null selects nothing, an empty selector everything
            return False
        both = ",".join(filter(None, (self.selector, as_text(selector))))
        return bool(self._kube.pods(self.namespace, both))

    def release(self) -> None:
        """Restart it as `kubectl rollout restart` does. Raises DrillError if the rollout fails."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = {"spec": {"template": {"metadata": {"annotations": {RESTARTED: now}}}}}
        client = self._kube.client
        try:
            client.call(client.AppsV1Api.patch_namespaced_deployment, self.deployment, self.namespace, body)
        except InspectionError as error:
            raise DrillError(f"{self.title} cannot be restarted: {error}") from None
        deployment = self._kube.deployment(self.namespace, self.deployment)
        seconds = (deployment.spec.progress_deadline_seconds or _DEADLINE_SECONDS) * max(2, deployment.spec.replicas)
        deadline = time.monotonic() + seconds
        while not self._rolled_out():
            if time.monotonic() > deadline:
                raise DrillError(f"{self.title} was not rolled out within {seconds} s")
            time.sleep(1)

    def _rolled_out(self) -> bool:
        deployment = self._kube.deployment(self.namespace, self.deployment)
        status = deployment.status
        if (status.observed_generation or 0) < deployment.metadata.generation:
            return False
        for condition in status.conditions or []:
            if condition.type == "Progressing" and condition.reason == "ProgressDeadlineExceeded":
                raise DrillError(f"{self.title} does not become available after its restart: {condition.message}")
        return bool(
            (status.updated_replicas or 0)
            == (status.replicas or 0)
            == (status.available_replicas or 0)
            == deployment.spec.replicas
        )

    def change(self, **changes: Any) -> None:
        """Raise DrillError: a backend that is deployed elsewhere is never changed."""
        raise DrillError(f"{self.title} is deployed elsewhere: {', '.join(changes)} cannot be changed")

    def promised(self, failure: str) -> Limits:
        """Return the limits: no time is promised, and one killed pod is one pod less, no more."""
        return Limits(least_ready=self.full - 1) if failure == "pod" else Limits()


def as_text(selector: Mapping[str, Any]) -> str:
    """Return a label selector as the API takes it in a request; "" if it selects everything."""
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
