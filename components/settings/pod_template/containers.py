"""The containers of the pod: what may be added to the backend's own, and what those beside it must say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..conflict import Conflict
from ..quantity import amount
from ..well_known import CONTAINER
from . import fields, reader
from .reader import Added

if TYPE_CHECKING:
    from ..backend import BackendSettings

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SIDES, _MEASURED = ("requests", "limits"), ("cpu", "memory", "ephemeral-storage")
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """What of the containers is refused."""
    template = backend.pod_template
    key, own = reader.own(template)
    yield from _fields(key, own, {**fields.NOT_CONTAINER, **fields.NOT_OWN})
    yield from _own_resources(key, own)
    yield from _environment(backend, key, own)
    seen = {CONTAINER} if own else set()
    for added in reader.beside(template):
        yield from _name(added, seen)
        yield from _fields(added.key, added.spec, fields.NOT_CONTAINER)
        yield from _image(added)
        yield from _resources(added)
        yield from _end(backend, added)
        yield from _start(added)
    yield from _ports(backend)
    yield from _time_to_start(backend)


def _fields(key: str, spec: Mapping[str, Any], refused: Mapping[str, str]) -> Iterator[Conflict]:
    for field, value in spec.items():
        if field in refused:
            yield Conflict(f"{key}.{field}", value, refused[field])
        elif field not in fields.CONTAINER:
            yield Conflict(f"{key}.{field}", value, "is newer than what is known here: leave it out")


def _name(added: Added, seen: set[str]) -> Iterator[Conflict]:
    name = added.spec["name"]
    if name == CONTAINER:
        yield Conflict(
            f"{added.key}.name", name, "is the backend's own container, which starts after these: choose another name"
        )
    elif name in seen:
        yield Conflict(f"{added.key}.name", name, "is the name of another container: choose another")
    elif not _LABEL.fullmatch(name):
        yield Conflict(f"{added.key}.name", name, "is not lower-case letters, digits and '-', at most 63")
    seen.add(name)


def _image(added: Added) -> Iterator[Conflict]:
    if "image" not in added.spec:
        yield Conflict(added.key, added.spec["name"], "has no image: name one with a tag or a digest")


def _own_resources(key: str, own: Mapping[str, Any]) -> Iterator[Conflict]:
    for side in _SIDES:
        for name, value in ((own.get("resources") or {}).get(side) or {}).items():
            if name in _MEASURED:
                right = (
                    f"resources.{side}.{name}"
                    if name != "ephemeral-storage"
                    else "resources.tmpSizeLimit, which it is the sum of with logs and emptyDirs"
                )
                yield Conflict(f"{key}.resources.{side}.{name}", value, f"has a setting of its own: set {right}")


def _environment(backend: BackendSettings, key: str, own: Mapping[str, Any]) -> Iterator[Conflict]:
    for number, entry in enumerate(own.get("env") or ()):
        for where, names in (
            ("environment", backend.environment),
            ("generatedSecrets.names", backend.generated_secrets.names),
        ):
            if entry["name"] in names:
                yield Conflict(
                    f"{key}.env[{number}].name",
                    entry["name"],
                    f"is also in {where}: a variable has one source",
                    (where,),
                )


def _resources(added: Added) -> Iterator[Conflict]:
    resources = added.spec.get("resources") or {}
    limits = resources.get("limits") or {}
    if missing := [f"limits.{name}" for name in ("cpu", "memory") if name not in limits]:
        yield Conflict(
            f"{added.key}.resources",
            resources,
            f"lacks {' and '.join(missing)}: what says nothing gets as much as "
            "the backend itself, by the namespace's LimitRange: say what it may use, for example "
            "{cpu: 100m, memory: 64Mi}",
        )
    for name in limits:
        limit, request = added.amount("limits", name), added.amount("requests", name)
        if limit is not None and request is not None and request > limit:
            yield Conflict(
                f"{added.key}.resources.requests.{name}",
                resources["requests"][name],
                f"must not be above its limit ({limits[name]}): lower the request, or raise the limit",
            )
    for side in _SIDES:
        for name, value in (resources.get(side) or {}).items():
            if not _quantity(value):
                yield Conflict(
                    f"{added.key}.resources.{side}.{name}",
                    value,
                    f"is not a quantity; right would be, for example, {'100m' if name == 'cpu' else '64Mi'}",
                )


def _quantity(value: str) -> bool:
    try:
        return amount(value) >= 0
    except ValueError:
        return False


def _end(backend: BackendSettings, added: Added) -> Iterator[Conflict]:
    """A pod that is told to stop serves on, then drains: until then nothing may end that the backend may still need.

    Kubernetes tells all containers of a pod at once, but for sidecars: those it tells when the backend has ended. A preStop is
    carried out at once in either case.
    """
    if not added.init:
        yield Conflict(
            f"{added.key}.name",
            added.spec["name"],
            "would end at once when its pod is told to stop, while the "
            "backend serves on: move it to initContainers with restartPolicy: Always, and Kubernetes ends it after "
            "the backend",
        )
        return
    policy, lifecycle = added.spec.get("restartPolicy"), added.spec.get("lifecycle") or {}
    if policy is not None and not added.sidecar:
        yield Conflict(
            f"{added.key}.restartPolicy",
            policy,
            "is not what a container may have here: set it to Always, for a sidecar, or leave it out",
        )
    if "stopSignal" in lifecycle:
        yield Conflict(
            f"{added.key}.lifecycle.stopSignal",
            lifecycle["stopSignal"],
            "is dropped by clusters at their defaults: leave it out",
        )
    stop = lifecycle.get("preStop") or {}
    if added.sidecar and any(way != "sleep" for way in stop):
        needed = backend.shutdown.deregistration_seconds + backend.shutdown.drain_seconds
        yield Conflict(
            f"{added.key}.lifecycle.preStop",
            stop,
            "is carried out as soon as the pod is told to stop, and the "
            f"backend still needs its sidecars for up to {needed} s: leave it out: Kubernetes ends a sidecar after "
            "the backend",
        )


def _start(added: Added) -> Iterator[Conflict]:
    if added.init and not added.sidecar:
        for field in ("lifecycle", *_PROBES):
            if field in added.spec:
                yield Conflict(
                    f"{added.key}.{field}",
                    added.spec[field],
                    "is not for a container that ends before the backend "
                    "starts: leave it out, or set restartPolicy to Always",
                )


def _ports(backend: BackendSettings) -> Iterator[Conflict]:
    """All containers of a pod share one address; the Service finds the backend by the name of its port."""
    ours = {backend.port: "the backend's own (port)"}
    if backend.metrics_port:
        ours[backend.metrics_port] = "the backend's own (metricsPort)"
    key, own = reader.own(backend.pod_template)
    for where, spec in ((key, own), *((added.key, added.spec) for added in reader.beside(backend.pod_template))):
        for number, port in enumerate(spec.get("ports") or ()):
            path = f"{where}.ports[{number}]"
            if port.get("name") in ("http", "metrics"):
                yield Conflict(
                    f"{path}.name",
                    port["name"],
                    "is the name of the backend's own port, by which it is found: choose another name",
                )
            if port["containerPort"] in ours and port.get("protocol", "TCP") == "TCP":
                yield Conflict(
                    f"{path}.containerPort",
                    port["containerPort"],
                    f"is already {ours[port['containerPort']]}: choose another",
                    ("port", "metricsPort"),
                )
            elif port.get("protocol", "TCP") == "TCP":
                ours[port["containerPort"]] = f"that of {path}"
            for field in ("hostPort", "hostIP"):
                if port.get(field):
                    yield Conflict(
                        f"{path}.{field}",
                        port[field],
                        "is a port of the node: Pod Security's restricted level "
                        "forbids it, and one pod would run on a node at the most: leave it out",
                    )


def _time_to_start(backend: BackendSettings) -> Iterator[Conflict]:
    """Kubernetes bounds neither an init container nor a postStart: the time must be stated, because it is in the promise."""
    waits = [
        added.key
        for added in reader.beside(backend.pod_template)
        if (added.init and not added.sidecar) or (added.sidecar and "postStart" in (added.spec.get("lifecycle") or {}))
    ]
    if waits and not backend.health.init_seconds:
        yield Conflict(
            "health.initSeconds",
            backend.health.init_seconds,
            f"leaves no time for {', '.join(waits)}, which the "
            "backend waits for: set it to what they may take together",
            ("podTemplate",),
        )
    elif backend.health.init_seconds and not waits:
        yield Conflict(
            "health.initSeconds",
            backend.health.init_seconds,
            "is time for containers that are not there: leave it out, or add them (podTemplate.spec.initContainers)",
            ("podTemplate",),
        )
