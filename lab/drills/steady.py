"""The steady state before a drill: every backend has all its pods, evenly spread, and answers every request."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence

from components.settings.well_known import ZONE_LABEL
from lab.drills.backend import Backend
from lab.drills.drill import DrillContext
from lab.drills.kube import DrillError
from lab.drills.pods import Pod

STEADY_TIMEOUT, PER_POD = 180.0, 0.2  # seconds until a backend is steady, plus seconds for each of its pods
_IN_A_ROW, _EVERY_SECONDS, _TIMEOUT_SECONDS = (
    20,
    0.1,
    3.0,
)  # consecutive requests, on new connections, that must succeed


def steady(context: DrillContext) -> None:
    """Wait until every backend has all its pods, and nothing is left of the last drill.

    On an owned target, the verified backends are spread over all zones again, by their own constraints: Kubernetes
    never moves a running pod.
    """
    for target, backends in context.target.parts(context.backends):
        _steady(DrillContext(backends, target, context.log))
    context.target.reset_connections()


def _steady(context: DrillContext) -> None:
    kube = context.target.kube

    def is_settled(backend: Backend) -> bool:
        deployment = kube.deployment(backend.namespace, backend.deployment)
        rolled_out = (
            deployment.status.observed_generation == deployment.metadata.generation
            and deployment.status.replicas == backend.full
            and deployment.status.updated_replicas == backend.full
            and deployment.status.available_replicas == backend.full
        )
        return rolled_out and len(context.ready_pods(backend)) == backend.full

    def settle(backend: Backend) -> None:
        timeout = STEADY_TIMEOUT + PER_POD * backend.full
        kube.wait_until(lambda: is_settled(backend), timeout, f"{backend.name} to be steady")

    def spread(backend: Backend) -> None:
        settle(backend)
        # Not the baselines: none of their constraints would place a new pod elsewhere.
        for _ in range(backend.full if backend.under_test and context.target.owned else 0):
            if not (crowded := _crowded(context, backend)):
                return
            for pod in crowded[: max(1, backend.full // 10)]:
                kube.delete_pod(pod)
            time.sleep(2)
            settle(backend)

    context.each(spread)


def _crowded(context: DrillContext, backend: Backend) -> list[Pod]:
    """Return the pods to delete so that no zone has two more than another; an earlier drill has left them there."""
    zones = {
        node.metadata.name: (node.metadata.labels or {}).get(ZONE_LABEL, "") for node in context.target.kube.nodes()
    }
    by_zone: dict[str, list[Pod]] = {zone: [] for zone in zones.values()}
    for pod in context.ready_pods(backend):
        by_zone[zones[pod.node]].append(pod)
    return crowded(by_zone)


def crowded(by_zone: Mapping[str, Sequence[Pod]]) -> list[Pod]:
    """Return the newest pods of the fullest zones that must move for no zone to have two more than another."""
    left = {zone: list(pods) for zone, pods in by_zone.items()}
    counts = {zone: len(pods) for zone, pods in left.items()}
    moved = []
    while counts:
        most, least = max(counts, key=lambda zone: counts[zone]), min(counts, key=lambda zone: counts[zone])
        if counts[most] <= counts[least] + 1:
            break
        counts[most] -= 1
        counts[least] += 1
        moved.append(left[most].pop())
    return moved


def answered(context: DrillContext, urls: Mapping[str, str]) -> None:
    """Wait until every URL answers for some seconds: a node that has just returned may still have old rules.

    Raises DrillError with the backend and its last error.
    """

    def check(backend: Backend) -> None:
        if backend.name not in urls:
            return
        successes, error, deadline = 0, "", time.monotonic() + STEADY_TIMEOUT
        while successes < _IN_A_ROW:
            error = _request(urls[backend.name])
            successes = 0 if error else successes + 1
            if time.monotonic() > deadline:
                raise DrillError(f"{backend.name} does not answer reliably: {error or 'only at times'}")
            time.sleep(_EVERY_SECONDS)

    context.each(check)


def _request(url: str) -> str:
    """Send one request, and return its error; "" if it succeeded."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=_TIMEOUT_SECONDS):
            return ""
    except urllib.error.HTTPError as error:
        return "" if error.code < 400 else f"status {error.code}"
    except OSError as error:
        return str(error)
