"""What stands in the way of taking a running backend over: pure, so that every way can be tried without a cluster."""

from __future__ import annotations

from collections.abc import Iterator

from ..settings import BackendSettings
from .namespace_contents import KINDS, Found, Object, labels_of_pods, name_of, replicas
from .ownership import strangers

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
_KEY = "ha-backend:backend"
# Marks that other tools leave on what they keep in order.
_TOOLS = {
    "meta.helm.sh/release-name": "Helm",
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "argocd.argoproj.io/instance": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}


def objections(backend: BackendSettings, found: Found) -> Iterator[str]:
    """Everything for which it cannot be taken over, or could not without harm; each with what would be right."""
    space = backend.namespace_name
    if found.namespace is None:
        yield (
            f"{_KEY}.namespace: there is no namespace {space!r} on this cluster, or the account may not see it: name the "
            "one that the backend runs in"
        )
        return
    if hidden := sorted(set(KINDS) - set(found.objects)):
        yield f"the account may not list {', '.join(hidden)} in namespace {space}, so nobody can tell what is there: grant it"
    deployment = found.one("Deployment", backend.name)
    if deployment is None:
        there = ", ".join(name_of(one) for one in found.all("Deployment")) or "none"
        yield f"{_KEY}.name: there is no Deployment {backend.name!r} in namespace {space}; Deployments there: {there}"
    else:
        yield from _selector(backend, deployment)
        yield from _number(backend, deployment, found)
        yield from _owners(deployment)
        yield from _autoscalers(backend, found)
        yield from _budgets(backend, deployment, found)
        yield from _service(backend, deployment, found.one("Service", backend.name))
    others = [f"{kind} {name_of(one)}" for kind in _WORKLOADS for one in found.all(kind) if one is not deployment]
    if others and deployment:
        yield (
            f"namespace {space} also holds {', '.join(others[:5])}{' and more' if len(others) > 5 else ''}: it is to be the "
            "backend's alone, with network policies and limits for all that is in it: move them to another namespace first"
        )


def _selector(backend: BackendSettings, deployment: Object) -> Iterator[str]:
    chosen = deployment["spec"]["selector"]
    if chosen.get("matchExpressions"):
        yield (
            f"Deployment {backend.name} selects its pods by expressions, which it keeps for life: it cannot be taken over; "
            "release the backend under another name beside it"
        )
    elif (chosen.get("matchLabels") or {}) != backend.selector:
        labels = ", ".join(f"{key}: {value!r}" for key, value in sorted(chosen["matchLabels"].items()))
        yield (
            f"{_KEY}.selector: {backend.selector or 'left out'} is not what the running Deployment selects by, and that it "
            f"keeps for life: set it to {{{labels}}}"
        )


def _number(backend: BackendSettings, deployment: Object, found: Found) -> Iterator[str]:
    running = replicas(deployment)
    least = min((one["spec"].get("minReplicas", 1) for one in _scalers(backend, found)), default=running)
    if backend.replicas < least:
        yield (
            f"{_KEY}.replicas: {backend.replicas} is fewer than the {least} pods that always run now: raise it to {least}; "
            "it can be lowered after the take-over"
        )
    if backend.autoscaling.enabled and backend.max_replicas < running:
        yield (
            f"{_KEY}.autoscaling.maxReplicas: {backend.max_replicas} is fewer than the {running} pods that run now: raise "
            f"it to {running}"
        )


def _owners(deployment: Object) -> Iterator[str]:
    for manager in strangers(deployment, "spec", "template"):
        yield (
            f"Deployment {name_of(deployment)}: {manager!r} has set a part of its pods, which would stay beside ours: "
            "take it out of that tool, and hand its fields over (docs/take-over.md)"
        )


def _scalers(backend: BackendSettings, found: Found) -> list[Object]:
    targets = ((one, one["spec"]["scaleTargetRef"]) for one in found.all("HorizontalPodAutoscaler"))
    return [one for one, target in targets if (target["kind"], target["name"]) == ("Deployment", backend.name)]


def _autoscalers(backend: BackendSettings, found: Found) -> Iterator[str]:
    for one in _scalers(backend, found):
        if name_of(one) != backend.name:
            yield (
                f"HorizontalPodAutoscaler {name_of(one)} sets the number of pods too, and ours is named {backend.name}: "
                "delete it first; the number stays as it is"
            )
        elif not backend.autoscaling.enabled:
            yield (
                f"{_KEY}.autoscaling.enabled: false, and an autoscaler runs: leave it enabled for the take-over, or delete "
                f"HorizontalPodAutoscaler {backend.name} first"
            )


def _budgets(backend: BackendSettings, deployment: Object, found: Found) -> Iterator[str]:
    labels = labels_of_pods(deployment)
    for one in found.all("PodDisruptionBudget"):
        chosen = (one["spec"].get("selector") or {}).get("matchLabels") or {}
        if name_of(one) != backend.name and chosen.items() <= labels.items():
            yield (
                f"PodDisruptionBudget {name_of(one)} selects its pods too, and no pod that two select can be evicted: "
                "delete it first"
            )


def _service(backend: BackendSettings, deployment: Object, service: Object | None) -> Iterator[str]:
    if service is None:
        return
    name, spec = backend.name, service["spec"]
    if spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName":
        yield (
            f"Service {name} has no address of its own, and cannot become a load balancer in place: rename it, or "
            "delete it when nobody uses it"
        )
        return
    for port in spec.get("ports") or ():
        if port["port"] != backend.service_port:
            yield (
                f"{_KEY}.servicePort: {backend.service_port}, and clients use port {port['port']} of Service {name}: set it "
                "to that, or take that port away when nobody uses it"
            )
        elif (target := _target(port, deployment)) not in (None, backend.port):
            yield (
                f"{_KEY}.port: {backend.port} is not where the running pods listen: set it to {target}; it can be changed "
                "after the take-over"
            )


def _target(port: Object, deployment: Object) -> int | None:
    """The port of the pods that a Service's port leads to."""
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    named = [
        one
        for container in deployment["spec"]["template"]["spec"]["containers"]
        for one in container.get("ports") or ()
    ]
    return next((one["containerPort"] for one in named if one.get("name") == target), None)


def remarks(backend: BackendSettings, found: Found) -> Iterator[str]:
    """What its owner should know before the first `up`."""
    for kind in ("Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"):
        metadata = (found.one(kind, backend.name) or {}).get("metadata") or {}
        marks = {**(metadata.get("annotations") or {}), **(metadata.get("labels") or {})}
        for tool in sorted({tool for mark, tool in _TOOLS.items() if mark in marks}):
            yield (
                f"{kind} {backend.name} bears the mark of {tool}: take it out of there, or {tool} changes it back, or "
                "deletes it"
            )
    deployment = found.one("Deployment", backend.name) or {}
    labels = labels_of_pods(deployment)
    for one in found.all("Service"):
        chosen = (one.get("spec") or {}).get("selector")
        if name_of(one) != backend.name and chosen and chosen.items() <= labels.items():
            yield f"Service {name_of(one)} selects the same pods, and is left as it is"
    if not found.one("Service", backend.name):
        yield f"there is no Service {backend.name}: the first `up` makes one"
    ready, wanted = (deployment.get("status") or {}).get("availableReplicas") or 0, replicas(deployment)
    if ready < wanted:
        yield f"only {ready} of {wanted} pods are available"
