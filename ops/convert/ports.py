"""Choose the port that requests arrive on, what is spoken there, and the names of all ports in a stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ops.convert import errors
from ops.convert.notes import Notes
from ops.convert.objects import Object, entries, metadata, name, pod_spec, spec
from ops.convert.protocols import protocol
from ops.convert.workload import Workload

_METRICS = ("metrics", "http-metrics", "https-metrics", "prometheus", "monitoring", "prom", "telemetry")
_SCRAPED = "prometheus.io/port"
_Target = tuple[dict[str, Any], int]  # a container and the number of its port


@dataclass(frozen=True)
class Ports:
    """The ports of a workload in a stack."""

    container: dict[str, Any]
    """The container that requests arrive at."""
    service: Object | None
    """The Service that becomes the stack's own; None if the manifest has none for these pods alone."""
    number: int
    protocol: str
    service_port: int
    service_entry: dict[str, Any]
    metrics: int | None
    names: dict[str, str] = field(default_factory=dict)
    """The name of each port of the container in the stack, by its name in the manifest."""
    further: list[dict[str, Any]] = field(default_factory=list)
    """The other ports of the container, in Kubernetes' words."""

    def renamed(self, port: object) -> object:
        """Return the reference to a port as it is in the stack."""
        return self.names.get(port, port) if isinstance(port, str) else port


def ports(workload: Workload, notes: Notes) -> Ports | None:
    """Return the ports of a workload; None, with a note, if it serves none."""
    containers = list(entries(pod_spec(workload.deployment).get("containers")))
    own = [one for one in workload.services if not workload.shared_with(one)]
    service = max(own, key=lambda one: _rank(one, workload), default=None)
    for one in workload.services:
        if others := workload.shared_with(one):
            if name(one) == workload.name:
                notes.impossible(
                    "Service", "spec.selector", f"also selects the pods of {', '.join(others)}", errors.SERVICE_SHARED
                )
                return None
            notes.remaining.append(
                f"Service {name(one)}, which also selects the pods of {', '.join(others)}: it keeps sending requests "
                "to these pods too"
            )
    if service is None:
        return _without_service(workload, containers, notes)
    listed = sorted(entries(spec(service).get("ports")), key=_for_operators)
    if not listed:
        notes.impossible("Service", "spec.ports", "has no port", errors.NO_SERVED_PORT)
        return None
    for entry in listed:
        if found := _target(entry, containers):
            return _described(workload, service, entry, found, notes)
    text = f"targetPort {listed[0].get('targetPort')!r} is a name that no container declares"
    notes.impossible("Service", "spec.ports", text, errors.PORT_UNRESOLVED)
    return None


def _rank(service: Object, workload: Workload) -> tuple[bool, bool, bool, int]:
    body = spec(service)
    return (
        name(service) == workload.name,
        body.get("clusterIP") != "None",
        body.get("type") in ("LoadBalancer", "NodePort"),
        len(body.get("ports") or ()),
    )


def _without_service(workload: Workload, containers: list[dict[str, Any]], notes: Notes) -> Ports | None:
    for container in containers:
        for port in sorted(entries(container.get("ports")), key=lambda one: one.get("name") in _METRICS):
            number = port["containerPort"]
            notes.changed(
                "Service",
                "",
                f"a Service {workload.name} for port {number} is added, because no Service selects these pods alone",
                "requests reach ready pods only",
            )
            shared = (each for one in workload.services for each in entries(spec(one).get("ports")))
            known: dict[str, Any] = next(
                (each for each in shared if _target(each, [container]) == (container, number)), port
            )
            copied = {key: value for key, value in known.items() if key in ("name", "protocol", "appProtocol")}
            entry: dict[str, Any] = {"port": number, **copied}
            return _described(workload, None, entry, (container, number), notes)
    notes.impossible(
        "Deployment",
        "spec.template.spec.containers",
        "no container has a port, and no Service selects the pods",
        errors.NO_SERVED_PORT,
        "requests are answered",
    )
    return None


def _target(entry: dict[str, Any], containers: list[dict[str, Any]]) -> _Target | None:
    """Return the container and the number that a port of the Service sends to."""
    target = entry.get("targetPort", entry["port"])
    if isinstance(target, str) and target.isdigit():
        target = int(target)
    for container in containers:
        for port in entries(container.get("ports")):
            if target in (port.get("name"), port["containerPort"]):
                return container, port["containerPort"]
    # Declaring a port is optional. A number is served by the first container, as far as the manifest says.
    return (containers[0], target) if isinstance(target, int) and containers else None


def _for_operators(entry: dict[str, Any]) -> bool:
    """Return whether a port serves operators only, as far as its name says."""
    names = (str(entry.get("name", "")), str(entry.get("targetPort", "")))
    return any(word in name for name in names for word in (*_METRICS, "profiling", "pprof", "health", "debug", "admin"))


def _described(
    workload: Workload,
    service: Object | None,
    entry: dict[str, Any],
    target: _Target,
    notes: Notes,
) -> Ports:
    container, number = target
    declared = list(entries(container.get("ports")))
    own = next((one for one in declared if one["containerPort"] == number and _same_transport(one, entry)), {})
    spoken, stated = protocol(entry, own, container)
    if not stated:
        notes.ask("protocol", f"The manifest does not say what port {number} speaks: http, https, h2c, grpc or tcp.")
    names: dict[str, str] = {own["name"]: spoken} if own.get("name") else {}
    metrics = _metrics(workload, declared, own)
    further: list[dict[str, Any]] = []
    for port in declared:
        if port is own:
            continue
        title = str(port.get("name") or "")
        if port["containerPort"] == number and _same_transport(port, entry):
            names |= {title: spoken} if title else {}
        elif port["containerPort"] == metrics:
            names |= {title: "metrics"} if title else {}
        elif same := next((one for one in further if _same_port(one, port)), None):
            # Server-side apply rejects a port that is listed twice.
            names |= {title: str(same.setdefault("name", title))} if title else {}
        else:
            renamed = f"{title}-2"[:15] if title in (spoken, "metrics") else title
            names |= {title: renamed} if title else {}
            further.append({**port, "name": renamed} if title else dict(port))
    for old, new in names.items():
        if old != new:
            notes.renamed(
                "Deployment", f"spec.template.spec.containers[backend].ports[{new}]", f"port {old} is named {new}"
            )
    return Ports(container, service, number, spoken, entry["port"], entry, metrics, names, further)


def _same_port(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["containerPort"] == other["containerPort"]) and _same_transport(one, other)


def _same_transport(port: dict[str, Any], entry: dict[str, Any]) -> bool:
    return bool(port.get("protocol", "TCP") == entry.get("protocol", "TCP"))


def _metrics(workload: Workload, declared: list[dict[str, Any]], own: dict[str, Any]) -> int | None:
    """Return the port that serves metrics, by its name or by the annotation that Prometheus reads."""
    template = spec(workload.deployment).get("template") or {}
    scraped = str((metadata(template).get("annotations") or {}).get(_SCRAPED, ""))
    others = [one for one in declared if one is not own and one.get("protocol", "TCP") == "TCP"]
    number = own.get("containerPort")
    for port in others:
        if (port.get("name") in _METRICS or str(port["containerPort"]) == scraped) and port["containerPort"] != number:
            return int(port["containerPort"])
    if own and (own.get("name") in _METRICS or str(number) == scraped):
        return int(own["containerPort"])
    return None
