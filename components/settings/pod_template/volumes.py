"""The volumes of the pod: what may be added, where it is mounted, and that it ties no pod to a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..conflict import Conflict
from ..quantity import amount
from . import fields, reader

if TYPE_CHECKING:
    from ..backend import BackendSettings

TMP, TMP_PATH = "tmp", "/tmp"  # noqa: S108 (the pod's own volume)
_UNSERVED = ("clusterTrustBundle", "podCertificate")


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """What of the volumes and their mounts is refused."""
    template = backend.pod_template
    for key, volume in reader.volumes(template):
        yield from _kind(key, volume)
        if volume["name"] == TMP:
            yield Conflict(
                f"{key}.name",
                TMP,
                "is the backend's own, at /tmp: set resources.tmpSizeLimit, or choose another name",
            )
        if "emptyDir" in volume:
            yield from _empty(backend, key, volume["emptyDir"])
        for number, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            for field in _UNSERVED:
                if field in source:
                    yield Conflict(
                        f"{key}.projected.sources[{number}].{field}",
                        source[field],
                        "is dropped by clusters at their defaults: leave it out",
                    )
    yield from _mounts(backend)
    for number, claim in enumerate(reader.pod(template).get("resourceClaims") or ()):
        if "resourceClaimName" in claim:
            yield Conflict(
                f"podTemplate.spec.resourceClaims[{number}].resourceClaimName",
                claim["resourceClaimName"],
                "is "
                "one device for all pods, and ties them to its node: set resourceClaimTemplateName, so that each "
                "has its own",
            )


def _kind(key: str, volume: Mapping[str, Any]) -> Iterator[Conflict]:
    kinds = [kind for kind in volume if kind != "name"]
    for kind in kinds:
        if kind not in fields.VOLUMES:
            tied = ", and ties pods to the node that has it" if kind == "hostPath" else ""
            yield Conflict(
                f"{key}.{kind}",
                volume[kind],
                f"is forbidden by Pod Security's restricted level{tied}; right would "
                f"be one of: {', '.join(sorted(fields.VOLUMES))}",
            )
    if len(kinds) != 1:
        yield Conflict(
            key,
            dict(volume),
            f"must name one kind of volume, for example emptyDir; it names {', '.join(kinds) or 'none'}",
        )


def _empty(backend: BackendSettings, key: str, empty: Mapping[str, Any]) -> Iterator[Conflict]:
    told, medium = empty.get("sizeLimit"), empty.get("medium", "")
    if medium not in ("", "Memory"):
        yield Conflict(
            f"{key}.emptyDir.medium", medium, "is nothing that every node has: set it to Memory, or leave it out"
        )
    if told is None:
        yield Conflict(
            f"{key}.emptyDir",
            dict(empty),
            "has no sizeLimit, and a pod is evicted for what nobody has counted: "
            "say how much it may hold, for example 64Mi",
        )
        return
    try:
        size = amount(told)
    except ValueError:
        yield Conflict(f"{key}.emptyDir.sizeLimit", told, "is not a quantity; right would be, for example, 64Mi")
        return
    if medium == "Memory" and size >= amount(backend.resources.limits.memory):
        yield Conflict(
            f"{key}.emptyDir.sizeLimit",
            told,
            "is in memory, and counts against resources.limits.memory "
            f"({backend.resources.limits.memory}): filled, it would get the backend killed: lower it, or raise that",
            ("resources.limits.memory", "resources.limits"),
        )


def _mounts(backend: BackendSettings) -> Iterator[Conflict]:
    template = backend.pod_template
    there = [TMP, *(volume["name"] for _, volume in reader.volumes(template))]
    key, own = reader.own(template)
    for where, spec in ((key, own), *((added.key, added.spec) for added in reader.beside(template))):
        for kind, path in (("volumeMounts", "mountPath"), ("volumeDevices", "devicePath")):
            for number, mount in enumerate(spec.get(kind) or ()):
                if mount["name"] not in there:
                    yield Conflict(
                        f"{where}.{kind}[{number}].name",
                        mount["name"],
                        f"is no volume; there are: {', '.join(there)}: add it to podTemplate.spec.volumes",
                    )
                if where == key and kind == "volumeMounts" and mount[path].rstrip("/") in ("", TMP_PATH):
                    yield Conflict(
                        f"{where}.{kind}[{number}].{path}",
                        mount[path],
                        "is where the backend's own files are, or "
                        "its volume tmp: choose another path; for more room in /tmp set resources.tmpSizeLimit",
                    )
