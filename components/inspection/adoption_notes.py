"""What the owner of a running backend should know before the first `up` after its adoption."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..settings import BackendSettings
from .namespace_contents import NamespaceContents, Object, name_of, replica_count, template_labels

# Annotations and labels that other tools set on the objects they manage.
_TOOLS = {
    "meta.helm.sh/release-name": "Helm",
    "argocd.argoproj.io/tracking-id": "Argo CD",
    "argocd.argoproj.io/instance": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}


def tools(objects: Iterable[Object]) -> Iterator[str]:
    """Yield the objects that other tools manage."""
    for one in objects:
        metadata = one["metadata"]
        marks = {**(metadata.get("annotations") or {}), **(metadata.get("labels") or {})}
        for tool in sorted({tool for mark, tool in _TOOLS.items() if mark in marks}):
            yield (
                f"{one['kind']} {name_of(one)} is managed by {tool}: remove it from {tool}, which otherwise reverts or "
                "deletes it"
            )


def notes(backend: BackendSettings, contents: NamespaceContents) -> Iterator[str]:
    """Yield Services that stay as they are, and pods that are not available."""
    deployment = contents.one("Deployment", backend.name) or {}
    labels = template_labels(deployment)
    for service in contents.all("Service"):
        selector = (service.get("spec") or {}).get("selector")
        if name_of(service) != backend.name and selector and selector.items() <= labels.items():
            yield f"Service {name_of(service)} selects the same pods and stays as it is"
    if not contents.one("Service", backend.name):
        yield f"Service {backend.name} does not exist: the first `up` creates it"
    available, desired = (deployment.get("status") or {}).get("availableReplicas") or 0, replica_count(deployment)
    if available < desired:
        yield f"only {available} of {desired} pods are available"
