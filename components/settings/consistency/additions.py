"""Rules about files, shared environments and further objects: what they refer to exists, and nothing exists twice."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions, overrides
from ...errors import settings as errors
from ..backend import BackendSettings
from ..conflict import Conflict
from ..pod_template import reader

_CONFIG_MAP_BYTES = 1_048_576
# The kinds of which the component makes an object with the backend's name.
_OWN_KINDS = {
    "Deployment",
    "HorizontalPodAutoscaler",
    "HTTPRoute",
    "Ingress",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Role",
    "RoleBinding",
    "ScaledObject",
    "Service",
    "ServiceAccount",
}


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield the conflicts of files, of shared environments and of further objects."""
    total = sum(len(content.encode(errors="surrogatepass")) for content in backend.files.values())
    if total > _CONFIG_MAP_BYTES:
        yield Conflict(
            "files",
            total,
            f"bytes exceed the limit of a ConfigMap, {_CONFIG_MAP_BYTES}: shorten them, or mount a volume",
            kind=contradictions.ENVIRONMENT_TOO_LARGE,
        )
    key, own = reader.own_container(backend.pod_template)
    for number, mount in enumerate(own.get("volumeMounts") or ()):
        if mount["mountPath"].rstrip("/") in backend.files:
            yield Conflict(
                f"{key}.volumeMounts[{number}].mountPath",
                mount["mountPath"],
                "is also in files: mount each path once",
                ("files",),
                kind=errors.DUPLICATE_ENTRY,
            )
    added = [each.spec["name"] for each in reader.added_containers(backend.pod_template)]
    remedy = f"use one of {', '.join(added)}" if added else "omit it"
    for number, name in enumerate(backend.share_environment):
        if name not in added:
            yield Conflict(
                f"shareEnvironment[{number}]",
                name,
                f"is no container of podTemplate: {remedy}",
                ("podTemplate",),
                kind=errors.NO_EFFECT,
            )
    yield from _objects(backend)


def _objects(backend: BackendSettings) -> Iterator[Conflict]:
    seen: dict[tuple[str, str, str], int] = {}
    for number, manifest in enumerate(backend.extra_objects):
        kind, metadata = manifest["kind"], manifest["metadata"]
        identity = (kind, metadata.get("namespace") or backend.namespace_name, metadata["name"])
        if kind in _OWN_KINDS and identity[1:] == (backend.namespace_name, backend.name):
            yield Conflict(
                f"extraObjects[{number}].metadata.name",
                metadata["name"],
                f"is the name of the backend's own {kind}: choose another, or change that one through its settings or "
                "overrides",
                ("name", "namespace"),
                kind=overrides.RESERVED_NAME,
            )
        elif identity in seen:
            yield Conflict(
                f"extraObjects[{number}].metadata.name",
                metadata["name"],
                f"is also the name of extraObjects[{seen[identity]}]: list each object once",
                kind=errors.DUPLICATE_ENTRY,
            )
        seen.setdefault(identity, number)
