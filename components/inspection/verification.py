"""Waits until the promise is true of the running backend, or says why it is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ..availability import timing
from ..availability.scheduling import accepts
from ..settings import BackendSettings
from . import ingress
from .checks import findings, troubles
from .client import Client, InspectionError, shared
from .observation import Observation, observe

# Endpoints, budgets and the autoscaler follow within seconds. A pod that is just being replaced has its whole start besides.
SETTLE_SECONDS = 60
_PAUSE = 2.0


class NotHighlyAvailable(Exception):  # noqa: N818 (what it says is the news)
    """The backend runs, and is not highly available; every reason is in the text."""


def prove(
    kubeconfig: str,
    context: str | None,
    backend: BackendSettings,
    log: Callable[[str], None],
    seconds: float | None = None,
) -> None:
    """Returns once everything is true. Raises NotHighlyAvailable, naming each thing that is not after ``seconds``.

    Left out, these are a minute and the time that a pod may take to start.
    """
    for pause in proving(kubeconfig, context, backend, log, seconds):
        time.sleep(pause)


def proving(
    kubeconfig: str,
    context: str | None,
    backend: BackendSettings,
    log: Callable[[str], None],
    seconds: float | None = None,
) -> Iterator[float]:
    """The same for who has other things to do meanwhile: yields the seconds to wait before it asks again."""
    seconds = SETTLE_SECONDS + timing.start(backend) if seconds is None else seconds
    deadline = time.monotonic() + seconds
    told = False
    try:
        client = shared(kubeconfig, context)
    except InspectionError as error:
        raise NotHighlyAvailable(f"Nobody can tell whether {backend.name} is highly available: {error}") from None
    while reasons := _reasons(client, backend, log):
        if time.monotonic() > deadline:
            raise NotHighlyAvailable(
                "\n".join(
                    [
                        f"The backend {backend.name} in namespace {backend.namespace_name} is not highly available:",
                        *(f"  {reason}" for reason in reasons),
                    ]
                )
            )
        if not told:
            log(f"waiting up to {seconds:.0f} s until it is highly available: {reasons[0]}")
            told = True
        yield _PAUSE


def diagnosis(kubeconfig: str, context: str | None, backend: BackendSettings) -> str:
    """Why a release does not come up, and what serves meanwhile, in one line."""
    try:
        seen = observe(shared(kubeconfig, context), backend.name, backend.namespace_name)
    except InspectionError as error:
        return f"What is wrong with the release cannot be told: {error}"
    serving = f"{len(seen.endpoints)} pods serve on" if seen.endpoints else "no pod serves"
    return "; ".join([f"The release of {backend.name} did not come up, {serving}", *troubles(seen.pods)])


def _reasons(client: Client, backend: BackendSettings, log: Callable[[str], None]) -> list[str]:
    try:
        seen = observe(
            client, backend.name, backend.namespace_name, lambda node: accepts(backend, node), ingress.asked(backend)
        )
    except InspectionError as error:
        return [str(error)]
    reasons = findings(backend, seen)
    if not reasons:
        log(f"highly available: {_summary(seen)}")
    return reasons


def _summary(seen: Observation) -> str:
    zones = {endpoint.zone for endpoint in seen.endpoints if endpoint.zone}
    hosts = {endpoint.node_name for endpoint in seen.endpoints}
    where = f"{len(zones)} zones, {len(hosts)} nodes" if zones else f"{len(hosts)} nodes"
    return (
        f"{len(seen.endpoints)} ready endpoints in {where}; the budget allows {seen.budget.status.disruptions_allowed} "
        f"disruption{'s' if seen.budget.status.disruptions_allowed != 1 else ''}"
        f"{'; the autoscaler reads its metrics' if seen.autoscaler else ''}"
    )
