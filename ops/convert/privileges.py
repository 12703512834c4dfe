"""Convert security contexts: the image's own user and root file system stay, privileges do not."""

from __future__ import annotations

from typing import Any

from ops.convert import errors
from ops.convert.notes import Notes

_PROMISE = "Pod Security restricted: a broken-in pod does not reach its node"
_ALLOWED = {"NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE"}


def security_context(container: dict[str, Any], path: str, notes: Notes) -> dict[str, Any]:
    """Return the security context of a container. What the manifest leaves open stays the image's own."""
    stated = container.get("securityContext") or {}
    result = _common(stated, f"{path}.securityContext", notes)
    result.setdefault("readOnlyRootFilesystem", False)
    added = [each for each in (stated.get("capabilities") or {}).get("add") or () if each not in _ALLOWED]
    if added:
        notes.impossible(
            "Deployment",
            f"{path}.securityContext.capabilities",
            f"adds {', '.join(map(str, added))}",
            errors.POD_NEEDS_PRIVILEGES,
            _PROMISE,
        )
    if "capabilities" in result:
        bind = ["NET_BIND_SERVICE"] if (stated["capabilities"] or {}).get("add") else []
        unlike = {"drop": ["ALL"], **({"add": bind} if bind else {})} != stated["capabilities"]
        result.pop("capabilities")  # the component drops ALL itself
        if bind:
            result["capabilities"] = {"add": bind}
        if unlike:
            notes.changed(
                "Deployment",
                f"{path}.securityContext.capabilities",
                "every capability is dropped but NET_BIND_SERVICE",
                _PROMISE,
            )
    if result.pop("allowPrivilegeEscalation", False):
        notes.changed(
            "Deployment",
            f"{path}.securityContext.allowPrivilegeEscalation",
            "true becomes false: a program that needs a port below 1024 may bind it without",
            _PROMISE,
        )
    if result.get("privileged"):
        notes.impossible(
            "Deployment",
            f"{path}.securityContext.privileged",
            "the container is privileged",
            errors.POD_NEEDS_PRIVILEGES,
            _PROMISE,
        )
    return result


def pod_security_context(stated: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Return the security context of the pods: null for each user and group that the manifest leaves to the image."""
    result = _common(stated, "spec.template.spec.securityContext", notes)
    for key in ("runAsUser", "runAsGroup", "fsGroup"):
        result.setdefault(key, None)
    return result


def _common(stated: dict[str, Any], path: str, notes: Notes) -> dict[str, Any]:
    result = dict(stated)
    if result.get("runAsUser") == 0:
        notes.impossible(
            "Deployment", f"{path}.runAsUser", "the container runs as root (0)", errors.POD_NEEDS_PRIVILEGES, _PROMISE
        )
    if result.get("runAsNonRoot") is False:
        result.pop("runAsNonRoot")
        notes.changed(
            "Deployment",
            f"{path}.runAsNonRoot",
            "false becomes true: the kubelet does not start an image that runs as root",
            _PROMISE,
        )
    profile = (result.get("seccompProfile") or {}).get("type")
    if profile == "Unconfined":
        result.pop("seccompProfile")
        notes.changed("Deployment", f"{path}.seccompProfile", "Unconfined becomes RuntimeDefault", _PROMISE)
    return result
