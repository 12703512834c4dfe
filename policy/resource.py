"""A Kubernetes object of a Pulumi program, and the pods that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policy.known import UNKNOWN, Unclear, entries, get, group, listed, text

_TOKEN = "kubernetes:"  # noqa: S105 (the kind of token that names a type)
REPLICATED = ("Deployment", "StatefulSet")  # kinds that serve with a number of like pods
SERVING = (*REPLICATED, "DaemonSet", "ReplicaSet", "ReplicationController", "Pod")
ENDING = ("Job", "CronJob")  # pods that come to an end and serve nothing
POD_MAKING = (*SERVING, *ENDING)


@dataclass(frozen=True)
class Resource:
    """One object, in the form in which it goes over the wire: plain dicts with the keys of Kubernetes, UNKNOWN among them."""

    type: str
    name: str  # the program's own name for it
    urn: str
    props: Any
    # What the engine is told not to compare; None where nobody can say, as in a plain manifest.
    ignored: tuple[str, ...] | None = None
    provider: Any = None  # what its provider was made from
    managed: bool = True  # by this program; others are only looked at
    cluster: str = ""  # the URN of its provider: one program may be on several clusters

    @property
    def kind(self) -> str:
        """Deployment, Service, ...; empty for what is no whole Kubernetes object."""
        kind = self.type.rpartition(":")[2]
        return "" if not self.type.startswith(_TOKEN) or kind.endswith("Patch") else kind

    @property
    def api_version(self) -> str:
        """Such as apps/v1."""
        return self.type.removeprefix(_TOKEN).rpartition(":")[0]

    @property
    def group(self) -> str:
        """Such as apps."""
        return self.api_version.partition("/")[0]

    @property
    def object_name(self) -> str:
        """Its name in Kubernetes, empty where that is made up. Raises Unclear where it is not known."""
        return text(self.props, "metadata", "name")

    @property
    def namespace(self) -> str:
        """Raises Unclear where it is not known."""
        return text(self.props, "metadata", "namespace") or "default"

    def get(self, *path: str) -> Any:
        """What is at a path of it; raises Unclear."""
        return get(self.props, *path)

    def entries(self, *path: str) -> list[Any]:
        """The list at a path of it, empty where it is left out; raises Unclear."""
        return entries(self.props, *path)


def template(resource: Resource) -> Any:
    """What its pods are made from: metadata and spec. None where it makes none."""
    if resource.kind == "Pod":
        return resource.props
    if resource.kind == "CronJob":
        return resource.get("spec", "jobTemplate", "spec", "template")
    return resource.get("spec", "template") if resource.kind in POD_MAKING else None


def template_path(resource: Resource) -> str:
    """Where the pod's spec is, for messages."""
    return {"Pod": "spec", "CronJob": "spec.jobTemplate.spec.template.spec"}.get(resource.kind, "spec.template.spec")


def pod(resource: Resource) -> Any:
    """The pod's spec, None where there is none."""
    return get(template(resource), "spec")


def labels(resource: Resource) -> Mapping[str, Any]:
    """The labels of its pods."""
    return group(template(resource), "metadata", "labels")


@dataclass(frozen=True)
class Container:
    """One container, and where it is."""

    path: str
    spec: Any

    def get(self, *path: str) -> Any:
        """What is at a path of it; raises Unclear."""
        return get(self.spec, *path)

    def entries(self, *path: str) -> list[Any]:
        """The list at a path of it, empty where it is left out; raises Unclear."""
        return entries(self.spec, *path)


def containers(resource: Resource, *, also_before: bool = False) -> Iterator[Container]:
    """Those that run as long as the pod does, sidecars that start first included; ``also_before`` all that run before as well.

    One that is not known is left out. Raises Unclear where nothing of them is known.
    """
    spec = pod(resource)
    for key in ("initContainers", "containers"):
        for index, container in enumerate(listed(spec, key)):
            if container is UNKNOWN:
                continue
            lasting = key == "containers" or also_before or _lasting(container)
            if lasting:
                yield Container(f"{template_path(resource)}.{key}[{_called(container, index)}]", container)


def all_containers(resource: Resource) -> list[Container]:
    """Those that run as long as the pod does. Raises Unclear where one of them is not known: for what none of them has."""
    entries(pod(resource), "containers")
    return list(containers(resource))


def port_names(resource: Resource) -> set[str]:
    """The names of all ports of its pods. Raises Unclear where one is not known."""
    ports = [port for container in all_containers(resource) for port in container.entries("ports")]
    return {name for port in ports if (name := text(port, "name"))}


def _lasting(container: Any) -> bool:
    try:
        return bool(get(container, "restartPolicy") == "Always")
    except Unclear:
        return False


def _called(container: Any, index: int) -> str:
    try:
        return text(container, "name") or str(index)
    except Unclear:
        return str(index)
