"""Rules about volumes: their types and sizes, where they are mounted, and that none ties all pods to one node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import overrides
from ...errors import settings as errors
from ..conflict import Conflict
from ..quantity import amount
from . import fields, reader

if TYPE_CHECKING:
    from ..backend import BackendSettings

TMP, TMP_PATH = "tmp", "/tmp"  # noqa: S108 (the pod's own volume)
# Sources of a projected volume behind feature gates that are off by default.
_GATED = ("clusterTrustBundle", "podCertificate")


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield every conflict of the volumes and their mounts. Keys are relative to the backend."""
    template = backend.pod_template
    for key, volume in reader.volumes(template):
        yield from _source(key, volume)
        if volume["name"] == TMP:
            yield Conflict(
                f"{key}.name",
                TMP,
                "is the backend's own volume at /tmp: set resources.tmpSizeLimit, or choose another name",
                kind=overrides.RESERVED_NAME,
            )
        if "emptyDir" in volume:
            yield from _empty_dir(backend, key, volume["emptyDir"])
        for number, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            for field in _GATED:
                if field in source:
                    yield Conflict(
                        f"{key}.projected.sources[{number}].{field}",
                        source[field],
                        "is dropped by clusters with default feature gates: omit it",
                        kind=overrides.FIELD_DROPPED,
                    )
    yield from _mounts(backend)
    for number, claim in enumerate(reader.pod_spec(template).get("resourceClaims") or ()):
        if "resourceClaimName" in claim:
            yield Conflict(
                f"podTemplate.spec.resourceClaims[{number}].resourceClaimName",
                claim["resourceClaimName"],
                "is one device for all pods, which ties them to its node: set resourceClaimTemplateName, so that each "
                "pod has its own",
                kind=overrides.SHARED_RESOURCE_CLAIM,
            )


def _source(key: str, volume: Mapping[str, Any]) -> Iterator[Conflict]:
    sources = [source for source in volume if source != "name"]
    for source in sources:
        if source not in fields.VOLUMES:
            tied = ", and ties pods to one node" if source == "hostPath" else ""
            yield Conflict(
                f"{key}.{source}",
                volume[source],
                f"is forbidden by the Pod Security Standard restricted{tied}: use one of "
                f"{', '.join(sorted(fields.VOLUMES))}",
                kind=overrides.POD_SECURITY,
            )
    if len(sources) != 1:
        yield Conflict(
            key,
            dict(volume),
            f"must have exactly one source, and has {', '.join(sources) or 'none'}: set one, for example emptyDir",
            kind=overrides.VOLUME_SOURCE,
        )


def _empty_dir(backend: BackendSettings, key: str, empty_dir: Mapping[str, Any]) -> Iterator[Conflict]:
    limit, medium = empty_dir.get("sizeLimit"), empty_dir.get("medium", "")
    if medium not in ("", "Memory"):
        yield Conflict(
            f"{key}.emptyDir.medium",
            medium,
            "is not available on every node: set it to Memory, or omit it",
            kind=errors.INVALID_CHOICE,
        )
    if limit is None:
        if medium != "Memory" and backend.resources.tmp_size_limit is None:
            return
        yield Conflict(
            f"{key}.emptyDir",
            dict(empty_dir),
            "has no sizeLimit, and a pod that uses more storage than it requests is evicted: set it, for example to "
            "64Mi, or set resources.tmpSizeLimit to null, and no storage is requested",
            ("resources.tmpSizeLimit",),
            kind=overrides.VOLUME_WITHOUT_LIMIT,
        )
        return
    try:
        size = amount(limit)
    except ValueError:
        yield Conflict(
            f"{key}.emptyDir.sizeLimit",
            limit,
            "is not a quantity: use, for example, 64Mi",
            kind=errors.INVALID_FORMAT,
        )
        return
    memory = backend.resources.limits.memory
    if medium == "Memory" and memory is not None and size >= amount(memory):
        yield Conflict(
            f"{key}.emptyDir.sizeLimit",
            limit,
            f"counts against resources.limits.memory ({memory}), and a full volume would get the backend killed: lower "
            "it, or raise the limit",
            ("resources.limits.memory", "resources.limits"),
            kind=overrides.MEMORY_VOLUME_TOO_LARGE,
        )


def _mounts(backend: BackendSettings) -> Iterator[Conflict]:
    template = backend.pod_template
    names = [TMP, *(volume["name"] for _, volume in reader.volumes(template))]
    own_key, own = reader.own_container(template)
    for container, spec in ((own_key, own), *((c.key, c.spec) for c in reader.added_containers(template))):
        for kind, path in (("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")):
            for number, mount in enumerate(spec.get(kind) or ()):
                key = f"{container}.{kind}[{number}]"
                if mount["name"] not in names:
                    yield Conflict(
                        f"{key}.name",
                        mount["name"],
                        f"is not a volume of the pod ({', '.join(names)}): use one of them, or add it to "
                        "podTemplate.spec.volumes",
                        kind=overrides.UNKNOWN_VOLUME,
                    )
                if container == own_key and kind == "volumeMounts" and mount[path].rstrip("/") in ("", TMP_PATH):
                    yield Conflict(
                        f"{key}.{path}",
                        mount[path],
                        "would hide the backend's files or its own /tmp: choose another path, or set "
                        "resources.tmpSizeLimit for more space in /tmp",
                        kind=overrides.RESERVED_NAME,
                    )
