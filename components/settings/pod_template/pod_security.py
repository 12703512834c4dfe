"""The Pod Security Standard ``restricted``, applied to overrides before a rollout meets it in the namespace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...errors import overrides
from ...errors import settings as errors
from ..conflict import Conflict
from . import fields, reader
from .reader import Template

_FORBIDDEN = "is forbidden by the Pod Security Standard restricted"
_PROFILES, _SELINUX = ("RuntimeDefault", "Localhost"), ("", "container_t", "container_init_t", "container_kvm_t")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
# What the standard requires to be set, and the component sets: null would remove it.
_REQUIRED_POD, _REQUIRED = ("runAsNonRoot", "seccompProfile"), ("allowPrivilegeEscalation", "capabilities")
_HANDLERS = ("startupProbe", "readinessProbe", "livenessProbe", "lifecycle.postStart", "lifecycle.preStop")


def conflicts(template: Template) -> Iterator[Conflict]:
    """Yield every forbidden field."""
    pod = reader.pod_spec(template)
    yield from _pod_context("podTemplate.spec.securityContext", pod.get("securityContext") or {})
    if pod.get("hostUsers"):
        yield Conflict(
            "podTemplate.spec.hostUsers",
            True,
            "is the default: set it to false, or omit it",
            kind=errors.NO_EFFECT,
        )
    for key, value in reader.pod_annotations(template).items():
        if key.startswith(_APPARMOR) and value == "unconfined":
            yield _forbidden(f"podTemplate.metadata.annotations.{key}", value, "omit it")
    key, own = reader.own_container(template)
    context = own.get("securityContext") or {}
    yield from _context(f"{key}.securityContext", context)
    yield from _hosts(key, own)
    for added in reader.added_containers(template):
        yield from _context(f"{added.key}.securityContext", added.spec.get("securityContext") or {})
        yield from _hosts(added.key, added.spec)


def _forbidden(key: str, value: Any, remedy: str) -> Conflict:
    return Conflict(key, value, f"{_FORBIDDEN}: {remedy}", kind=overrides.POD_SECURITY)


def _pod_context(key: str, context: Mapping[str, Any]) -> Iterator[Conflict]:
    yield from _context(key, context, _REQUIRED_POD)
    for number, sysctl in enumerate(context.get("sysctls") or ()):
        if sysctl["name"] not in fields.SYSCTLS:
            remedy = f"use one of {', '.join(sorted(fields.SYSCTLS))}"
            yield _forbidden(f"{key}.sysctls[{number}].name", sysctl["name"], remedy)


def _context(key: str, context: Mapping[str, Any], required: Sequence[str] = _REQUIRED) -> Iterator[Conflict]:
    for field in required:
        if field in context and context[field] is None:
            yield _forbidden(f"{key}.{field}", None, "omit it, and the component sets it")
    for field, forbidden, remedy in (
        ("privileged", True, "omit it"),
        ("allowPrivilegeEscalation", True, "omit it"),
        ("runAsNonRoot", False, "omit it"),
        ("runAsUser", 0, "use a user ID above 0"),
    ):
        if field in context and context[field] == forbidden and isinstance(context[field], type(forbidden)):
            yield _forbidden(f"{key}.{field}", context[field], remedy)
    context = {name: value for name, value in context.items() if value is not None}
    capabilities = context.get("capabilities") or {}
    if surplus := [each for each in capabilities.get("add") or () if each != "NET_BIND_SERVICE"]:
        yield _forbidden(f"{key}.capabilities.add", surplus, "add only NET_BIND_SERVICE, or nothing")
    if "drop" in capabilities and "ALL" not in capabilities["drop"]:
        yield _forbidden(f"{key}.capabilities.drop", capabilities["drop"], "set it to [ALL], or omit it")
    for field in ("seccompProfile", "appArmorProfile"):
        if field in context and context[field].get("type") not in _PROFILES:
            yield _forbidden(f"{key}.{field}.type", context[field].get("type"), f"set it to {' or '.join(_PROFILES)}")
    if context.get("procMount", "Default") != "Default":
        yield _forbidden(f"{key}.procMount", context["procMount"], "omit it")
    linux = context.get("seLinuxOptions") or {}
    for field in ("user", "role"):
        if linux.get(field):
            yield _forbidden(f"{key}.seLinuxOptions.{field}", linux[field], "omit it")
    if linux.get("type", "") not in _SELINUX:
        yield _forbidden(f"{key}.seLinuxOptions.type", linux["type"], f"use one of {', '.join(filter(None, _SELINUX))}")
    if "windowsOptions" in context:
        yield Conflict(
            f"{key}.windowsOptions",
            context["windowsOptions"],
            "applies to Windows, and the pods run on Linux: omit it",
            kind=overrides.UNSUPPORTED_FIELD,
        )


def _hosts(key: str, spec: Mapping[str, Any]) -> Iterator[Conflict]:
    """Yield probes and hooks that connect to another host than their own pod."""
    for path in _HANDLERS:
        handler: Any = spec
        for step in path.split("."):
            handler = (handler or {}).get(step)
        for action in ("httpGet", "tcpSocket"):
            if host := ((handler or {}).get(action) or {}).get("host"):
                yield _forbidden(f"{key}.{path}.{action}.host", host, "omit it, and it is the pod itself")
