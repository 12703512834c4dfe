"""Health checks: when a pod gets requests, and when it is started again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policy.known import get, number, text, whole
from policy.resource import REPLICATED, SERVING, Container, all_containers, containers
from policy.rule import ADVISORY, MANDATORY, Rule, Subject, clear

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_ASKS = ("httpGet", "tcpSocket", "grpc", "exec")


def is_asked(subject: Subject) -> bool:
    """Whether pods are sent requests: a Service of the stack finds them, or they name a port that is not for metrics."""
    workload = subject.resource
    if any(workload in subject.stack.served(service).resources for service in subject.stack.of("Service")):
        return True
    ports = [port for container in all_containers(workload) for port in container.entries("ports")]
    return any(not re.search("metrics|prom", text(port, "name")) for port in ports)


def _readiness(subject: Subject) -> Iterator[str]:
    if is_asked(subject) and not any(container.get("readinessProbe") for container in all_containers(subject.resource)):
        yield (
            "no container has a readinessProbe: a pod gets requests before it can answer, in every release; ask the path "
            "that says that it can"
        )


def _same(subject: Subject) -> Iterator[str]:
    for container in containers(subject.resource):
        yield from clear(_same_in(container))


def _same_in(container: Container) -> Iterator[str]:
    ready, alive = container.get("readinessProbe"), container.get("livenessProbe")
    if not ready or not alive or _question(ready) != _question(alive):
        return
    if _patience(alive) <= _patience(ready):
        yield (
            f"{container.path}: livenessProbe asks what readinessProbe asks, and is no more patient ({_patience(alive)} s, "
            f"readiness {_patience(ready)} s): under load pods are started again instead of being spared; ask another path, "
            "or raise its failureThreshold"
        )


def _question(probe: Any) -> Any:
    return {way: whole(get(probe, way)) for way in _ASKS}


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
            f"{container.path}: there is a livenessProbe and no startupProbe: a start that takes longer than {patience} s "
            "is ended, again and again; add a startupProbe that waits for the slowest start"
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
                    f"{container.path}.{probe}: port is {port!r}, and the container has no port of that name (there are: "
                    f"{', '.join(names) or 'none'}): the probe always fails; name that port, or give its number"
                )


RULES = (
    Rule(
        "probe-readiness",
        MANDATORY,
        "Pods that are sent requests say when they are ready.",
        REPLICATED,
        _readiness,
        across=True,
    ),
    Rule("probe-liveness-apart", MANDATORY, "Liveness is not readiness with the same patience.", SERVING, _same),
    Rule("probe-startup", ADVISORY, "A slow start is not judged by liveness.", SERVING, _slow_start),
    Rule("probe-port", MANDATORY, "The named port of a probe is one of its container's.", SERVING, _port),
)
