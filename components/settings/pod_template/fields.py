"""The fields of the Kubernetes API that overrides may set, and why the others are rejected.

Every field of the API is in one of these tables; a test checks that. Fields that are newer are rejected.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import ErrorKind, overrides


@dataclass(frozen=True)
class Rejection:
    """Why a field is rejected, and what to do instead."""

    text: str
    kind: ErrorKind


def _managed(text: str) -> Rejection:
    return Rejection(text, overrides.MANAGED_FIELD)


def _unsupported(text: str) -> Rejection:
    return Rejection(text, overrides.UNSUPPORTED_FIELD)


def _forbidden(text: str = "") -> Rejection:
    return Rejection(f"is forbidden by the Pod Security Standard restricted{text}: omit it", overrides.POD_SECURITY)


NEWER = _unsupported("is newer than this version supports: omit it")
_IDENTITY = _unsupported("would give a pod an identity, and the pods of a Deployment are interchangeable: omit it")
_PRIORITY = _managed("is set by the PriorityClass: set placement.priorityClassName")

POD = {
    "affinity",
    "automountServiceAccountToken",
    "containers",
    "dnsConfig",
    "dnsPolicy",
    "hostAliases",
    "hostUsers",
    "imagePullSecrets",
    "initContainers",
    "nodeSelector",
    "resourceClaims",
    "runtimeClassName",
    "securityContext",
    "serviceAccountName",
    "shareProcessNamespace",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
}
"""Fields of a pod's spec that are merged."""
REJECTED_POD = {
    "activeDeadlineSeconds": _unsupported("would terminate every pod after that time: omit it"),
    "enableServiceLinks": _unsupported("is false, so other Services do not change the environment: omit it"),
    "ephemeralContainers": _unsupported("is only for running pods (kubectl debug): omit it"),
    "evictionResponders": _unsupported("would delay a drain for longer than the promise states: omit it"),
    "hostIPC": _forbidden(),
    "hostNetwork": _forbidden(", and would limit each node to one pod"),
    "hostPID": _forbidden(),
    "hostname": _IDENTITY,
    "hostnameOverride": _IDENTITY,
    "setHostnameAsFQDN": _IDENTITY,
    "subdomain": _IDENTITY,
    "nodeName": _unsupported(
        "would bind every pod to one node: use nodeSelector, which must leave as many nodes as survive needs"
    ),
    "os": _unsupported("is Linux: omit it"),
    "overhead": _unsupported("is set by the RuntimeClass: omit it"),
    "preemptionPolicy": _PRIORITY,
    "priority": _PRIORITY,
    "priorityClassName": _managed("has its own setting: set placement.priorityClassName"),
    "readinessGates": _unsupported(
        "would make new pods wait for a controller that the promise does not cover: omit it"
    ),
    "resources": _managed("is set for each container, because the autoscaler measures containers: set resources"),
    "restartPolicy": _unsupported("must be Always in a Deployment: omit it"),
    "schedulerName": _unsupported("would bypass the spread that survive relies on: omit it"),
    "schedulingGates": _unsupported("would keep every new pod pending: omit it"),
    "schedulingGroup": _unsupported("would schedule either all pods or none: omit it"),
    "serviceAccount": _unsupported("is deprecated: set serviceAccountName to use an existing account"),
    "terminationGracePeriodSeconds": _managed(
        "is computed: set shutdown.deregistrationSeconds and shutdown.drainSeconds"
    ),
}
CONTAINER = {
    "args",
    "command",
    "env",
    "envFrom",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "name",
    "ports",
    "readinessProbe",
    "resizePolicy",
    "resources",
    "restartPolicy",
    "securityContext",
    "startupProbe",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
}
"""Fields of an additional container."""
REJECTED_CONTAINER = {
    "restartPolicyRules": _unsupported("would decide by exit code whether the container restarts: omit it")
}
REJECTED_OWN = {
    "image": _managed("has its own setting: set image"),
    "restartPolicy": _managed("is the policy of the pod: omit it"),
}
"""Fields of the backend's own container that settings manage."""
METADATA = {"annotations"}
"""Fields of the pod's metadata that are merged."""
REJECTED_METADATA = {"labels": _managed("has its own setting: set labels")}
NOT_FOR_PODS = _unsupported("has no meaning for pods of a Deployment: omit it")
VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
"""Volume types that the Pod Security Standard ``restricted`` allows."""
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
"""Sysctls that the Pod Security Standard ``restricted`` allows."""
