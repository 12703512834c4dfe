"""Convert volumes: references to ConfigMaps and Secrets stay, and each emptyDir gets a size limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ops.convert import errors
from ops.convert.notes import Notes
from ops.convert.objects import entries

_TMP, _TMP_PATH = "tmp", "/tmp"  # noqa: S108 (the pod's own volume)
_SIZE = "256Mi"
_PROMISE = "a pod that fills its disk does not take others with it: only a pod above its own limit is evicted"


@dataclass(frozen=True)
class Volumes:
    """The volumes of a pod, and the name of each in a stack, by its name in the manifest."""

    listed: list[dict[str, Any]]
    names: dict[str, str]
    at_tmp: str | None
    """The emptyDir at /tmp, which the component makes itself."""
    tmp_size: str | None

    def mounts(self, container: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the mounts of a container."""
        return [
            {**each, "name": self.names.get(each["name"], each["name"])}
            for each in entries(container.get("volumeMounts"))
        ]

    def own_mounts(self, container: dict[str, Any], notes: Notes) -> list[dict[str, Any]]:
        """Return the mounts of the backend's container, without the one that the component makes."""
        mounts = []
        for each in self.mounts(container):
            at_tmp = str(each.get("mountPath", "")).rstrip("/") == _TMP_PATH
            if at_tmp and each["name"] == _TMP and self.at_tmp and "subPath" not in each:
                continue
            if at_tmp:
                notes.impossible(
                    "Deployment",
                    "spec.template.spec.containers[backend].volumeMounts[/tmp]",
                    f"volume {each['name']} is mounted at /tmp",
                    errors.VOLUME_AT_TMP,
                    _PROMISE,
                )
            mounts.append(each)
        return mounts


def volumes(pod: dict[str, Any], container: dict[str, Any], claims: list[str], notes: Notes) -> Volumes:
    """Return the volumes of a pod. ``claims``: those that a single node can mount."""
    listed = list(entries(pod.get("volumes")))
    at_tmp = _at_tmp(listed, container)
    names = {one["name"]: one["name"] for one in listed}
    if _TMP in names:
        names[_TMP] = "tmp-2"
    size = next(((one["emptyDir"] or {}).get("sizeLimit") for one in listed if one["name"] == at_tmp), None)
    # Without either, the pod requests no disk space, and its volumes need no limit.
    limited = size is not None or "ephemeral-storage" in ((container.get("resources") or {}).get("limits") or {})
    result: list[dict[str, Any]] = []
    for one in listed:
        path = f"spec.template.spec.volumes[{one['name']}]"
        if one["name"] == at_tmp:
            names[one["name"]] = _TMP
            notes.renamed("Deployment", path, "the emptyDir at /tmp is the component's own (resources.tmpSizeLimit)")
            continue
        if names[one["name"]] != one["name"]:
            notes.renamed("Deployment", path, f"volume {one['name']} is named {names[one['name']]}")
        named = {**one, "name": names[one["name"]]}
        result.append(_volume(named, path, len(result), claims, notes, limited=limited))
    return Volumes(result, names, at_tmp, size)


def _at_tmp(listed: list[dict[str, Any]], container: dict[str, Any]) -> str | None:
    empty = {one["name"] for one in listed if "emptyDir" in one}
    for mount in entries(container.get("volumeMounts")):
        if (
            str(mount.get("mountPath", "")).rstrip("/") == _TMP_PATH
            and mount["name"] in empty
            and "subPath" not in mount
        ):
            return str(mount["name"])
    return None


def _volume(
    one: dict[str, Any], path: str, number: int, claims: list[str], notes: Notes, *, limited: bool
) -> dict[str, Any]:
    if set(one) == {"name"}:
        one = {**one, "emptyDir": {}}  # what the API server makes of it
    if "hostPath" in one:
        notes.impossible(
            "Deployment",
            path,
            f"mounts {(one['hostPath'] or {}).get('path')} of the node",
            errors.POD_NEEDS_HOST,
            "pods run on any node, and do not reach its files",
        )
    claim = (one.get("persistentVolumeClaim") or {}).get("claimName")
    if claim in claims:
        notes.impossible(
            "Deployment",
            path,
            f"claim {claim} can be mounted on one node only, and all pods mount it",
            errors.VOLUME_ON_ONE_NODE,
            "the loss of a node is survived",
        )
    medium = (one.get("emptyDir") or {}).get("medium")
    if "emptyDir" in one and "sizeLimit" not in (one["emptyDir"] or {}) and (limited or medium == "Memory"):
        size = "64Mi" if medium == "Memory" else _SIZE
        notes.ask(
            f"podTemplate.spec.volumes[{number}].emptyDir.sizeLimit",
            "The manifest states no limit. A pod that writes more is evicted.",
        )
        notes.changed(
            "Deployment", f"{path}.emptyDir.sizeLimit", f"there is no limit: {size} is a placeholder", _PROMISE
        )
        return {**one, "emptyDir": {**(one["emptyDir"] or {}), "sizeLimit": size}}
    return one
