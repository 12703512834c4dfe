"""Convert the container that serves requests."""

from __future__ import annotations

from typing import Any

from components.availability import timing
from components.settings.pod_template import reader
from components.settings.pod_template.hooks import sleep_seconds
from ops.convert.environment import environment, without_secrets
from ops.convert.images import image
from ops.convert.notes import Notes
from ops.convert.ports import Ports
from ops.convert.privileges import security_context
from ops.convert.probes import probes
from ops.convert.volumes import Volumes
from ops.convert.workload import Workload

PATH = "spec.template.spec.containers[backend]"
TEMPLATE = "podTemplate.spec.containers[0]"
_COPIED = (
    "args",
    "command",
    "envFrom",
    "resizePolicy",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "workingDir",
)
_DEFAULTS = {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}
_OWN_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_REQUEST = {"cpu": "100m", "memory": "128Mi"}
_SLEEP_SECONDS = 3600


def container(
    workload: Workload, ports: Ports, volumes: Volumes, notes: Notes
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return settings of the backend, and the entry of its container in the pod template."""
    own = without_secrets(ports.container, workload.name, f"{TEMPLATE}.env", PATH, notes)
    if own.get("name") != "backend":
        notes.renamed("Deployment", f"{PATH}.name", f"container {own.get('name')} is named backend")
    settings: dict[str, Any] = {"image": image(own.get("image"), "image", f"{PATH}.image", notes)}
    settings |= {"port": ports.number, "protocol": ports.protocol}
    if ports.metrics:
        settings["metricsPort"] = ports.metrics
    plain, kept = environment(own, PATH, notes)
    if plain:
        settings["environment"] = plain
    settings["resources"] = _resources(own, volumes, notes)
    entry: dict[str, Any] = {"name": "backend", **probes(ports, PATH, notes)}
    entry |= {key: own[key] for key in _COPIED if key in own and own[key] != _DEFAULTS.get(key)}
    if kept:
        entry["env"] = [_own_name(each) for each in kept]
    policy = own.get("imagePullPolicy")
    if policy and policy != "IfNotPresent":
        entry["imagePullPolicy"] = policy
    if ports.further:
        entry["ports"] = ports.further
    if mounts := volumes.own_mounts(own, notes):
        entry["volumeMounts"] = mounts
    entry["securityContext"] = security_context(own, PATH, notes)
    lifecycle, sleep = _lifecycle(own)
    if lifecycle:
        entry["lifecycle"] = lifecycle
    if lifecycle.get("preStop"):
        text = "The preStop hook runs in place of the kubelet's sleep. The pod must serve on in it for this long."
        notes.ask("shutdown.deregistrationSeconds", text)
    if sleep is not None:
        settings["shutdown"] = {"deregistrationSeconds": sleep}
    further = {
        side: {key: each for key, each in (amounts or {}).items() if key not in _OWN_RESOURCES}
        for side, amounts in (own.get("resources") or {}).items()
        if side in ("requests", "limits")
    }
    if any(further.values()):
        entry["resources"] = {side: amounts for side, amounts in further.items() if amounts}
    return settings, entry


def _resources(own: dict[str, Any], volumes: Volumes, notes: Notes) -> dict[str, Any]:
    stated = own.get("resources") or {}
    limits, requests = stated.get("limits") or {}, stated.get("requests") or {}
    result: dict[str, Any] = {"requests": {}, "limits": {key: limits[key] for key in _REQUEST if key in limits}}
    for key, default in _REQUEST.items():
        # Kubernetes takes an unset request from the limit.
        value = requests.get(key, limits.get(key))
        result["requests"][key] = default if value is None else value
        if value is None:
            notes.ask(f"resources.requests.{key}", f"The manifest requests no {key}. Set it to what a pod uses.")
            notes.changed(
                "Deployment",
                f"{PATH}.resources.requests.{key}",
                f"there is no request: {default} is a placeholder",
                "every pod finds a node, and the autoscaler has a base",
            )
    result["tmpSizeLimit"] = _tmp_size(limits.get("ephemeral-storage"), volumes)
    return result


def _tmp_size(limit: str | None, volumes: Volumes) -> str | None:
    """Return the size of /tmp with which the pod may write as much as today; None without a limit.

    The component adds what logs and other volumes may take.
    """
    if limit is None:
        return None
    others = timing.LOG_BYTES + reader.disk_bytes({"spec": {"volumes": volumes.listed}})
    rest = reader.amount_or_zero(limit) - others
    return f"{int(rest) >> 20}Mi" if rest >= 2**20 and rest % 2**20 == 0 else limit


def _lifecycle(own: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
    """Return the hooks, without one that only sleeps, and the seconds that it sleeps."""
    lifecycle = dict(own.get("lifecycle") or {})
    seconds = sleep_seconds(lifecycle.get("preStop") or {})
    if seconds is not None and 0 <= seconds <= _SLEEP_SECONDS:
        lifecycle.pop("preStop")
        return lifecycle, max(5, seconds)
    return lifecycle, None


def _own_name(variable: dict[str, Any]) -> dict[str, Any]:
    """Return a variable that reads the resources of this container under its new name."""
    reference = (variable.get("valueFrom") or {}).get("resourceFieldRef")
    if not isinstance(reference, dict) or "containerName" not in reference:
        return variable
    return {**variable, "valueFrom": {"resourceFieldRef": {**reference, "containerName": "backend"}}}
