"""All resources of a stack: which pods a selector matches, what scales what, and the lowest replica counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policy.known import Unclear, number, text
from policy.resource import WORKLOADS, Resource, labels
from policy.selector import map_matches, matches

# Custom resources that create no pods. Any other may create pods that are not visible here, as a Helm Release does.
_CREATES_NO_PODS = (
    "AuthorizationPolicy",
    "Certificate",
    "Chart",
    "ClusterIssuer",
    "ClusterSecretStore",
    "DestinationRule",
    "ExternalSecret",
    "IngressRoute",
    "Issuer",
    "Middleware",
    "PeerAuthentication",
    "PodMonitor",
    "PrometheusRule",
    "ScaledObject",
    "SealedSecret",
    "SecretStore",
    "ServiceMonitor",
    "TriggerAuthentication",
    "VirtualService",
)
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


@dataclass(frozen=True)
class Scaler:
    """A HorizontalPodAutoscaler, or a ScaledObject of KEDA, and its target."""

    resource: Resource
    kind: str
    target: str
    minimum: int | None  # None if it is unknown


class Stack:
    """The resources of one stack."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.resources = tuple(resource for resource in resources if resource.kind)

    def of(self, *kinds: str) -> list[Resource]:
        """Return the resources of these kinds."""
        return [resource for resource in self.resources if resource.kind in kinds]

    def selected(self, selector: Any, owner: Resource, kinds: Sequence[str] = WORKLOADS) -> Matches:
        """Return the workloads whose pods a selector matches, in the namespace of the selector's owner."""
        return self._find(lambda resource: matches(selector, labels(resource)), owner, kinds)

    def served(self, service: Resource, kinds: Sequence[str] = WORKLOADS) -> Matches:
        """Return the workloads whose pods a Service selects."""
        wanted = service.get("spec", "selector")
        if not wanted or service.get("spec", "type") == "ExternalName":
            return Matches([], False)
        return self._find(lambda resource: map_matches(wanted, labels(resource)), service, kinds)

    def _find(self, test: Callable[[Resource], bool], owner: Resource, kinds: Sequence[str]) -> Matches:
        found, may_match_more = [], False
        for resource in self.of(*kinds):
            near, matches_ = together(resource, owner), _result(test, resource)
            if near and matches_:
                found.append(resource)
            elif near is not False and matches_ is not False:
                may_match_more = True
        return Matches(found, may_match_more)

    def shows_all(self, owner: Resource, kinds: Sequence[str] = WORKLOADS) -> bool:
        """Return whether the stack seems to create every object of these kinds in the owner's namespace."""
        if any(_may_hide_pods(resource) and together(resource, owner) is not False for resource in self.resources):
            return False
        return any(together(resource, owner) for resource in self.of(*kinds))

    def scalers(self) -> Iterator[Scaler]:
        """Yield the scalers whose target is known."""
        for resource in self.of(*SCALERS):
            keda = resource.kind == "ScaledObject"
            try:
                target = resource.get("spec", "scaleTargetRef")
                kind, name = text(target, "kind") or ("Deployment" if keda else ""), text(target, "name")
            except Unclear:
                continue
            try:
                minimum = number(
                    resource.props, "spec", "minReplicaCount" if keda else "minReplicas", default=0 if keda else 1
                )
            except Unclear:
                minimum = None
            yield Scaler(resource, kind, name, minimum)

    def scaled_by(self, workload: Resource) -> list[Scaler]:
        """Return the scalers of a workload. Raises Unclear if that depends on an unknown value."""
        scalers = list(self.scalers())
        named = [scaler for scaler in scalers if (scaler.kind, scaler.target) == (workload.kind, workload.object_name)]
        found = [scaler for scaler in named if together(scaler.resource, workload)]
        unknown_target = len(scalers) < len(self.of(*SCALERS))
        if not found and (unknown_target or any(together(scaler.resource, workload) is None for scaler in named)):
            raise Unclear
        return found

    def scaled(self, scaler: Scaler) -> list[Resource]:
        """Return the targets of a scaler, as far as they are known."""
        return [
            one
            for one in self.of(scaler.kind)
            if together(one, scaler.resource) and _result(lambda resource: resource.object_name == scaler.target, one)
        ]

    def min_pods(self, workload: Resource) -> int:
        """Return the lowest replica count. Raises Unclear if it is unknown, as for a DaemonSet."""
        if workload.kind == "DaemonSet":
            raise Unclear
        if scalers := self.scaled_by(workload):
            minimums = [scaler.minimum for scaler in scalers if scaler.minimum is not None]
            if len(minimums) < len(scalers):
                raise Unclear
            return min(minimums)
        return number(workload.props, "spec", "replicas", default=1)


@dataclass(frozen=True)
class Matches:
    """The workloads that a selector matches, and whether it may match more that are unknown yet."""

    resources: list[Resource]
    may_match_more: bool


def together(one: Resource, other: Resource) -> bool | None:
    """Return whether two resources share a namespace of one cluster; None if that is unknown."""
    if one.cluster != other.cluster:
        return False
    return _result(lambda resource: resource.namespace == other.namespace, one)


def _result(test: Callable[[Resource], bool], resource: Resource) -> bool | None:
    try:
        return test(resource)
    except Unclear:
        return None


def _may_hide_pods(resource: Resource) -> bool:
    custom = "." in resource.group and not resource.group.endswith(".k8s.io")
    return custom and resource.kind not in _CREATES_NO_PODS
