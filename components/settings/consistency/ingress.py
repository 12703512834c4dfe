"""Rules about how requests reach the backend, and how long they do after a pod begins to terminate."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions, overrides
from ...errors import settings as errors
from .. import service_ports
from ..backend import BackendSettings
from ..conflict import Conflict
from ..ingress import ENDPOINT_SLICE_SECONDS, endpoint_update_seconds
from ..load_balancer import KUBE_PROXY_SYNC_SECONDS
from .unused import changed_keys


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield the conflicts of the load balancer, the Ingress and the HTTPRoute."""
    yield from _deregistration(backend)
    yield from _unused(backend)
    yield from _paths(backend)
    yield from _timeouts(backend)
    yield from _retries(backend)
    for key, hosts in (("ingress.hosts", backend.ingress.hosts), ("route.hostnames", backend.route.hostnames)):
        for host in sorted({host for host in hosts if hosts.count(host) > 1}):
            yield Conflict(key, host, "occurs more than once: list each name once", kind=errors.DUPLICATE_ENTRY)


def _deregistration(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield every sender of requests that notices a terminating pod later than the pod stops serving."""
    seconds, balancer = backend.shutdown.deregistration_seconds, backend.load_balancer
    check = balancer.health_check_seconds
    needed = check + KUBE_PROXY_SYNC_SECONDS
    if balancer.enabled and balancer.external_traffic_policy == "Local" and seconds < needed:
        yield Conflict(
            "shutdown.deregistrationSeconds",
            seconds,
            "is too short with loadBalancer.externalTrafficPolicy: Local. The load balancer sends requests to the node "
            f"of a terminating pod for loadBalancer.healthCheckSeconds ({check}) + {KUBE_PROXY_SYNC_SECONDS} seconds: "
            f"raise it to {needed}",
            ("loadBalancer.healthCheckSeconds", "loadBalancer.externalTrafficPolicy", "loadBalancer.enabled"),
            kind=contradictions.DEREGISTRATION_TOO_SHORT,
        )
    for key, update in endpoint_update_seconds(backend.ingress, backend.route).items():
        if seconds < update + ENDPOINT_SLICE_SECONDS:
            yield Conflict(
                "shutdown.deregistrationSeconds",
                seconds,
                f"is too short. A terminating pod receives requests for {key} ({update}) + {ENDPOINT_SLICE_SECONDS} "
                f"seconds: raise it to {update + ENDPOINT_SLICE_SECONDS}",
                (key,),
                kind=contradictions.DEREGISTRATION_TOO_SHORT,
            )


def _unused(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield an Ingress or a route that is configured but lists no host or Gateway."""
    for name, group, first, entries in (
        ("ingress", backend.ingress, "hosts", backend.ingress.hosts),
        ("route", backend.route, "parentRefs", backend.route.parent_refs),
    ):
        others = changed_keys(group)
        if others and not entries:
            yield Conflict(
                f"{name}.{first}",
                list(entries),
                f"is empty, so {', '.join(others)} has no effect: add an entry, or omit the rest of {name}",
                (name,),
                kind=errors.NO_EFFECT,
            )


def _paths(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield ports that the Service does not have, and settings of an HTTPRoute's only rule beside rules."""
    ports = {service_ports.main_name(backend), *(str(port.get("name")) for _, port in service_ports.added(backend))}
    for number, path in enumerate(backend.ingress.paths):
        if path.port is not None and path.port not in ports:
            yield Conflict(
                f"ingress.paths[{number}].port",
                path.port,
                f"is no port of the Service: use one of {', '.join(sorted(ports))}, or add it to overrides.service",
                ("overrides",),
                kind=overrides.UNKNOWN_PORT,
            )
    if backend.ingress.paths and backend.ingress.path != "/":
        yield Conflict(
            "ingress.path",
            backend.ingress.path,
            "has no effect, because ingress.paths takes its place: omit one of the two",
            ("ingress.paths",),
            kind=errors.NO_EFFECT,
        )
    route = backend.route
    ignored = [
        key for key in ("path", "timeoutSeconds", "backendTimeoutSeconds", "retry") if key in changed_keys(route)
    ]
    if ignored and (route.rules or route.kind != "HTTPRoute"):
        yield Conflict(
            f"route.{ignored[0]}",
            getattr(route, {"timeoutSeconds": "timeout_seconds"}.get(ignored[0], "path")),
            "has no effect, because it is for the only rule of an HTTPRoute: state it in route.rules",
            ("route.rules", "route.kind"),
            kind=errors.NO_EFFECT,
        )


def _timeouts(backend: BackendSettings) -> Iterator[Conflict]:
    route, drain = backend.route, backend.shutdown.drain_seconds
    attempt = route.backend_timeout_seconds
    if attempt is not None and route.timeout_seconds is not None and attempt > route.timeout_seconds:
        yield Conflict(
            "route.backendTimeoutSeconds",
            attempt,
            f"is above route.timeoutSeconds ({route.timeout_seconds}), which limits all attempts together: lower it, "
            "or raise route.timeoutSeconds",
            ("route.timeoutSeconds",),
            kind=contradictions.ATTEMPT_ABOVE_REQUEST_TIMEOUT,
        )
    if attempt is not None and attempt > drain:
        yield Conflict(
            "route.backendTimeoutSeconds",
            attempt,
            f"is above shutdown.drainSeconds ({drain}), so a longer attempt is cut off when its pod terminates: lower "
            f"it, or raise shutdown.drainSeconds to {attempt}",
            ("shutdown.drainSeconds",),
            kind=contradictions.ATTEMPT_OUTLIVES_DRAIN,
        )


def _retries(backend: BackendSettings) -> Iterator[Conflict]:
    retry = backend.route.retry
    if retry.attempts is None and (retry.codes or retry.backoff_milliseconds is not None):
        yield Conflict(
            "route.retry.attempts",
            None,
            "leaves codes and backoffMilliseconds without effect: set it, for example to 2, or omit the others",
            ("route.retry",),
            kind=errors.NO_EFFECT,
        )
    for code in sorted({code for code in retry.codes if retry.codes.count(code) > 1}):
        yield Conflict(
            "route.retry.codes", code, "occurs more than once: list each code once", kind=errors.DUPLICATE_ENTRY
        )
