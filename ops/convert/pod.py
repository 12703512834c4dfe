"""Convert the pod: its other containers, and the fields of its spec."""

from __future__ import annotations

from typing import Any

from components.settings.pod_template import fields
from ops.convert import errors
from ops.convert.notes import Notes
from ops.convert.objects import metadata, pod_spec, pod_template
from ops.convert.ports import Ports
from ops.convert.privileges import pod_security_context
from ops.convert.scheduling import affinity, spread, tolerations
from ops.convert.sidecars import earlier
from ops.convert.volumes import Volumes
from ops.convert.workload import Workload, annotations_of

_PATH = "spec.template.spec"
_DEFAULTS: dict[str, Any] = {
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "hostNetwork": False,
    "hostPID": False,
    "hostIPC": False,
    "shareProcessNamespace": False,
    "enableServiceLinks": False,
}
_ELSEWHERE = {
    "affinity",
    "automountServiceAccountToken",
    "containers",
    "initContainers",
    "priority",
    "priorityClassName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
    "volumes",
}
_HOST = ("hostNetwork", "hostPID", "hostIPC")
_IGNORED = ("enableServiceLinks", "preemptionPolicy", "readinessGates", "activeDeadlineSeconds", "overhead")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_CONTAINER_OF = "kubectl.kubernetes.io/default-container"


def pod(workload: Workload, ports: Ports, volumes: Volumes, entry: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Return the pod template. ``entry``: that of the backend's container."""
    spec = pod_spec(workload.deployment)
    result: dict[str, Any] = {"containers": [entry]}
    if started := earlier(workload, ports, volumes, notes):
        result["initContainers"] = started
    if volumes.listed:
        result["volumes"] = volumes.listed
    result["securityContext"] = pod_security_context(spec.get("securityContext") or {}, notes)
    for key, value in spec.items():
        if key in _ELSEWHERE or _DEFAULTS.get(key) == value:
            continue
        if key in _HOST:
            notes.impossible(
                "Deployment",
                f"{_PATH}.{key}",
                f"the pod uses the {key.removeprefix('host').lower()} of its node",
                errors.POD_NEEDS_HOST,
                "pods are spread over nodes, and each has its own address",
            )
        elif key in fields.POD:
            result[key] = value
        elif key in fields.REJECTED_POD:
            text = fields.REJECTED_POD[key].text.partition(":")[0]
            if key in _IGNORED:
                notes.changed("Deployment", f"{_PATH}.{key}", f"is omitted: it {text}")
            else:
                reason = f"{value} {text}"
                notes.impossible("Deployment", f"{_PATH}.{key}", reason, errors.SETTINGS_REJECTED)
    result |= affinity(spec.get("affinity") or {}, notes)
    result |= spread(spec.get("topologySpreadConstraints") or [], notes)
    kept, _ = tolerations(spec.get("tolerations") or [], notes)
    if kept:
        result["tolerations"] = kept
    template: dict[str, Any] = {"spec": result}
    if noted := _annotations(workload, ports):
        template["metadata"] = {"annotations": noted}
    return template


def _annotations(workload: Workload, ports: Ports) -> dict[str, str]:
    """Return the annotations of the pods, those about a container under its new name."""
    own, result = str(ports.container.get("name")), {}
    for key, value in annotations_of(pod_template(workload.deployment)).items():
        if key.startswith(_APPARMOR) and key.removeprefix(_APPARMOR) == own:
            result[f"{_APPARMOR}backend"] = value
        else:
            result[key] = "backend" if key == _CONTAINER_OF and value == own else value
    return result


def pod_labels(workload: Workload) -> dict[str, str]:
    """Return the labels of the pods."""
    labels = metadata(pod_template(workload.deployment)).get("labels")
    return dict(labels) if isinstance(labels, dict) else {}
