"""Convert the replica count, the autoscaler, the budget, the rollout and the shutdown."""

from __future__ import annotations

from typing import Any

from components.availability.timing import GRACE_MARGIN
from ops.convert.notes import Notes
from ops.convert.objects import Object, entries, kind, metadata, name, pod_spec, spec
from ops.convert.workload import Workload, annotations_of

_GRACE_SECONDS, _DEADLINE_SECONDS, _CPU_PERCENT = 30, 600, 80  # Kubernetes' own defaults
_PROXY_SECONDS, _CONTROLLER_SECONDS = 10, 12  # kube-proxy, and a controller that updates its endpoints in 10 s
_ONE_OWNER = "one object decides on each number"


def replicas(workload: Workload, notes: Notes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings of the replica count and its autoscaler, and the overrides of the autoscaler."""
    count = spec(workload.deployment).get("replicas", 1)
    if not workload.autoscalers:
        return {"replicas": max(1, count), "autoscaling": {"enabled": False}}, {}
    scaler, *others = workload.autoscalers
    for other in others:
        notes.remaining.append(f"{kind(other)} {name(other)}: a second autoscaler of the same pods. Delete it")
    least = spec(scaler).get("minReplicas" if kind(scaler) != "ScaledObject" else "minReplicaCount")
    highest = spec(scaler).get("maxReplicas" if kind(scaler) != "ScaledObject" else "maxReplicaCount", 100)
    least = least if isinstance(least, int) else 1
    _named(workload, scaler, notes)
    if least == highest:
        notes.changed(kind(scaler), "spec", f"is omitted: it always has {least} replicas", _ONE_OWNER)
        return {"replicas": max(1, least), "autoscaling": {"enabled": False}}, {}
    scaling: dict[str, Any] = {"maxReplicas": highest}
    overrides: dict[str, Any] = {}
    if kind(scaler) == "ScaledObject":
        scaling |= {"owner": "keda", "cpuPercent": None, "triggers": list(entries(spec(scaler).get("triggers")))}
    else:
        own, further = _metrics(scaler)
        if scaler.get("apiVersion") == "autoscaling/v1":
            notes.renamed(kind(scaler), "spec.targetCPUUtilizationPercentage", "the target is autoscaling.cpuPercent")
        elif any(each.get("type") == "Resource" for each in entries(spec(scaler).get("metrics"))):
            notes.changed(
                kind(scaler),
                "spec.metrics",
                "the usage of the backend's own container is measured, with the same targets",
                "a sidecar does not distort the load",
            )
        scaling |= own
        if behavior := spec(scaler).get("behavior"):
            overrides["behavior"] = behavior
        if further:
            overrides["metrics"] = further
    noted = {key: value for key, value in (("annotations", annotations_of(scaler)),) if value}
    body = {**({"metadata": noted} if noted else {}), **({"spec": overrides} if overrides else {})}
    return {"replicas": max(1, least), "autoscaling": scaling}, body if kind(scaler) != "ScaledObject" else {}


def _named(workload: Workload, one: Object, notes: Notes) -> None:
    if name(one) != workload.name:
        notes.changed(
            kind(one), "metadata.name", f"{name(one)} is named {workload.name}: delete the old one", _ONE_OWNER
        )
        notes.remaining.append(
            f"{kind(one)} {name(one)}. Delete it right after the first `make up`: the stack has its own"
        )


def _metrics(scaler: Object) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the targets as settings, and the metrics that stay in Kubernetes' words."""
    body = spec(scaler)
    if scaler.get("apiVersion") == "autoscaling/v1":
        return {"cpuPercent": body.get("targetCPUUtilizationPercentage", _CPU_PERCENT)}, []
    listed = list(entries(body.get("metrics")))
    if not listed:
        return {"cpuPercent": _CPU_PERCENT}, []
    settings: dict[str, Any] = {"cpuPercent": None}
    further = []
    for metric in listed:
        source = metric.get("resource") or metric.get("containerResource") or {}
        percent = (source.get("target") or {}).get("averageUtilization")
        if source.get("name") in ("cpu", "memory") and isinstance(percent, int):
            settings["cpuPercent" if source["name"] == "cpu" else "memoryPercent"] = percent
        elif pods := _average(metric.get("pods"), "Pods", metric):
            settings.setdefault("podMetrics", []).append(pods)
        elif external := _average(metric.get("external"), "External", metric):
            settings.setdefault("externalMetrics", []).append(external)
        else:
            further.append(metric)
    return settings, further


def _average(source: Any, expected: str, metric: dict[str, Any]) -> dict[str, Any] | None:
    """Return a metric as a setting, if the setting can say all of it."""
    if not isinstance(source, dict) or metric.get("type") != expected:
        return None
    identifier, target = source.get("metric") or {}, source.get("target") or {}
    selector = identifier.get("selector") or {}
    labels = selector.get("matchLabels")
    if target.get("type") != "AverageValue" or "matchExpressions" in selector or (labels and expected == "Pods"):
        return None
    result = {"name": identifier.get("name"), "averageValue": str(target.get("averageValue"))}
    return {**result, "labels": labels} if labels else result


def budget(workload: Workload, notes: Notes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings of the disruption budget, and its overrides."""
    if not workload.budgets:
        return {}, {}
    one, *others = workload.budgets
    for other in others:
        notes.remaining.append(f"PodDisruptionBudget {name(other)}: with two budgets no pod can be evicted. Delete it")
    _named(workload, one, notes)
    body = spec(one)
    settings = {key: value for key, value in body.items() if key in ("maxUnavailable", "minAvailable")}
    policy = body.get("unhealthyPodEvictionPolicy")
    return settings, {"spec": {"unhealthyPodEvictionPolicy": policy}} if policy else {}


def rollout(workload: Workload, notes: Notes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings of the rollout, and the overrides of the Deployment."""
    body = spec(workload.deployment)
    settings = {"progressDeadlineSeconds": body.get("progressDeadlineSeconds", _DEADLINE_SECONDS)}
    if body.get("minReadySeconds"):
        settings["minReadySeconds"] = body["minReadySeconds"]
    overrides: dict[str, Any] = {}
    strategy = body.get("strategy") or {}
    pace = strategy.get("rollingUpdate")
    if strategy.get("type") == "Recreate":
        notes.changed(
            "Deployment",
            "spec.strategy",
            "Recreate becomes RollingUpdate: old and new pods run at the same time, which the program must allow",
            "a release is rolled out without an outage",
        )
        notes.ask("replicas", "The manifest never runs two pods at the same time (Recreate). Check that two may.")
    elif pace and pace != {"maxSurge": "25%", "maxUnavailable": "25%"}:
        overrides["strategy"] = {"rollingUpdate": pace}
    if "revisionHistoryLimit" in body:
        overrides["revisionHistoryLimit"] = body["revisionHistoryLimit"]
    if body.get("paused"):
        notes.changed("Deployment", "spec.paused", "is omitted: a release starts at once", "a release is verified")
    noted = annotations_of(workload.deployment)
    kept = {
        key: value for key, value in noted.items() if not key.startswith(("deployment.kubernetes.io/", "pulumi.com/"))
    }
    labels = metadata(workload.deployment).get("labels")
    further = {"annotations": kept, "labels": dict(labels) if isinstance(labels, dict) else {}}
    result: dict[str, Any] = {key: value for key, value in (("metadata", further), ("spec", overrides)) if value}
    return settings, result


def shutdown(workload: Workload, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the phases of a pod's termination: until no request arrives any more, then as long as it has today."""
    stated = pod_spec(workload.deployment).get("terminationGracePeriodSeconds", _GRACE_SECONDS)
    sleep = (settings.get("shutdown") or {}).get("deregistrationSeconds", 0)
    entered = bool(settings.get("ingress") or settings.get("route"))
    least = 35 if settings["loadBalancer"]["enabled"] else _CONTROLLER_SECONDS if entered else _PROXY_SECONDS
    return {"deregistrationSeconds": max(sleep, least), "drainSeconds": max(1, stated - sleep - GRACE_MARGIN)}
