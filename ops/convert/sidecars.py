"""Convert the containers that start before the backend: init containers, and sidecars, which stop after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from components.settings.pod_template.hooks import sleep_seconds
from ops.convert.environment import without_secrets
from ops.convert.images import image
from ops.convert.notes import Notes
from ops.convert.objects import entries, pod_spec
from ops.convert.ports import Ports
from ops.convert.privileges import security_context
from ops.convert.volumes import Volumes
from ops.convert.workload import Workload

_PATH = "spec.template.spec"
_PROBES, _ACTIONS = ("startupProbe", "readinessProbe", "livenessProbe"), ("httpGet", "tcpSocket")


@dataclass(frozen=True)
class _Pod:
    """What the containers of a pod have in common."""

    workload: Workload
    ports: Ports
    volumes: Volumes
    notes: Notes


def earlier(workload: Workload, ports: Ports, volumes: Volumes, notes: Notes) -> list[dict[str, Any]]:
    """Return what starts before the backend: init containers, then the sidecars."""
    spec, pod = pod_spec(workload.deployment), _Pod(workload, ports, volumes, notes)
    result: list[dict[str, Any]] = []
    for one in entries(spec.get("initContainers")):
        result.append(_added(pod, one, len(result)))
    for one in entries(spec.get("containers")):
        if one is ports.container:
            continue
        notes.changed(
            "Deployment",
            f"{_PATH}.containers[{one['name']}]",
            f"container {one['name']} is a native sidecar (initContainers with restartPolicy: Always)",
            "it starts before the backend and stops after it, so requests in flight have it",
        )
        result.append({**_added(pod, one, len(result)), "restartPolicy": "Always"})
    return result


def _added(pod: _Pod, one: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a container as an entry of initContainers."""
    key, path, notes = f"podTemplate.spec.initContainers[{number}]", f"{_PATH}.initContainers[{one['name']}]", pod.notes
    result = without_secrets(one, pod.workload.name, f"{key}.env", path, notes)
    result = {**result, "image": image(one.get("image"), f"{key}.image", f"{path}.image", notes)}
    if one["name"] == "backend":
        result["name"] = "backend-2"
        notes.renamed("Deployment", f"{path}.name", "container backend is named backend-2")
    if "volumeMounts" in one:
        result["volumeMounts"] = pod.volumes.mounts(one)
    result["securityContext"] = security_context(one, path, notes)
    result = _distinct_ports(result, {pod.ports.protocol, "metrics"}, path, notes)
    for probe in _PROBES:
        for action in _ACTIONS:
            body = (result.get(probe) or {}).get(action) or {}
            if "host" in body:
                result[probe] = {**result[probe], action: {each: body[each] for each in body if each != "host"}}
    hook = (one.get("lifecycle") or {}).get("preStop") or {}
    if sleep_seconds(hook) is not None:
        result["lifecycle"] = {each: value for each, value in one["lifecycle"].items() if each != "preStop"}
        if not result["lifecycle"]:
            result.pop("lifecycle")
        notes.changed(
            "Deployment", f"{path}.lifecycle.preStop", "is omitted: Kubernetes stops a sidecar after the backend"
        )
    return result


def _distinct_ports(one: dict[str, Any], taken: set[str], path: str, notes: Notes) -> dict[str, Any]:
    """Return a container whose ports do not have names of the backend's own ports."""
    names = {each["name"]: f"{each['name']}-2" for each in entries(one.get("ports")) if each.get("name") in taken}
    if not names:
        return one
    result = {
        **one,
        "ports": [{**each, "name": names.get(each.get("name"), each.get("name"))} for each in one["ports"]],
    }
    result["ports"] = [{key: value for key, value in each.items() if value is not None} for each in result["ports"]]
    for probe in _PROBES:
        for action in _ACTIONS:
            body = (one.get(probe) or {}).get(action) or {}
            if body.get("port") in names:
                result[probe] = {**one[probe], action: {**body, "port": names[body["port"]]}}
    for old, new in names.items():
        notes.renamed("Deployment", f"{path}.ports", f"port {old} of {one['name']} is named {new}")
    return result
