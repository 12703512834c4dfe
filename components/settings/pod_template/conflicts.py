"""Everything of what is added to the pod that is refused, whatever the cluster: all of it is told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..conflict import Conflict
from . import containers, fields, pod_security, reader, scheduling, volumes

if TYPE_CHECKING:
    from ..backend import BackendSettings

# The fields by which Kubernetes merges lists (patchMergeKey of k8s.io/api): one entry for each value.
_MERGED_BY = {
    "containers": "name",
    "volumes": "name",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "resourceClaims": "name",
    "env": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
}


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Keys are relative to the backend."""
    template = backend.pod_template
    if not template:
        if backend.health.init_seconds:
            yield from containers.conflicts(backend)
        return
    for field, value in (template.get("metadata") or {}).items():
        if field not in fields.METADATA:
            yield Conflict(
                f"podTemplate.metadata.{field}",
                value,
                fields.NOT_METADATA.get(field, "is not for pods that a Deployment makes: leave it out"),
            )
    for field, value in reader.pod(template).items():
        if field not in fields.POD:
            yield Conflict(
                f"podTemplate.spec.{field}",
                value,
                fields.NOT_POD.get(field, "is newer than what is known here: leave it out"),
            )
    yield from _twice("podTemplate.spec", reader.pod(template))
    yield from containers.conflicts(backend)
    yield from pod_security.conflicts(template)
    yield from volumes.conflicts(backend)
    yield from scheduling.conflicts(backend)


def _twice(key: str, group: Mapping[str, Any]) -> Iterator[Conflict]:
    for field, entries in group.items():
        if field in ("containers", "initContainers"):
            for number, entry in enumerate(entries):
                yield from _twice(f"{key}.{field}[{number}]", entry)
        seen = set()
        for number, entry in enumerate(entries if field in _MERGED_BY else ()):
            value = entry.get(_MERGED_BY[field])
            if value in seen:
                yield Conflict(
                    f"{key}.{field}[{number}].{_MERGED_BY[field]}",
                    value,
                    "is there more than once: Kubernetes merges such entries by it: make one of them",
                )
            seen.add(value)
