"""Rules about overrides of objects: no field has two owners, and none breaks the promise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import contradictions, overrides
from ...errors import settings as errors
from .. import service_ports
from ..backend import BackendSettings
from ..conflict import Conflict
from ..labels import object_labels
from ..overrides import Overrides
from ..pod_template import reader
from ..pod_template.fields import Rejection
from ..share import FORM, is_share

_METADATA = {"annotations", "labels"}
_OURS = "is set by the component: omit it"
_STATUS = Rejection("is what the cluster reports: omit it", overrides.UNSUPPORTED_FIELD)


def _managed(text: str) -> Rejection:
    return Rejection(text, overrides.MANAGED_FIELD)


def _breaks(text: str) -> Rejection:
    return Rejection(text, overrides.UNSUPPORTED_FIELD)


MERGED: Mapping[str, set[str]] = {
    "service": {
        "spec.ports",
        "spec.type",
        "spec.allocateLoadBalancerNodePorts",
        "spec.healthCheckNodePort",
        "spec.ipFamilies",
        "spec.ipFamilyPolicy",
        "spec.loadBalancerClass",
        "spec.loadBalancerIP",
        "spec.loadBalancerSourceRanges",
        "spec.sessionAffinity",
        "spec.sessionAffinityConfig",
        "spec.trafficDistribution",
    },
    "service_account": {"automountServiceAccountToken", "imagePullSecrets"},
    "deployment": {"spec.strategy", "spec.revisionHistoryLimit"},
    "horizontal_pod_autoscaler": {"spec.behavior", "spec.metrics"},
    "pod_disruption_budget": {"spec.unhealthyPodEvictionPolicy"},
}
"""The fields that are merged, by the kind's attribute. Annotations and labels of every kind are merged too."""
REJECTED: Mapping[str, Mapping[str, Rejection]] = {
    "service": {
        "spec.selector": _managed("selects the backend's pods: set selector to adopt others"),
        "spec.externalTrafficPolicy": _managed("has its own setting: set loadBalancer.externalTrafficPolicy"),
        "spec.internalTrafficPolicy": _breaks(
            "would drop requests from every node without a ready pod: to prefer near pods, set trafficDistribution: "
            "PreferSameZone"
        ),
        "spec.publishNotReadyAddresses": _breaks(
            "would send requests to pods that are not ready, so every rollout fails some: omit it"
        ),
        "spec.externalName": _breaks("is for Services without pods: omit it"),
        "spec.externalIPs": _breaks("would bypass the load balancer that the promise is computed for: omit it"),
        "spec.clusterIP": _breaks("is chosen by the cluster: omit it"),
        "spec.clusterIPs": _breaks("is chosen by the cluster: omit it"),
        "status": _STATUS,
    },
    "service_account": {"secrets": _breaks("names long-lived tokens, which Kubernetes no longer makes: omit it")},
    "deployment": {
        "spec.replicas": _managed("has its own setting: set replicas"),
        "spec.selector": _managed("has its own setting: set selector"),
        "spec.template": _managed("has its own setting: set podTemplate"),
        "spec.minReadySeconds": _managed("has its own setting: set rollout.minReadySeconds"),
        "spec.progressDeadlineSeconds": _managed("has its own setting: set rollout.progressDeadlineSeconds"),
        "spec.paused": _breaks("would hold every release: omit it"),
        "status": _STATUS,
    },
    "horizontal_pod_autoscaler": {
        "spec.minReplicas": _managed("has its own setting: set replicas"),
        "spec.maxReplicas": _managed("has its own setting: set autoscaling.maxReplicas"),
        "spec.scaleTargetRef": _managed("is the backend's Deployment: omit it"),
        "status": _STATUS,
    },
    "pod_disruption_budget": {
        "spec.maxUnavailable": _managed("has its own setting: set disruptionBudget.maxUnavailable"),
        "spec.minAvailable": _managed("has its own setting: set disruptionBudget.minAvailable"),
        "spec.selector": _managed("selects the backend's pods: omit it"),
        "status": _STATUS,
    },
}
_NEWER = Rejection("is newer than this version supports: omit it", overrides.UNSUPPORTED_FIELD)


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield every conflict of the overrides."""
    for kind, field in Overrides.model_fields.items():
        yield from _fields(backend, kind, f"overrides.{field.alias}")
    yield from _service(backend)
    yield from _account(backend)
    yield from _strategy(backend)


def _fields(backend: BackendSettings, kind: str, key: str) -> Iterator[Conflict]:
    value: Mapping[str, Any] = getattr(backend.overrides, kind)
    flat = {name: each for name, each in value.items() if name not in ("spec", "metadata")}
    flat |= {f"spec.{name}": each for name, each in (value.get("spec") or {}).items()}
    for name, each in flat.items():
        if name in ("apiVersion", "kind"):
            continue
        if name not in MERGED[kind]:
            rejection = REJECTED[kind].get(name, _NEWER)
            yield Conflict(f"{key}.{name}", each, rejection.text, kind=rejection.kind)
    reserved = object_labels(backend)
    for name, each in backend.overrides.metadata(kind).items():
        if name == "name" and kind == "service_account":
            continue
        if name not in _METADATA:
            yield Conflict(f"{key}.metadata.{name}", each, _OURS, kind=overrides.MANAGED_FIELD)
    for label, each in (backend.overrides.metadata(kind).get("labels") or {}).items():
        if label in reserved and each != reserved[label]:
            yield Conflict(
                f"{key}.metadata.labels.{label}",
                each,
                f"is {reserved[label]} on every object of the backend: set labels, or use another key",
                ("labels",),
                kind=contradictions.RESERVED_LABEL,
            )


def _service(backend: BackendSettings) -> Iterator[Conflict]:
    spec, key = backend.overrides.spec("service"), "overrides.service.spec"
    kind = spec.get("type")
    if kind not in (None, "LoadBalancer", "NodePort", "ClusterIP"):
        yield Conflict(
            f"{key}.type",
            kind,
            "is invalid; valid values: LoadBalancer, NodePort, ClusterIP",
            kind=errors.INVALID_CHOICE,
        )
    elif kind is not None and (kind != "ClusterIP") != backend.load_balancer.enabled:
        yield Conflict(
            f"{key}.type",
            kind,
            f"contradicts loadBalancer.enabled: set that to {str(kind != 'ClusterIP').lower()}",
            ("loadBalancer.enabled",),
            kind=overrides.MANAGED_FIELD,
        )
    names = {service_ports.main_name(backend): "the main port"}
    numbers = {(backend.service_port, backend.transport): "the main port"}
    for where, port in service_ports.added(backend):
        name, number = port.get("name"), (port["port"], port.get("protocol", "TCP"))
        if not name:
            yield Conflict(
                where,
                dict(port),
                "has no name, which each of several ports needs: set name",
                kind=errors.MISSING_SETTING,
            )
        elif name in names:
            yield Conflict(
                f"{where}.name", name, f"is the name of {names[name]}: choose another", kind=errors.DUPLICATE_ENTRY
            )
        if number in numbers:
            yield Conflict(
                f"{where}.port", port["port"], f"is {numbers[number]}: choose another", kind=errors.DUPLICATE_ENTRY
            )
        target = port.get("targetPort", port["port"])
        if isinstance(target, str) and target not in backend.port_names and not _of_sidecar(backend, target):
            yield Conflict(
                f"{where}.targetPort",
                target,
                f"is no port of a container: use one of {', '.join(sorted(backend.port_names))}, a number, or declare "
                "the port in podTemplate",
                ("podTemplate",),
                kind=overrides.UNKNOWN_PORT,
            )
        names[name or ""] = numbers[number] = where


def _strategy(backend: BackendSettings) -> Iterator[Conflict]:
    strategy, key = backend.overrides.spec("deployment").get("strategy") or {}, "overrides.deployment.spec.strategy"
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        yield Conflict(
            f"{key}.type",
            strategy["type"],
            "would end all pods before new ones start: omit it; for a pool without room for one more pod, set "
            "rollingUpdate to {maxSurge: 0, maxUnavailable: 1}",
            kind=overrides.UNSUPPORTED_FIELD,
        )
    for field, value in (strategy.get("rollingUpdate") or {}).items():
        if not is_share(value):
            yield Conflict(
                f"{key}.rollingUpdate.{field}", value, f"is invalid: must be {FORM}", kind=errors.INVALID_FORMAT
            )


def _of_sidecar(backend: BackendSettings, name: str) -> bool:
    return any(
        port.get("name") == name
        for added in reader.added_containers(backend.pod_template)
        for port in added.spec.get("ports") or ()
    )


def _account(backend: BackendSettings) -> Iterator[Conflict]:
    existing = (backend.pod_template.get("spec") or {}).get("serviceAccountName")
    if existing and backend.overrides.service_account:
        yield Conflict(
            "overrides.serviceAccount",
            dict(backend.overrides.service_account),
            f"has no effect on the existing account {existing} (podTemplate.spec.serviceAccountName): omit one of the "
            "two",
            ("podTemplate",),
            kind=errors.NO_EFFECT,
        )
    stated = backend.identity.model_dump(exclude_defaults=True, by_alias=True)
    if existing and stated and set(stated) != {"eksPodIdentity"}:
        yield Conflict(
            f"identity.{next(iter(stated))}",
            next(iter(stated.values())),
            f"would annotate the service account, and {existing} exists already (podTemplate.spec.serviceAccountName): "
            "omit one of the two",
            ("podTemplate",),
            kind=errors.NO_EFFECT,
        )
