"""Our own component as it takes part in a drill: a stack deployed by the engine, and what it promises."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from components.availability import ClusterFacts, promise, timing
from components.availability.promise import Survival
from lab.drills.backend import Wish
from lab.drills.kube import DrillError
from lab.drills.model import Connections
from lab.drills.verdict import Limits
from lab.testbed.our_stack import DeployFailed, Launched, Ours


class OurBackend:
    """One stack of ours. ``connections``: on which kinds of it no planned change may lose a request."""

    def __init__(
        self,
        stack: Ours,
        title: str,
        images: tuple[str, str],
        *,
        facts: ClusterFacts,
        connections: tuple[Connections, ...],
        rate: int,
        environment: Mapping[str, str],
        ours: bool = True,
    ) -> None:
        self.ours = ours
        settings = stack.backend
        self.name, self.title, self.images, self.connections, self.rate = stack.name, title, images, connections, rate
        self.namespace, self.deployment, self.service = (
            stack.backend.namespace_name,
            stack.backend.name,
            stack.backend.name,
        )
        self.selector = ""
        self.wish = Wish(
            images[0], dict(environment), replicas=settings.replicas, autoscaled=settings.autoscaling.enabled
        )
        # Where there is an autoscaler, it must have room above what always runs.
        self.usual, self.most = settings.replicas, settings.max_replicas - settings.autoscaling.enabled
        self.start_seconds_of_program = environment.get("START_SECONDS", "0")
        self._stack, self._facts = stack, facts

    @property
    def full(self) -> int:
        """The least number of pods that always run."""
        return self.wish.replicas

    @property
    def budget(self) -> int:
        """Pods that a drain may take at a time."""
        allowed: int = self._stack.backend.disruption_budget.max_unavailable
        return allowed

    def release(self) -> None:
        """The other of its images."""
        self.change(image=next(image for image in self.images if image != self.wish.image))

    def change(self, **changes: Any) -> None:
        """One `up`. Raises DrillError where it fails."""
        try:
            self._stack.deploy(self._wanted(changes))
        except DeployFailed as error:
            raise DrillError(f"{self.name}: {error}") from None

    def begin_change(self, **changes: Any) -> Launched:
        """The same, not waited for."""
        return self._stack.start_deploy(self._wanted(changes))

    def stop(self) -> None:
        """Kills a deployment that is under way."""
        self._stack.stop()

    @property
    def settings(self) -> dict[str, Any]:
        """What its stack file says."""
        return self._stack.settings

    def promised(self, failure: str) -> Limits:
        """The row of the promise that `up` prints."""
        found: Survival = next(
            one for one in promise(self._stack.backend, self._facts).survivals if one.failure == failure
        )
        if not found.survived:
            return Limits()
        return Limits(
            failing_seconds=found.failing_seconds,
            full_seconds=found.recovery_seconds,
            full_with_it=found.with_it,
            # Whole percent, rounded down: 66 of 3 pods are 2.
            least_ready=math.ceil(self.full * found.capacity_left_percent / 100),
        )

    @property
    def start_seconds(self) -> int:
        """What a new pod may take until it counts."""
        return timing.start(self._stack.backend)

    def _wanted(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        self.wish = replace(self.wish, **changes)
        return {
            "image": self.wish.image,
            "environment": dict(self.wish.environment),
            "replicas": self.wish.replicas,
            "generatedSecrets": {"names": ["SESSION_KEY"], "rotation": self.wish.rotation},
            "autoscaling": {"enabled": self.wish.autoscaled},
        }
