"""Rules about containers: overrides of the backend's own container, and the fields of additional ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import contradictions, overrides
from ...errors import settings as errors
from ..conflict import Conflict
from ..well_known import CONTAINER, PORT_START
from . import container_lifecycle, container_resources, fields, hooks, reader
from .reader import AddedContainer

if TYPE_CHECKING:
    from ..backend import BackendSettings

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield every conflict of the containers. Keys are relative to the backend."""
    template = backend.pod_template
    key, own = reader.own_container(template)
    yield from _fields(key, own, {**fields.REJECTED_CONTAINER, **fields.REJECTED_OWN})
    yield from container_resources.own_conflicts(key, own)
    yield from _environment(backend, key, own)
    yield from hooks.conflicts(backend)
    seen = {CONTAINER} if own else set()
    for added in reader.added_containers(template):
        yield from _name(added, seen)
        yield from _fields(added.key, added.spec, fields.REJECTED_CONTAINER)
        yield from _image(added)
        yield from container_resources.conflicts(backend, added)
        yield from container_lifecycle.conflicts(backend, added)
    yield from _ports(backend)
    yield from _low_ports(backend)
    yield from container_lifecycle.start_time_conflicts(backend)


def _fields(key: str, spec: Mapping[str, Any], rejected: Mapping[str, fields.Rejection]) -> Iterator[Conflict]:
    for field, value in spec.items():
        if field in rejected or field not in fields.CONTAINER:
            rejection = rejected.get(field, fields.NEWER)
            yield Conflict(f"{key}.{field}", value, rejection.text, kind=rejection.kind)


def _name(added: AddedContainer, seen: set[str]) -> Iterator[Conflict]:
    name = added.spec["name"]
    if name == CONTAINER:
        yield Conflict(
            f"{added.key}.name",
            name,
            "is the backend's own container, which starts after the init containers: choose another name",
            kind=overrides.RESERVED_NAME,
        )
    elif name in seen:
        yield Conflict(
            f"{added.key}.name", name, "is the name of another container: choose another", kind=errors.DUPLICATE_ENTRY
        )
    elif not _LABEL.fullmatch(name):
        yield Conflict(
            f"{added.key}.name",
            name,
            "is invalid: must be lowercase letters, digits and '-', at most 63 characters",
            kind=errors.INVALID_FORMAT,
        )
    seen.add(name)


def _image(added: AddedContainer) -> Iterator[Conflict]:
    if "image" not in added.spec:
        yield Conflict(
            added.key,
            added.spec["name"],
            "has no image: set image to a reference with a tag or a digest",
            kind=errors.MISSING_SETTING,
        )


def _environment(backend: BackendSettings, key: str, own: Mapping[str, Any]) -> Iterator[Conflict]:
    for number, entry in enumerate(own.get("env") or ()):
        for setting, names in (
            ("environment", backend.environment),
            ("generatedSecrets.names", backend.generated_secrets.names),
        ):
            if entry["name"] in names:
                yield Conflict(
                    f"{key}.env[{number}].name",
                    entry["name"],
                    f"is also in {setting}: set each variable in one place",
                    (setting,),
                    kind=contradictions.VARIABLE_SET_TWICE,
                )


def _low_ports(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield a sysctl of the user's that keeps the backend from one of its own ports."""
    lowest = min(backend.port_names.values())
    context = reader.pod_spec(backend.pod_template).get("securityContext") or {}
    for number, sysctl in enumerate(context.get("sysctls") or ()):
        value = str(sysctl.get("value"))
        if sysctl["name"] == PORT_START and value.isdigit() and int(value) > lowest:
            yield Conflict(
                f"podTemplate.spec.securityContext.sysctls[{number}].value",
                value,
                f"keeps the backend from binding port {lowest}, because it is not root: set it to at most {lowest}, or "
                "omit it, and the component sets it",
                ("port", "metricsPort"),
                kind=contradictions.PORT_CONFLICT,
            )


def _ports(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield port conflicts: containers of a pod share one network namespace, and the Service uses named ports."""
    owners = {backend.port: "the backend's own (port)"}
    if backend.metrics_port and backend.metrics_port != backend.port:
        owners[backend.metrics_port] = "the backend's own (metricsPort)"
    template = backend.pod_template
    all_containers = [reader.own_container(template), *((c.key, c.spec) for c in reader.added_containers(template))]
    for container, spec in all_containers:
        for number, port in enumerate(spec.get("ports") or ()):
            key = f"{container}.ports[{number}]"
            if port.get("name") in {backend.port_name, backend.metrics_port_name}:
                yield Conflict(
                    f"{key}.name",
                    port["name"],
                    "is the name of the backend's own port, which the Service refers to: choose another name",
                    kind=overrides.RESERVED_NAME,
                )
            if port["containerPort"] in owners and port.get("protocol", "TCP") == "TCP":
                yield Conflict(
                    f"{key}.containerPort",
                    port["containerPort"],
                    f"is already {owners[port['containerPort']]}: choose another",
                    ("port", "metricsPort"),
                    kind=contradictions.PORT_CONFLICT,
                )
            elif port.get("protocol", "TCP") == "TCP":
                owners[port["containerPort"]] = f"that of {key}"
            for field in ("hostPort", "hostIP"):
                if port.get(field):
                    yield Conflict(
                        f"{key}.{field}",
                        port[field],
                        "is forbidden by the Pod Security Standard restricted, and would limit each node to one pod: "
                        "omit it",
                        kind=overrides.POD_SECURITY,
                    )
