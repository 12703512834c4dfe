"""Relate the objects of a manifest: each Deployment, and what belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from components.inspection.service_names import service_names
from ops.convert.objects import (
    MODELS,
    Object,
    checked,
    entries,
    kind,
    metadata,
    name,
    namespace,
    pod_labels,
    pod_spec,
    selects,
    spec,
    title,
)

_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
CONVERTED = {"Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"}
"""Kinds whose errors make the conversion impossible. Other invalid objects are reported, and left out."""
_RELATED = {*(each for _, each in MODELS), *_ROUTES, "ScaledObject", "ConfigMap", "Secret", "PersistentVolumeClaim"}


@dataclass(frozen=True)
class Workload:
    """A Deployment with the objects of the manifest that concern it."""

    deployment: Object
    objects: Sequence[Object]
    """All objects of the manifest."""
    invalid: dict[str, list[str]] = field(default_factory=dict)
    """The fields that the API rejects, by object."""

    @property
    def name(self) -> str:
        """The name of the Deployment."""
        return name(self.deployment)

    @property
    def namespace(self) -> str:
        """The namespace of the Deployment, or an empty string."""
        return namespace(self.deployment)

    @property
    def title(self) -> str:
        """The namespace and the name of the Deployment."""
        return f"{self.namespace}/{self.name}".removeprefix("/")

    def near(self, *kinds: str) -> Iterator[Object]:
        """Yield the objects of these kinds in the namespace of the Deployment."""
        for one in self.objects:
            if kind(one) in kinds and (namespace(one) or self.namespace) == (self.namespace or namespace(one)):
                yield one

    @property
    def services(self) -> list[Object]:
        """The Services that select the pods."""
        return [one for one in self.near("Service") if selects(spec(one).get("selector"), pod_labels(self.deployment))]

    def shared_with(self, service: Object) -> list[str]:
        """Return the names of the other Deployments whose pods a Service selects."""
        selector = spec(service).get("selector")
        return [
            name(one)
            for one in self.near("Deployment")
            if name(one) != self.name and selects(selector, pod_labels(one))
        ]

    @property
    def autoscalers(self) -> list[Object]:
        """The HorizontalPodAutoscalers and ScaledObjects that scale the Deployment."""
        return [
            one
            for one in self.near("HorizontalPodAutoscaler", "ScaledObject")
            if _targets(spec(one).get("scaleTargetRef"), self.name)
        ]

    @property
    def budgets(self) -> list[Object]:
        """The PodDisruptionBudgets that select the pods."""
        return [
            one
            for one in self.near("PodDisruptionBudget")
            if selects(_labels_of(spec(one).get("selector")), pod_labels(self.deployment))
        ]

    @property
    def policies(self) -> list[Object]:
        """The NetworkPolicies that select the pods."""
        return [
            one
            for one in self.near("NetworkPolicy")
            if selects(_labels_of(spec(one).get("podSelector")), pod_labels(self.deployment))
        ]

    def entering(self, service: str) -> list[Object]:
        """Return the Ingresses and routes that send requests to a Service."""
        return [one for one in self.near("Ingress", *_ROUTES) if service in service_names(spec(one))]

    @property
    def account_name(self) -> str:
        """The name of the service account, or an empty string for the default one."""
        pod = pod_spec(self.deployment)
        stated = str(pod.get("serviceAccountName") or pod.get("serviceAccount") or "")
        return "" if stated == "default" else stated

    @property
    def account(self) -> Object | None:
        """The service account, if the manifest has it."""
        return next((one for one in self.near("ServiceAccount") if name(one) == self.account_name), None)

    @property
    def one_node_claims(self) -> list[str]:
        """The claims of the manifest that a single node can mount."""
        used = {
            (volume.get("persistentVolumeClaim") or {}).get("claimName")
            for volume in entries(pod_spec(self.deployment).get("volumes"))
        }
        return [
            name(one)
            for one in self.near("PersistentVolumeClaim")
            if name(one) in used
            and not any(mode in str(spec(one).get("accessModes")) for mode in ("ReadWriteMany", "ReadOnlyMany"))
        ]


def workloads(objects: Sequence[Object]) -> list[Workload]:
    """Return every Deployment of a manifest with all objects, checked against the models of the API."""
    results, invalid = [], {}
    for one in objects:
        result, problems = checked(one)
        if problems:
            invalid[title(result)] = problems
        if not problems or kind(result) in CONVERTED:
            results.append(result)
    return [Workload(one, results, invalid) for one in results if kind(one) == "Deployment"]


def left_out(objects: Sequence[Object]) -> dict[str, int]:
    """Return how many objects of each kind the conversion does not read."""
    counts: dict[str, int] = {}
    for one in objects:
        if kind(one) not in _RELATED:
            counts[kind(one)] = counts.get(kind(one), 0) + 1
    return counts


def _labels_of(selector: object) -> object:
    return selector.get("matchLabels") if isinstance(selector, dict) else None


def _targets(reference: object, deployment: str) -> bool:
    return (
        isinstance(reference, dict)
        and reference.get("name") == deployment
        and reference.get("kind", "Deployment") == "Deployment"
    )


def annotations_of(one: Object) -> dict[str, str]:
    """Return the annotations of an object."""
    value = metadata(one).get("annotations")
    return {str(key): str(each) for key, each in value.items()} if isinstance(value, dict) else {}
