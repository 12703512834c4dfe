"""Rules about probes: the kubelet can run them, and together they do what the promise states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import contradictions, overrides
from ...errors import settings as errors
from .. import probes
from ..backend import BackendSettings
from ..conflict import Conflict
from ..pod import Health
from ..pod_template import reader
from ..well_known import HTTP_SCHEMES

_KINDS = {"startupProbe": "startup_path", "readinessProbe": "readiness_path", "livenessProbe": "liveness_path"}
_LEAST = {"initialDelaySeconds": 0, "periodSeconds": 1, "timeoutSeconds": 1, "failureThreshold": 1}


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield the probes of `podTemplate` that cannot work, and probes that work against each other."""
    place, own = reader.own_container(backend.pod_template)
    for kind, setting in _KINDS.items():
        spec = own.get(kind)
        if isinstance(spec, Mapping):
            yield from _runnable(backend, f"{place}.{kind}", kind, spec)
        if kind in own and (also := _stated_twice(backend, kind, setting)):
            yield Conflict(
                f"health.{Health.model_fields[also].alias}",
                getattr(backend.health, also),
                f"has no effect, because {place}.{kind} takes its place: omit one of the two",
                ("podTemplate",),
                kind=errors.NO_EFFECT,
            )
    if "readinessProbe" in own and own["readinessProbe"] is None:
        yield Conflict(
            f"{place}.readinessProbe",
            None,
            "removes the probe, so a rollout would send requests to pods that cannot answer yet: state a probe, for "
            "example {tcpSocket: {port: http}}",
            kind=overrides.READINESS_PROBE_MISSING,
        )
    elif backend.protocol == "udp" and "readinessProbe" not in own:
        yield Conflict(
            "protocol",
            "udp",
            "has no default probe, because the kubelet sends no UDP: set podTemplate.spec.containers[0].readinessProbe "
            "of the container `backend`, for example to an exec probe, or to httpGet on another port",
            ("podTemplate",),
            kind=overrides.READINESS_PROBE_MISSING,
        )
    else:
        yield from _same(backend)


def _stated_twice(backend: BackendSettings, kind: str, setting: str) -> str | None:
    """Return the field of `health` that a probe of `podTemplate` leaves without effect."""
    stated = backend.health.model_fields_set
    if setting in stated:
        return setting
    # Without a startup probe, the number still says how long a start may take.
    _, own = reader.own_container(backend.pod_template)
    if kind == "startupProbe" and own.get(kind) is not None and "startup_seconds" in stated:
        return "startup_seconds"
    return None


def _runnable(backend: BackendSettings, key: str, kind: str, spec: Mapping[str, Any]) -> Iterator[Conflict]:
    """Yield what the API server rejects, and a port that the container does not have."""
    actions = [action for action in probes.ACTIONS if spec.get(action) is not None]
    if len(actions) != 1:
        yield Conflict(
            key,
            actions,
            f"needs exactly one of {', '.join(probes.ACTIONS)}: {'add one' if not actions else 'omit the others'}",
            kind=overrides.INVALID_PROBE,
        )
    for field, least in _LEAST.items():
        if isinstance(spec.get(field), int) and spec[field] < least:
            yield Conflict(
                f"{key}.{field}", spec[field], f"must be at least {least}: raise it", kind=errors.OUT_OF_RANGE
            )
    if kind != "readinessProbe" and spec.get("successThreshold") not in (None, 1):
        yield Conflict(
            f"{key}.successThreshold", spec["successThreshold"], "must be 1: omit it", kind=errors.OUT_OF_RANGE
        )
    if kind == "readinessProbe" and "terminationGracePeriodSeconds" in spec:
        yield Conflict(
            f"{key}.terminationGracePeriodSeconds",
            spec["terminationGracePeriodSeconds"],
            "is for probes that restart the container: omit it",
            kind=errors.NO_EFFECT,
        )
    for action in actions:
        port, where = (spec[action] or {}).get("port"), f"{key}.{action}.port"
        names = backend.port_names
        if isinstance(port, str) and port not in names and not port.isdigit():
            yield Conflict(
                where,
                port,
                f"is no port of the container, so the probe never succeeds: use one of {', '.join(sorted(names))}, or "
                "a number",
                ("podTemplate",),
                kind=overrides.INVALID_PROBE,
            )
        scheme = (spec[action] or {}).get("scheme")
        if scheme is not None and scheme not in HTTP_SCHEMES:
            yield Conflict(
                f"{key}.{action}.scheme",
                scheme,
                f"is invalid; valid values: {', '.join(HTTP_SCHEMES)}",
                kind=errors.INVALID_CHOICE,
            )


def _same(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield a liveness probe that restarts a pod as soon as it is not ready."""
    ready, alive = probes.readiness(backend), probes.liveness(backend)
    if alive is None or _what(backend, ready) != _what(backend, alive) or "exec" in ready.spec:
        return
    if alive.failure_seconds > ready.failure_seconds:
        return
    yield Conflict(
        f"{alive.key}.failureThreshold",
        alive.seconds("failureThreshold"),
        f"restarts a pod as soon as it is not ready ({alive.failure_seconds} s, and readiness takes "
        f"{ready.failure_seconds} s), because both probes ask the same: raise it, ask another path, or set the "
        "liveness probe to null",
        ("podTemplate", "health.livenessPath", "health.readinessPath"),
        kind=contradictions.SHARED_PROBE_PATH,
    )


def _what(backend: BackendSettings, probe: probes.Probe) -> object:
    """Return what a probe asks, whatever words it uses. A query does not make another question of a path."""
    if "httpGet" in probe.spec:
        get = probe.spec["httpGet"]
        headers = sorted((each["name"].lower(), each.get("value")) for each in get.get("httpHeaders") or ())
        path = str(get.get("path", "/")).partition("?")[0].rstrip("/")
        return "httpGet", path, backend.port_number(get["port"]), get.get("scheme", "HTTP"), headers
    if "grpc" in probe.spec:
        return "grpc", probe.spec["grpc"]["port"], probe.spec["grpc"].get("service") or ""
    if "tcpSocket" in probe.spec:
        return "tcpSocket", backend.port_number(probe.spec["tcpSocket"]["port"])
    return "exec", (probe.spec.get("exec") or {}).get("command")
