"""Privileges of a pod on its node and in the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policy.known import entries, get, text
from policy.resource import WORKLOADS, Container, Resource, containers, pod, template_path
from policy.rule import ADVISORY, MANDATORY, Check, Parameter, Patch, Rule, Subject, clear

_HOST = ("hostNetwork", "hostPID", "hostIPC")


def _each(judge: Any) -> Check:
    """Return a check that judges each container separately."""

    def check(subject: Subject) -> Iterator[str]:
        for container in containers(subject.resource, init=True):
            yield from clear(judge(subject, container))

    return check


def _security(subject: Subject, container: Container, key: str) -> Any:
    """Return a container's own value, else its pod's."""
    own = container.get("securityContext", key)
    return get(subject.pod, "securityContext", key) if own is None else own


def _privileged(_: Subject, container: Container) -> Iterator[str]:
    if container.get("securityContext", "privileged") is True:
        yield f"{container.path}.securityContext.privileged is true: it may do anything on its node; omit it"


def _escalates(_: Subject, container: Container) -> Iterator[str]:
    if container.get("securityContext", "allowPrivilegeEscalation") is True:
        yield (
            f"{container.path}.securityContext.allowPrivilegeEscalation is true: a program may gain more rights than "
            "it started with; use false"
        )


def _root(subject: Subject, container: Container) -> Iterator[str]:
    user = _security(subject, container, "runAsUser")
    if user == 0 and not isinstance(user, bool):
        yield f"{container.path} runs as user 0, root; use a user above 10000"


def _added(subject: Subject, container: Container) -> Iterator[str]:
    more = [text(one) for one in entries(container.spec, "securityContext", "capabilities", "add")]
    if surplus := [one for one in more if one.removeprefix("CAP_") not in subject.parameters["allowed"]]:
        allowed = ", ".join(subject.parameters["allowed"]) or "none"
        yield f"{container.path}.securityContext.capabilities adds {', '.join(surplus)}; valid values: {allowed}"


def _not_hardened(subject: Subject, container: Container) -> Iterator[str]:
    missing = [
        word
        for word, present in (
            ("runAsNonRoot: true", _security(subject, container, "runAsNonRoot") is True),
            ("allowPrivilegeEscalation: false", container.get("securityContext", "allowPrivilegeEscalation") is False),
            ("readOnlyRootFilesystem: true", container.get("securityContext", "readOnlyRootFilesystem") is True),
            ("capabilities.drop: [ALL]", "ALL" in entries(container.spec, "securityContext", "capabilities", "drop")),
            (
                "seccompProfile.type: RuntimeDefault",
                get(_security(subject, container, "seccompProfile"), "type") in ("RuntimeDefault", "Localhost"),
            ),
        )
        if not present
    ]
    if missing:
        yield f"{container.path}.securityContext lacks {', '.join(missing)}"


def _host(subject: Subject) -> Iterator[str]:
    for key in _HOST:
        if get(subject.pod, key) is True:
            yield f"{subject.path}.{key} is true: the pod shares it with its node; omit it"


def _host_path(subject: Subject) -> Iterator[str]:
    for volume in entries(subject.pod, "volumes"):
        if get(volume, "hostPath"):
            yield (
                f"{subject.path}.volumes: {get(volume, 'name')} is the node's own {get(volume, 'hostPath', 'path')}: "
                "it differs between nodes, and gives access to them; use emptyDir or a PersistentVolumeClaim"
            )


def _host_port(_: Subject, container: Container) -> Iterator[str]:
    for port in container.entries("ports"):
        if number := get(port, "hostPort"):
            yield (
                f"{container.path}.ports: hostPort is {number}: at most one pod runs on a node, and a rollout waits "
                "for a free port; use a Service"
            )


def _token(subject: Subject) -> Iterator[str]:
    if _mounts_default_token(subject.resource):
        yield (
            f"{subject.path}.automountServiceAccountToken is unset, and no service account is named: every "
            "container gets a token that nothing uses; use false"
        )


def _mounts_default_token(resource: Resource) -> bool:
    spec = pod(resource)
    return (
        get(spec, "automountServiceAccountToken") is not False
        and (text(spec, "serviceAccountName") or text(spec, "serviceAccount") or "default") == "default"
    )


def _no_token(resource: Resource) -> Iterator[Patch]:
    if _mounts_default_token(resource) and get(pod(resource), "automountServiceAccountToken") is None:
        yield Patch((*template_path(resource).split("."), "automountServiceAccountToken"), False)


RULES = (
    Rule("privilege-none", MANDATORY, "No container is privileged.", WORKLOADS, _each(_privileged)),
    Rule("privilege-fixed", MANDATORY, "No container may gain privileges.", WORKLOADS, _each(_escalates)),
    Rule("privilege-no-root", MANDATORY, "No container starts as root.", WORKLOADS, _each(_root)),
    Rule(
        "privilege-capabilities",
        MANDATORY,
        "No container adds capabilities.",
        WORKLOADS,
        _each(_added),
        parameters={
            "allowed": Parameter(
                "Capabilities that may be added.", ["NET_BIND_SERVICE"], {"type": "array", "items": {"type": "string"}}
            )
        },
    ),
    Rule(
        "privilege-own-namespaces", MANDATORY, "A pod shares no network or processes with its node.", WORKLOADS, _host
    ),
    Rule("privilege-own-files", MANDATORY, "A pod mounts no directory of its node.", WORKLOADS, _host_path),
    Rule("privilege-own-ports", ADVISORY, "A pod uses no port of its node.", WORKLOADS, _each(_host_port)),
    Rule(
        "privilege-hardened",
        ADVISORY,
        "Containers meet the restricted Pod Security Standard, with a read-only file system.",
        WORKLOADS,
        _each(_not_hardened),
    ),
    Rule(
        "privilege-no-token",
        ADVISORY,
        "A pod without its own service account gets no token.",
        WORKLOADS,
        _token,
        remedy=_no_token,
    ),
)
