"""The probes of the backend's container: those of `health`, or the ones that `podTemplate` states in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .pod_template import reader

if TYPE_CHECKING:
    from .backend import BackendSettings

ACTIONS = ("exec", "grpc", "httpGet", "tcpSocket")
# How the kubelet probes by default. A pod that does not respond is removed from the endpoints after READINESS_FAILURES
# in a row, and restarted after LIVENESS_FAILURES: slower by design, because a restart costs more.
PERIOD, TIMEOUT = 5, 2
READINESS_FAILURES, LIVENESS_FAILURES = 2, 6
# Kubernetes' own defaults, which hold for a probe in `podTemplate`.
_DEFAULTS = {
    "initialDelaySeconds": 0,
    "periodSeconds": 10,
    "timeoutSeconds": 1,
    "failureThreshold": 3,
    "successThreshold": 1,
}


@dataclass(frozen=True)
class Probe:
    """A probe as in a manifest, and the setting that it comes from."""

    key: str
    spec: Mapping[str, Any]

    def seconds(self, field: str) -> int:
        """Return a number of the probe, in seconds or times, such as ``periodSeconds``."""
        value = self.spec.get(field)
        return int(_DEFAULTS[field] if value is None else value)

    @property
    def failure_seconds(self) -> int:
        """Seconds until the probe has failed, for a pod that hangs right after a success."""
        return self.seconds("failureThreshold") * self.seconds("periodSeconds") + self.seconds("timeoutSeconds")

    @property
    def failures(self) -> str:
        """How often it must fail, as a word of a sentence."""
        number = self.seconds("failureThreshold")
        words = {1: "once", 2: "twice", 6: "six times"}
        return words.get(number, f"{number} times")

    @property
    def only_connects(self) -> bool:
        """Whether it succeeds as soon as the port accepts a connection, whatever the program then does."""
        return "tcpSocket" in self.spec

    @property
    def http_path(self) -> str | None:
        """The path of an HTTP probe."""
        return (self.spec.get("httpGet") or {}).get("path", "/") if "httpGet" in self.spec else None


def startup(backend: BackendSettings) -> Probe | None:
    """Return the startup probe; None if the settings remove it."""
    # Every second: the pod becomes ready as soon as the program does.
    seconds, action = backend.health.startup_seconds, _action(backend, backend.health.startup_path)
    return _probe(backend, "startupProbe", _default("health.startupSeconds", action, 1, 1, seconds))


def readiness(backend: BackendSettings) -> Probe:
    """Return the readiness probe, which every backend has."""
    action = _action(backend, backend.health.readiness_path)
    probe = _probe(backend, "readinessProbe", _default("fixed", action, PERIOD, TIMEOUT, READINESS_FAILURES))
    return probe or Probe("podTemplate", {})  # a rule of its own reports it


def liveness(backend: BackendSettings) -> Probe | None:
    """Return the liveness probe; None if the settings remove it, and for a protocol without a default."""
    action = _action(backend, backend.health.liveness_path)
    if backend.protocol == "grpc":
        # The gRPC health service reports readiness. What a restart mends is a program that accepts no connections.
        action = {"tcpSocket": {"port": backend.port}}
    return _probe(backend, "livenessProbe", _default("fixed", action, PERIOD, TIMEOUT, LIVENESS_FAILURES))


def start_seconds(backend: BackendSettings) -> tuple[int, str]:
    """Return how long the container may take until it is ready, and the setting that says so."""
    first, ready, alive = startup(backend), readiness(backend), liveness(backend)
    if first and first.key == "health.startupSeconds":
        return backend.health.startup_seconds, first.key
    if first:
        seconds, key = first.seconds("initialDelaySeconds") + first.failure_seconds, first.key
    else:
        seconds, key = backend.health.startup_seconds, "health.startupSeconds"
        # Nothing but the liveness probe ends a start that takes longer.
        if alive and seconds > alive.seconds("initialDelaySeconds") + alive.failure_seconds:
            seconds, key = alive.seconds("initialDelaySeconds") + alive.failure_seconds, alive.key
    answers = ready.seconds("periodSeconds") * ready.seconds("successThreshold")
    return max(seconds, ready.seconds("initialDelaySeconds")) + (0 if first else answers), key


def _probe(backend: BackendSettings, kind: str, default: Probe | None) -> Probe | None:
    place, own = reader.own_container(backend.pod_template)
    if kind not in own:
        return default
    return None if own[kind] is None else Probe(f"{place}.{kind}", own[kind])


def _default(key: str, action: Mapping[str, Any], period: int, timeout: int, failures: int) -> Probe | None:
    timing = {"periodSeconds": period, "timeoutSeconds": timeout, "failureThreshold": failures}
    return Probe(key, {**action, **timing}) if action else None


def _action(backend: BackendSettings, path: str) -> Mapping[str, Any]:
    """Return what the kubelet does by default. It speaks HTTP/1.1 and the gRPC health protocol, and no UDP."""
    port = backend.port
    actions: dict[str, Mapping[str, Any]] = {
        "http": {"httpGet": {"path": path, "port": port}},
        "https": {"httpGet": {"path": path, "port": port, "scheme": "HTTPS"}},
        "grpc": {"grpc": {"port": port}},
        "udp": {},
    }
    return actions.get(backend.protocol, {"tcpSocket": {"port": port}})
