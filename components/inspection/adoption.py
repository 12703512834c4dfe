"""What prevents the adoption of a running backend.

Pure functions over the contents of a namespace: tests cover every case without a cluster.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import adoption as errors
from ..errors import tagged
from ..settings import BackendSettings
from . import adoption_service
from .namespace_contents import KINDS, NamespaceContents, Object, name_of, replica_count, template_labels
from .ownership import foreign_field_managers

_OTHER_WORKLOADS = ("StatefulSet", "DaemonSet", "CronJob")
_KEY = "ha-backend:backend"
_MAX_NAMES = 5


def objections(backend: BackendSettings, contents: NamespaceContents) -> Iterator[str]:
    """Yield everything that prevents an adoption, or makes it harmful, each with its remedy."""
    namespace = backend.namespace_name
    if contents.namespace is None and (backend.create_namespace or not contents.objects):
        yield tagged(
            f"{_KEY}.namespace: {namespace!r} does not exist on this cluster, or the account may not see it: set it to "
            "the namespace that the backend runs in",
            errors.NAMESPACE_MISSING,
        )
        return
    needed = [kind for kind in KINDS if backend.create_namespace or kind not in _OTHER_WORKLOADS]
    if hidden := sorted(set(needed) - set(contents.objects)):
        yield tagged(
            f"the account may not list {', '.join(hidden)} in namespace {namespace}, so their contents are unknown: "
            "grant that permission",
            errors.LIST_FORBIDDEN,
        )
    deployment = contents.one("Deployment", backend.name)
    if deployment is None:
        available = ", ".join(name_of(one) for one in contents.all("Deployment")) or "none"
        yield tagged(
            f"{_KEY}.name: {backend.name!r} is not a Deployment in namespace {namespace}: use one of its Deployments: "
            f"{available}",
            errors.DEPLOYMENT_MISSING,
        )
    else:
        yield from _selector(backend, deployment)
        yield from _replicas(backend, deployment, contents)
        yield from _field_managers(deployment)
        yield from _autoscalers(backend, contents)
        yield from _disruption_budgets(backend, deployment, contents)
        yield from adoption_service.objections(backend, deployment, contents.one("Service", backend.name))
    others = [
        f"{kind} {name_of(one)}"
        for kind in ("Deployment", *_OTHER_WORKLOADS)
        for one in contents.all(kind)
        if one is not deployment
    ]
    if others and deployment and backend.create_namespace:
        yield tagged(
            f"namespace {namespace} also contains "
            f"{', '.join(others[:_MAX_NAMES])}{' and more' if len(others) > _MAX_NAMES else ''}, but it becomes the "
            "backend's own, with network policies and limits for everything in it: set createNamespace: false to leave "
            "the namespace as it is, or move them to another namespace first",
            errors.NAMESPACE_SHARED,
        )


def _selector(backend: BackendSettings, deployment: Object) -> Iterator[str]:
    selector = deployment["spec"]["selector"]
    if selector.get("matchExpressions"):
        yield tagged(
            f"Deployment {backend.name} selects its pods by expressions, and a selector is immutable: deploy the "
            "backend under another name next to it",
            errors.SELECTOR_DIFFERS,
        )
    elif (selector.get("matchLabels") or {}) != backend.selector:
        labels = ", ".join(f"{key}: {value!r}" for key, value in sorted(selector["matchLabels"].items()))
        yield tagged(
            f"{_KEY}.selector: {backend.selector or 'unset'} differs from the selector of the running Deployment, "
            f"which is immutable: set it to {{{labels}}}",
            errors.SELECTOR_DIFFERS,
        )


def _replicas(backend: BackendSettings, deployment: Object, contents: NamespaceContents) -> Iterator[str]:
    running = replica_count(deployment)
    least = min((one["spec"].get("minReplicas", 1) for one in _scalers(backend, contents)), default=running)
    if backend.replicas < least:
        yield tagged(
            f"{_KEY}.replicas: {backend.replicas} is fewer than the {least} pods that always run now: raise it to "
            f"{least} (you can lower it after the adoption)",
            errors.CAPACITY_REDUCED,
        )
    if backend.autoscaling.enabled and backend.max_replicas < running:
        yield tagged(
            f"{_KEY}.autoscaling.maxReplicas: {backend.max_replicas} is fewer than the {running} pods that run now: "
            f"raise it to {running}",
            errors.CAPACITY_REDUCED,
        )


def _field_managers(deployment: Object) -> Iterator[str]:
    for manager in foreign_field_managers(deployment, "spec", "template"):
        yield tagged(
            f"Deployment {name_of(deployment)}: the field manager {manager!r} owns fields of its pod template, which "
            "would stay next to the settings' own: remove the Deployment from that tool, and transfer its fields "
            "(docs/how-to/adopt.md)",
            errors.FOREIGN_MANAGER,
        )


def _scalers(backend: BackendSettings, contents: NamespaceContents) -> list[Object]:
    targets = ((one, one["spec"]["scaleTargetRef"]) for one in contents.all("HorizontalPodAutoscaler"))
    return [one for one, target in targets if (target["kind"], target["name"]) == ("Deployment", backend.name)]


def _autoscalers(backend: BackendSettings, contents: NamespaceContents) -> Iterator[str]:
    if backend.autoscaling.replicas_owner == "other":
        return
    for one in _scalers(backend, contents):
        if name_of(one) != backend.name:
            yield tagged(
                f"HorizontalPodAutoscaler {name_of(one)} sets the replica count, too, and the backend's own is named "
                f"{backend.name}: delete it first (the replica count stays as it is)",
                errors.SECOND_AUTOSCALER,
            )
        elif not backend.autoscaling.enabled:
            yield tagged(
                f"{_KEY}.autoscaling.enabled: false, but an autoscaler runs: set it to true for the adoption, or "
                f"delete HorizontalPodAutoscaler {backend.name} first",
                errors.SECOND_AUTOSCALER,
            )


def _disruption_budgets(backend: BackendSettings, deployment: Object, contents: NamespaceContents) -> Iterator[str]:
    labels = template_labels(deployment)
    for one in contents.all("PodDisruptionBudget"):
        selected = (one["spec"].get("selector") or {}).get("matchLabels") or {}
        if name_of(one) != backend.name and selected.items() <= labels.items():
            yield tagged(
                f"PodDisruptionBudget {name_of(one)} selects the same pods, and a pod that two budgets select cannot "
                "be evicted: delete it first",
                errors.SECOND_BUDGET,
            )
