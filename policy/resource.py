"""A Kubernetes object of a Pulumi program, and the pods that it creates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policy.known import UNKNOWN, Unclear, entries, get, group, listed, text

_TOKEN = "kubernetes:"  # noqa: S105 (a type token)
REPLICATED = ("Deployment", "StatefulSet")  # kinds that serve with several identical pods
SERVING = (*REPLICATED, "DaemonSet", "ReplicaSet", "ReplicationController", "Pod")
COMPLETING = ("Job", "CronJob")  # pods that run to completion and serve nothing
WORKLOADS = (*SERVING, *COMPLETING)


@dataclass(frozen=True)
class Resource:
    """One object: plain dicts with Kubernetes' keys. Values may be UNKNOWN."""

    type: str
    name: str  # its name in the program
    urn: str
    props: Any
    # The paths of ignoreChanges; None if they are not known, as in a plain manifest.
    ignored: tuple[str, ...] | None = None
    provider: Any = None  # the inputs of its provider
    managed: bool = True  # by this program; other resources are only read
    cluster: str = ""  # the URN of its provider: one program may use several clusters

    @property
    def kind(self) -> str:
        """Deployment, Service, ...; empty if it is not a whole Kubernetes object."""
        kind = self.type.rpartition(":")[2]
        return "" if not self.type.startswith(_TOKEN) or kind.endswith("Patch") else kind

    @property
    def api_version(self) -> str:
        """The API version, such as apps/v1."""
        return self.type.removeprefix(_TOKEN).rpartition(":")[0]

    @property
    def group(self) -> str:
        """The API group, such as apps."""
        return self.api_version.partition("/")[0]

    @property
    def object_name(self) -> str:
        """Its name in Kubernetes, empty if the provider generates it. Raises Unclear if it is unknown."""
        return text(self.props, "metadata", "name")

    @property
    def namespace(self) -> str:
        """Its namespace. Raises Unclear if it is unknown."""
        return text(self.props, "metadata", "namespace") or "default"

    def get(self, *path: str) -> Any:
        """Return the value at a path. Raises Unclear."""
        return get(self.props, *path)

    def entries(self, *path: str) -> list[Any]:
        """Return the list at a path, empty if it is unset. Raises Unclear."""
        return entries(self.props, *path)


def template(resource: Resource) -> Any:
    """Return its pod template, metadata and spec. None if it creates no pods."""
    if resource.kind == "Pod":
        return resource.props
    if resource.kind == "CronJob":
        return resource.get("spec", "jobTemplate", "spec", "template")
    return resource.get("spec", "template") if resource.kind in WORKLOADS else None


def template_path(resource: Resource) -> str:
    """Return the path of the pod spec, for messages."""
    return {"Pod": "spec", "CronJob": "spec.jobTemplate.spec.template.spec"}.get(resource.kind, "spec.template.spec")


def pod(resource: Resource) -> Any:
    """Return the pod spec, None if there is none."""
    return get(template(resource), "spec")


def labels(resource: Resource) -> Mapping[str, Any]:
    """Return the labels of its pods."""
    return group(template(resource), "metadata", "labels")


@dataclass(frozen=True)
class Container:
    """One container, and its path in the object."""

    path: str
    spec: Any

    def get(self, *path: str) -> Any:
        """Return the value at a path. Raises Unclear."""
        return get(self.spec, *path)

    def entries(self, *path: str) -> list[Any]:
        """Return the list at a path, empty if it is unset. Raises Unclear."""
        return entries(self.spec, *path)


def containers(resource: Resource, *, init: bool = False) -> Iterator[Container]:
    """Yield the containers that run as long as the pod, sidecars included; with ``init`` all init containers too.

    Skips unknown containers. Raises Unclear if the whole list is unknown.
    """
    spec = pod(resource)
    for key in ("initContainers", "containers"):
        for index, container in enumerate(listed(spec, key)):
            if container is UNKNOWN:
                continue
            runs = key == "containers" or init or _is_sidecar(container)
            if runs:
                yield Container(f"{template_path(resource)}.{key}[{_display_name(container, index)}]", container)


def all_containers(resource: Resource) -> list[Container]:
    """Return the containers that run as long as the pod. Raises Unclear if one of them is unknown."""
    entries(pod(resource), "containers")
    return list(containers(resource))


def port_names(resource: Resource) -> set[str]:
    """Return the names of all ports of its pods. Raises Unclear if one is unknown."""
    ports = [port for container in all_containers(resource) for port in container.entries("ports")]
    return {name for port in ports if (name := text(port, "name"))}


def _is_sidecar(container: Any) -> bool:
    try:
        return bool(get(container, "restartPolicy") == "Always")
    except Unclear:
        return False


def _display_name(container: Any, index: int) -> str:
    try:
        return text(container, "name") or str(index)
    except Unclear:
        return str(index)
