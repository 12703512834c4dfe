"""All resources of a stack: which pods a selector finds, who scales what, and how many pods there are at the least."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from policy.known import Unclear, number, text
from policy.resource import POD_MAKING, Resource, labels
from policy.selector import map_matches, matches

# Custom resources that make no pods; any other may make some that nobody sees here, as does a chart installed as a Release.
_MAKES_NO_PODS = (
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
    """What sets the number of pods of something: a HorizontalPodAutoscaler or KEDA's ScaledObject."""

    resource: Resource
    kind: str
    target: str
    least: int | None  # None where it is not known


class Stack:
    """The resources of one stack."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.resources = tuple(resource for resource in resources if resource.kind)

    def of(self, *kinds: str) -> list[Resource]:
        """Those of some kinds."""
        return [resource for resource in self.resources if resource.kind in kinds]

    def chosen(self, selector: Any, beside: Resource, kinds: Sequence[str] = POD_MAKING) -> Found:
        """What makes pods that a selector finds, in the namespace of what has the selector."""
        return self._find(lambda resource: matches(selector, labels(resource)), beside, kinds)

    def served(self, service: Resource, kinds: Sequence[str] = POD_MAKING) -> Found:
        """What makes pods that a Service finds."""
        wanted = service.get("spec", "selector")
        if not wanted or service.get("spec", "type") == "ExternalName":
            return Found([], False)
        return self._find(lambda resource: map_matches(wanted, labels(resource)), service, kinds)

    def _find(self, test: Callable[[Resource], bool], beside: Resource, kinds: Sequence[str]) -> Found:
        found, open_ = [], False
        for resource in self.of(*kinds):
            beside_it, chosen = together(resource, beside), _answer(test, resource)
            if beside_it and chosen:
                found.append(resource)
            elif beside_it is not False and chosen is not False:
                open_ = True
        return Found(found, open_)

    def shows(self, beside: Resource, kinds: Sequence[str] = POD_MAKING) -> bool:
        """Whether all pods of a namespace seem to be made here: some are, and nothing is there that may make more unseen."""
        if any(_opaque(resource) and together(resource, beside) is not False for resource in self.resources):
            return False
        return any(together(resource, beside) for resource in self.of(*kinds))

    def scalers(self) -> Iterator[Scaler]:
        """All whose target is known."""
        for resource in self.of(*SCALERS):
            keda = resource.kind == "ScaledObject"
            try:
                target = resource.get("spec", "scaleTargetRef")
                kind, name = text(target, "kind") or ("Deployment" if keda else ""), text(target, "name")
            except Unclear:
                continue
            try:
                least = number(
                    resource.props, "spec", "minReplicaCount" if keda else "minReplicas", default=0 if keda else 1
                )
            except Unclear:
                least = None
            yield Scaler(resource, kind, name, least)

    def scaled_by(self, workload: Resource) -> list[Scaler]:
        """What sets its number of pods. Raises Unclear where that is open."""
        scalers = list(self.scalers())
        named = [scaler for scaler in scalers if (scaler.kind, scaler.target) == (workload.kind, workload.object_name)]
        found = [scaler for scaler in named if together(scaler.resource, workload)]
        open_ = any(together(scaler.resource, workload) is None for scaler in named) or len(scalers) < len(
            self.of(*SCALERS)
        )
        if not found and open_:
            raise Unclear
        return found

    def scaled(self, scaler: Scaler) -> list[Resource]:
        """What it sets the number of pods of, as far as that is known: of another one that is not known, nothing is said."""
        return [
            one
            for one in self.of(scaler.kind)
            if together(one, scaler.resource) and _answer(lambda found: found.object_name == scaler.target, one)
        ]

    def pods(self, workload: Resource) -> int:
        """How many pods there are at the least. Raises Unclear where that is open, as it is for a DaemonSet."""
        if workload.kind == "DaemonSet":
            raise Unclear
        if scalers := self.scaled_by(workload):
            least = [scaler.least for scaler in scalers if scaler.least is not None]
            if len(least) < len(scalers):
                raise Unclear
            return min(least)
        return number(workload.props, "spec", "replicas", default=1)


@dataclass(frozen=True)
class Found:
    """What a selector finds, and whether it may find more that cannot be told yet."""

    resources: list[Resource]
    open: bool


def together(one: Resource, other: Resource) -> bool | None:
    """Whether two are in one namespace of one cluster; None where that is open."""
    if one.cluster != other.cluster:
        return False
    return _answer(lambda resource: resource.namespace == other.namespace, one)


def _answer(test: Callable[[Resource], bool], resource: Resource) -> bool | None:
    try:
        return test(resource)
    except Unclear:
        return None


def _opaque(resource: Resource) -> bool:
    custom = "." in resource.group and not resource.group.endswith(".k8s.io")
    return custom and resource.kind not in _MAKES_NO_PODS
