"""Translate a workload into the settings of a backend."""

from __future__ import annotations

from typing import Any

from components.settings.well_known import COMPONENT_LABEL, MANAGER_LABEL, NAME_LABEL
from ops.convert import errors
from ops.convert.container import container
from ops.convert.edge import entrances
from ops.convert.identity import account
from ops.convert.network import network
from ops.convert.notes import Notes
from ops.convert.objects import entries, metadata, name, pod_spec, selects, spec, title
from ops.convert.pod import pod, pod_labels
from ops.convert.ports import Ports, ports
from ops.convert.scaling import budget, replicas, rollout, shutdown
from ops.convert.scheduling import tolerations
from ops.convert.service import service
from ops.convert.volumes import volumes
from ops.convert.workload import Workload

Settings = dict[str, Any]
_SURVIVE = "The largest failure that must not be an outage: nothing, pod, node or zone."


def translate(workload: Workload, notes: Notes) -> tuple[Settings, Ports] | None:
    """Return the settings of a backend that say the same, and its ports; None, with a note, if there are none."""
    if not _valid(workload, notes):
        return None
    selector = _selector(workload, notes)
    chosen = ports(workload, notes) if selector else None
    if selector is None or chosen is None:
        return None
    spec_of_pod = pod_spec(workload.deployment)
    labels = _labels(workload, selector)
    _reject_lost_pods(workload, {**labels, NAME_LABEL: workload.name, **selector}, notes)
    settings: Settings = {"name": workload.name, "namespace": workload.namespace or "default", "createNamespace": False}
    if not workload.namespace:
        notes.ask("namespace", "The manifest names no namespace. Set the one that the backend is in.")
    notes.ask("survive", _SURVIVE)
    settings |= {"image": "", "survive": "node", "selector": selector, **({"labels": labels} if labels else {})}
    disks = volumes(spec_of_pod, chosen.container, workload.one_node_claims, notes)
    own, entry = container(workload, chosen, disks, notes)
    settings |= own
    if disks.tmp_size and settings["resources"].get("tmpSizeLimit") is None:
        settings["resources"]["tmpSizeLimit"] = disks.tmp_size
    template = pod(workload, chosen, disks, entry, notes)
    identity, of_pod = account(workload, notes)
    template["spec"] |= of_pod
    count, autoscaler = replicas(workload, notes)
    pace, deployment = rollout(workload, notes)
    disruption, of_budget = budget(workload, notes)
    _merge(settings, {**count, "rollout": pace, **({"disruptionBudget": disruption} if disruption else {})})
    _merge(settings, service(workload, chosen, selector, notes))
    _merge(settings, identity)
    _merge(settings, entrances(workload, chosen, notes))
    settings["shutdown"] = shutdown(workload, settings)
    _merge(settings, network(workload, settings, notes))
    placement = {"priorityClassName": spec_of_pod.get("priorityClassName")}
    placement["tolerationSeconds"] = tolerations(spec_of_pod.get("tolerations") or [], Notes())[1]
    if placement := {key: value for key, value in placement.items() if value is not None}:
        settings["placement"] = placement
    overrides = {
        "deployment": deployment,
        "horizontalPodAutoscaler": autoscaler,
        "podDisruptionBudget": of_budget,
    }
    _merge(settings, {"overrides": overrides, "podTemplate": template})
    _service_labels(settings, chosen)
    _without_generated_labels(settings)
    return settings, chosen


def _valid(workload: Workload, notes: Notes) -> bool:
    """Return whether the API accepts the objects of a workload."""
    concerned = [workload.deployment, *workload.services, *workload.autoscalers, *workload.budgets]
    for one in concerned:
        for problem in workload.invalid.get(title(one), ()):
            field, _, text = problem.partition(": ")
            notes.impossible(str(one.get("kind")), field, text, errors.INVALID_OBJECT)
    for field, value in (
        ("spec.template.spec.containers", list(entries(pod_spec(workload.deployment).get("containers")))),
        ("metadata.name", workload.name),
    ):
        if not value:
            notes.impossible("Deployment", field, "is missing", errors.INVALID_OBJECT)
    return notes.possible


def _selector(workload: Workload, notes: Notes) -> dict[str, str] | None:
    stated = spec(workload.deployment).get("selector") or {}
    labels = dict(stated.get("matchLabels") or {})
    for one in entries(stated.get("matchExpressions")):
        if one.get("operator") == "In" and len(one.get("values") or ()) == 1:
            labels[one["key"]] = one["values"][0]
        else:
            text = f"selects by the expression {one.get('key')} {one.get('operator')}"
            notes.impossible(
                "Deployment", "spec.selector", text, errors.SELECTOR_EXPRESSIONS, "a Service sends to all pods"
            )
            return None
    if not labels or not labels.items() <= pod_labels(workload).items():
        notes.impossible("Deployment", "spec.selector", "does not match the labels of the pods", errors.INVALID_OBJECT)
        return None
    return labels


def _labels(workload: Workload, selector: dict[str, str]) -> dict[str, str]:
    """Return the labels of the pods that neither the selector nor the component sets."""
    return {
        key: value
        for key, value in pod_labels(workload).items()
        if (key not in selector or key == COMPONENT_LABEL) and not _is_reserved(key)
    }


def _reject_lost_pods(workload: Workload, labels: dict[str, str], notes: Notes) -> None:
    """Note a Service outside of the stack that would not find the pods under their labels there."""
    for one in workload.services:
        if workload.shared_with(one) and not selects(spec(one).get("selector"), labels):
            text = f"{name(one)} selects by a label that the component sets, such as {NAME_LABEL}"
            notes.impossible("Service", "spec.selector", text, errors.SERVICE_SHARED, "a Service finds all its pods")


def _is_reserved(key: str) -> bool:
    domain = f".{key.rpartition('/')[0]}"
    foreign = domain != ".app.kubernetes.io" and domain.endswith((".kubernetes.io", ".k8s.io"))
    return key in (NAME_LABEL, MANAGER_LABEL, "pod-template-hash") or foreign


def _service_labels(settings: Settings, chosen: Ports) -> None:
    labels = metadata(chosen.service or {}).get("labels")
    if isinstance(labels, dict):
        _merge(settings, {"overrides": {"service": {"metadata": {"labels": dict(labels)}}}})


def _without_generated_labels(settings: Settings) -> None:
    """Remove labels that the component sets on every object, and empty groups."""
    labels = settings.get("labels", {})
    generated = {*labels, *settings["selector"], NAME_LABEL, COMPONENT_LABEL, MANAGER_LABEL}
    overrides = settings.pop("overrides", {})
    for fields in overrides.values():
        about = fields.get("metadata", {})
        about["labels"] = {key: value for key, value in about.get("labels", {}).items() if key not in generated}
        about["labels"].pop("pod-template-hash", None)
    if kept := {key: fields for key, value in overrides.items() if (fields := _without_empty(value))}:
        settings["overrides"] = kept


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    cleaned = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in fields.items()}
    return {key: value for key, value in cleaned.items() if value not in ({}, [])}


def _merge(settings: Settings, fields: dict[str, Any]) -> None:
    """Add fields to settings: groups are merged, and lists are extended."""
    for key, value in fields.items():
        current = settings.get(key)
        if isinstance(current, dict) and isinstance(value, dict):
            _merge(current, value)
        elif isinstance(current, list) and isinstance(value, list):
            current.extend(value)
        else:
            settings[key] = value
