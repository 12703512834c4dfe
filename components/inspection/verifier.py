"""Wait until the running backend meets its promise, or report why it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ..availability import timing
from ..availability.scheduling import can_schedule
from ..errors import tagged
from ..errors.verification import NOT_HIGHLY_AVAILABLE, RELEASE_FAILED
from ..settings import BackendSettings
from . import findings
from .client import Client, InspectionError, shared_client
from .findings import ingress, pods
from .observation import Observation, observe

# Endpoints, budgets and the autoscaler follow within seconds. A pod that is being replaced needs its whole start as
# well.
SETTLE_SECONDS = 60
_PAUSE_SECONDS = 2.0


class NotHighlyAvailableError(Exception):
    """The backend runs but does not meet its promise. The text lists every finding."""


def verify(
    kubeconfig: str,
    context: str | None,
    backend: BackendSettings,
    log: Callable[[str], None],
    seconds: float | None = None,
) -> None:
    """Return once the promise holds.

    Raises NotHighlyAvailableError with every finding after ``seconds``; by default a minute plus the time that a pod
    may take to start.
    """
    for pause in verification_steps(kubeconfig, context, backend, log, seconds):
        time.sleep(pause)


def verification_steps(
    kubeconfig: str,
    context: str | None,
    backend: BackendSettings,
    log: Callable[[str], None],
    seconds: float | None = None,
) -> Iterator[float]:
    """Verify the promise step by step, for callers that do other work meanwhile.

    Yields the seconds to wait before the next step. Raises NotHighlyAvailableError as `verify` does.
    """
    seconds = SETTLE_SECONDS + timing.pod_start(backend) if seconds is None else seconds
    deadline = time.monotonic() + seconds
    announced = False
    try:
        client = shared_client(kubeconfig, context)
    except InspectionError as error:
        raise NotHighlyAvailableError(f"Cannot verify that {backend.name} is highly available: {error}") from None
    while reasons := _findings(client, backend, log):
        if time.monotonic() > deadline:
            raise NotHighlyAvailableError(
                "\n".join(
                    [
                        f"The backend {backend.name} in namespace {backend.namespace_name} is not highly available:",
                        *(f"  {reason}" for reason in reasons),
                        tagged("Fix every finding, then run `pulumi up` again.", NOT_HIGHLY_AVAILABLE),
                    ]
                )
            )
        if not announced:
            log(f"waiting up to {seconds:.0f} s for the backend to become highly available: {reasons[0]}")
            announced = True
        yield _PAUSE_SECONDS


def diagnose_release(kubeconfig: str, context: str | None, backend: BackendSettings) -> str:
    """Return in one line why a release does not become ready, and what serves meanwhile."""
    try:
        observation = observe(shared_client(kubeconfig, context), backend.name, backend.namespace_name)
    except InspectionError as error:
        return tagged(
            f"The release of {backend.name} failed, and its pods cannot be read: {error.text}", RELEASE_FAILED
        )
    serving = len(observation.endpoints)
    state = f"{serving} pod{'s keep' if serving > 1 else ' keeps'} serving" if serving else "no pod is serving"
    problems = pods.problems(observation.pods)
    return tagged(
        "; ".join([f"The release of {backend.name} did not become ready, {state}", *problems]), RELEASE_FAILED
    )


def _findings(client: Client, backend: BackendSettings, log: Callable[[str], None]) -> list[str]:
    try:
        observation = observe(
            client,
            backend.name,
            backend.namespace_name,
            lambda node: can_schedule(backend, node),
            expected_ingress=ingress.expected(backend),
            autoscaler=backend.autoscaler_name,
        )
    except InspectionError as error:
        return [str(error)]
    reasons = findings.collect(backend, observation)
    if not reasons:
        log(f"highly available: {_summary(observation)}")
    return reasons


def _summary(observation: Observation) -> str:
    zones = {endpoint.zone for endpoint in observation.endpoints if endpoint.zone}
    nodes = {endpoint.node_name for endpoint in observation.endpoints}
    where = f"in {len(zones)} zones, on {len(nodes)} nodes" if zones else f"on {len(nodes)} nodes"
    allowed = observation.budget.status.disruptions_allowed
    return (
        f"{len(observation.endpoints)} ready endpoints {where}; the disruption budget allows {allowed} "
        f"disruption{'s' if allowed != 1 else ''}"
        f"{'; the autoscaler reads its metrics' if observation.autoscaler else ''}"
    )
