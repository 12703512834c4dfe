"""Everything about pod template overrides that is rejected on any cluster. All of it is reported at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import settings as errors
from ..conflict import Conflict
from . import containers, fields, pod_security, reader, scheduling, volumes

if TYPE_CHECKING:
    from ..backend import BackendSettings

# The keys by which Kubernetes merges lists (patchMergeKey of k8s.io/api). They must be unique in a list.
_MERGE_KEYS = {
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
    """Yield every conflict. Keys are relative to the backend."""
    template = backend.pod_template
    if not template:
        if backend.health.init_seconds:
            yield from containers.conflicts(backend)
        return
    for field, value in (template.get("metadata") or {}).items():
        if field not in fields.METADATA:
            rejection = fields.REJECTED_METADATA.get(field, fields.NOT_FOR_PODS)
            yield Conflict(f"podTemplate.metadata.{field}", value, rejection.text, kind=rejection.kind)
    for field, value in reader.pod_spec(template).items():
        if field not in fields.POD:
            rejection = fields.REJECTED_POD.get(field, fields.NEWER)
            yield Conflict(f"podTemplate.spec.{field}", value, rejection.text, kind=rejection.kind)
    yield from _duplicates("podTemplate.spec", reader.pod_spec(template))
    yield from containers.conflicts(backend)
    yield from pod_security.conflicts(template)
    yield from volumes.conflicts(backend)
    yield from scheduling.conflicts(backend)


def _duplicates(key: str, group: Mapping[str, Any]) -> Iterator[Conflict]:
    for field, entries in group.items():
        if field in ("containers", "initContainers"):
            for number, entry in enumerate(entries):
                yield from _duplicates(f"{key}.{field}[{number}]", entry)
        seen = set()
        for number, entry in enumerate(entries if field in _MERGE_KEYS else ()):
            value = entry.get(_MERGE_KEYS[field])
            if value in seen:
                yield Conflict(
                    f"{key}.{field}[{number}].{_MERGE_KEYS[field]}",
                    value,
                    "occurs more than once, and Kubernetes merges such entries: combine them into one",
                    kind=errors.DUPLICATE_ENTRY,
                )
            seen.add(value)
