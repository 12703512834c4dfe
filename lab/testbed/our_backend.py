"""This project's component as a backend of drills: a stack that the engine deploys, and its promise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.availability import ClusterFacts, promise, timing
from components.availability.promise import Survival
from lab.drills.backend import DesiredState
from lab.drills.kube import DrillError
from lab.drills.model import Connections
from lab.drills.verdict import Limits
from lab.testbed.our_stack import BackgroundDeploy, DeployError, OurStack


class OurBackend:
    """A stack of this project. ``connections``: the kinds on which no planned change may lose a request."""

    def __init__(
        self,
        stack: OurStack,
        title: str,
        images: tuple[str, str],
        *,
        facts: ClusterFacts,
        connections: tuple[Connections, ...],
        rate: int,
        environment: Mapping[str, str],
        under_test: bool = True,
    ) -> None:
        self.under_test = under_test
        settings = stack.backend
        self.name, self.title, self.images, self.connections, self.rate = stack.name, title, images, connections, rate
        self.namespace, self.deployment, self.service = (
            stack.backend.namespace_name,
            stack.backend.name,
            stack.backend.name,
        )
        self.selector = ""
        self.desired = DesiredState(
            images[0], dict(environment), replicas=settings.replicas, autoscaled=settings.autoscaling.enabled
        )
        # An autoscaler needs capacity above the minimum.
        self.default_replicas = settings.replicas
        self.max_replicas = settings.max_replicas - settings.autoscaling.enabled
        self.program_start_seconds = environment.get("START_SECONDS", "0")
        self._stack, self._facts = stack, facts

    @property
    def full(self) -> int:
        """Return the minimum of replicas."""
        return self.desired.replicas

    @property
    def max_unavailable(self) -> int:
        """Return how many pods a drain may evict at a time."""
        return self._stack.backend.evictable(self.full)

    def release(self) -> None:
        """Deploy the other image."""
        self.change(image=next(image for image in self.images if image != self.desired.image))

    def change(self, **changes: Any) -> None:
        """Run `up`. Raises DrillError if it fails."""
        try:
            self._stack.deploy(self._changed_settings(changes))
        except DeployError as error:
            raise DrillError(f"{self.name}: {error}") from None

    def start_change(self, **changes: Any) -> BackgroundDeploy:
        """Start `up` without waiting for it."""
        return self._stack.start_deploy(self._changed_settings(changes))

    def stop(self) -> None:
        """Kill a deployment in progress."""
        self._stack.stop()

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings of its stack file."""
        return self._stack.settings

    def promised(self, failure: str) -> Limits:
        """Return the limits of one row of the promise that `up` prints."""
        row: Survival = next(
            one for one in promise(self._stack.backend, self._facts).survivals if one.failure == failure
        )
        if not row.survived:
            return Limits()
        return Limits(
            error_window_seconds=row.error_window_seconds,
            full_seconds=row.recovery_seconds,
            full_after_restore=row.bound_to_domain,
            # Whole percent, rounded down: 66 % of 3 pods are 2.
            least_ready=math.ceil(self.full * row.capacity_left_percent / 100),
        )

    @property
    def start_seconds(self) -> int:
        """Return the seconds that a new pod may take until it counts."""
        return timing.pod_start(self._stack.backend)

    def _changed_settings(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        self.desired = replace(self.desired, **changes)
        return {
            "image": self.desired.image,
            "environment": dict(self.desired.environment),
            "replicas": self.desired.replicas,
            "generatedSecrets": {"names": ["SESSION_KEY"], "rotation": self.desired.rotation},
            "autoscaling": {"enabled": self.desired.autoscaled},
        }
