"""Probes: when a pod receives requests, and when it is restarted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policy.known import get, number, text, whole
from policy.resource import REPLICATED, SERVING, Container, all_containers, containers
from policy.rule import ADVISORY, MANDATORY, Rule, Subject, clear

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_ACTIONS = ("httpGet", "tcpSocket", "grpc", "exec")


def receives_requests(subject: Subject) -> bool:
    """Return whether pods receive requests: a Service selects them, or they have a port that is not for metrics."""
    workload = subject.resource
    if any(workload in subject.stack.served(service).resources for service in subject.stack.of("Service")):
        return True
    ports = [port for container in all_containers(workload) for port in container.entries("ports")]
    return any(not re.search("metrics|prom", text(port, "name")) for port in ports)


def _readiness(subject: Subject) -> Iterator[str]:
    if receives_requests(subject) and not any(
        container.get("readinessProbe") for container in all_containers(subject.resource)
    ):
        yield (
            "no container has a readinessProbe: in every rollout, pods receive requests before they can answer; probe "
            "a path that reports readiness"
        )


def _same(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource):
        yield from clear(_same_in(container))


def _same_in(container: Container) -> Iterator[str]:
    ready, alive = container.get("readinessProbe"), container.get("livenessProbe")
    if not ready or not alive or _action(ready) != _action(alive):
        return
    if _patience(alive) <= _patience(ready):
        yield (
            f"{container.path}: livenessProbe checks what readinessProbe checks, and fails no later "
            f"({_patience(alive)} s, readiness {_patience(ready)} s): under load, pods restart instead of receiving "
            f"less; probe another path, "
            "or raise its failureThreshold"
        )


def _action(probe: Any) -> Any:
    return {way: whole(get(probe, way)) for way in _ACTIONS}


def _patience(probe: Any) -> int:
    return number(probe, "periodSeconds", default=10) * number(probe, "failureThreshold", default=3)


def _slow_start(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource):
        yield from clear(_slow_start_of(container))


def _slow_start_of(container: Container) -> Iterator[str]:
    if container.get("livenessProbe") and not container.get("startupProbe"):
        patience = number(container.get("livenessProbe"), "initialDelaySeconds", default=0) + _patience(
            container.get("livenessProbe")
        )
        yield (
            f"{container.path} has a livenessProbe and no startupProbe: a start that takes longer than {patience} s is "
            "killed, again and again; add a startupProbe that waits for the slowest start"
        )


def _port(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource):
        for probe in _PROBES:
            yield from clear(_port_of(container, probe))


def _port_of(container: Container, probe: str) -> Iterator[str]:
    for way in ("httpGet", "tcpSocket"):
        port = container.get(probe, way, "port")
        if isinstance(port, str) and not port.isdigit():
            names = sorted(name for one in container.entries("ports") if (name := text(one, "name")))
            if port not in names:
                yield (
                    f"{container.path}.{probe}: port is {port!r}, and the container has no port of that name (it has: "
                    f"{', '.join(names) or 'none'}): the probe always fails; name that port, or use its number"
                )


RULES = (
    Rule(
        "probe-readiness",
        MANDATORY,
        "Pods that receive requests have a readiness probe.",
        REPLICATED,
        _readiness,
        across=True,
    ),
    Rule(
        "probe-liveness-apart",
        MANDATORY,
        "The liveness probe does not repeat the readiness probe with the same thresholds.",
        SERVING,
        _same,
    ),
    Rule(
        "probe-startup",
        ADVISORY,
        "A startup probe protects a slow start from the liveness probe.",
        SERVING,
        _slow_start,
    ),
    Rule("probe-port", MANDATORY, "A probe names a port of its own container.", SERVING, _port),
)
