"""Pod Security's `restricted` level, for all that is added: the namespace would refuse the pods, but only in the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..conflict import Conflict
from . import fields, reader
from .reader import Template

_RESTRICTED = "is forbidden by Pod Security's restricted level"
_PROFILES, _SELINUX = ("RuntimeDefault", "Localhost"), ("", "container_t", "container_init_t", "container_kvm_t")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_OWN_TO_EACH = ("runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile")
_HANDLERS = ("startupProbe", "readinessProbe", "livenessProbe", "lifecycle.postStart", "lifecycle.preStop")


def conflicts(template: Template) -> Iterator[Conflict]:
    """What it forbids, and a root file system that the backend itself could write to."""
    pod = reader.pod(template)
    yield from _context("podTemplate.spec.securityContext", pod.get("securityContext") or {})
    for field in (each for each in _OWN_TO_EACH if each in (pod.get("securityContext") or {})):
        yield Conflict(
            f"podTemplate.spec.securityContext.{field}",
            pod["securityContext"][field],
            "has no effect: each container says its own: set it in the securityContext of the container",
        )
    for number, sysctl in enumerate((pod.get("securityContext") or {}).get("sysctls") or ()):
        if sysctl["name"] not in fields.SYSCTLS:
            yield Conflict(
                f"podTemplate.spec.securityContext.sysctls[{number}].name",
                sysctl["name"],
                f"{_RESTRICTED}; right would be one of: {', '.join(sorted(fields.SYSCTLS))}",
            )
    if pod.get("hostUsers"):
        yield Conflict(
            "podTemplate.spec.hostUsers", True, "is what a pod has without it: set it to false, or leave it out"
        )
    for key, value in reader.pod_annotations(template).items():
        if key.startswith(_APPARMOR) and value == "unconfined":
            yield Conflict(f"podTemplate.metadata.annotations.{key}", value, f"{_RESTRICTED}: leave it out")
    key, own = reader.own(template)
    context = own.get("securityContext") or {}
    yield from _context(f"{key}.securityContext", context)
    if context.get("readOnlyRootFilesystem") is False:
        yield Conflict(
            f"{key}.securityContext.readOnlyRootFilesystem",
            False,
            "would let the backend write beyond what is "
            "counted, and be evicted for it: mount an emptyDir where it writes",
        )
    for added in reader.beside(template):
        yield from _context(f"{added.key}.securityContext", added.spec.get("securityContext") or {})
        yield from _hosts(added.key, added.spec)


def _context(key: str, context: Mapping[str, Any]) -> Iterator[Conflict]:
    for field, wrong, right in (
        ("privileged", True, "leave it out"),
        ("allowPrivilegeEscalation", True, "leave it out"),
        ("runAsNonRoot", False, "leave it out"),
        ("runAsUser", 0, "name a user above 0"),
    ):
        if field in context and context[field] == wrong and isinstance(context[field], type(wrong)):
            yield Conflict(f"{key}.{field}", context[field], f"{_RESTRICTED}: {right}")
    capabilities = context.get("capabilities") or {}
    if surplus := [one for one in capabilities.get("add") or () if one != "NET_BIND_SERVICE"]:
        yield Conflict(f"{key}.capabilities.add", surplus, f"{_RESTRICTED}; right would be: NET_BIND_SERVICE, or none")
    if "drop" in capabilities and "ALL" not in capabilities["drop"]:
        yield Conflict(
            f"{key}.capabilities.drop",
            capabilities["drop"],
            f"{_RESTRICTED}; right would be: [ALL], or to leave it out",
        )
    for field in ("seccompProfile", "appArmorProfile"):
        if field in context and context[field].get("type") not in _PROFILES:
            yield Conflict(
                f"{key}.{field}.type",
                context[field].get("type"),
                f"{_RESTRICTED}; right would be: RuntimeDefault or Localhost",
            )
    if context.get("procMount", "Default") != "Default":
        yield Conflict(f"{key}.procMount", context["procMount"], f"{_RESTRICTED}: leave it out")
    linux = context.get("seLinuxOptions") or {}
    for field in ("user", "role"):
        if linux.get(field):
            yield Conflict(f"{key}.seLinuxOptions.{field}", linux[field], f"{_RESTRICTED}: leave it out")
    if linux.get("type", "") not in _SELINUX:
        yield Conflict(
            f"{key}.seLinuxOptions.type",
            linux["type"],
            f"{_RESTRICTED}; right would be one of: {', '.join(filter(None, _SELINUX))}",
        )
    if "windowsOptions" in context:
        yield Conflict(
            f"{key}.windowsOptions",
            context["windowsOptions"],
            "is for Windows, and the pods run on Linux: leave it out",
        )


def _hosts(key: str, spec: Mapping[str, Any]) -> Iterator[Conflict]:
    """A probe that asks another host than its own pod."""
    for handler in _HANDLERS:
        found: Any = spec
        for step in handler.split("."):
            found = (found or {}).get(step)
        for way in ("httpGet", "tcpSocket"):
            if host := ((found or {}).get(way) or {}).get("host"):
                yield Conflict(
                    f"{key}.{handler}.{way}.host", host, f"{_RESTRICTED}: leave it out, it is the pod itself"
                )
