"""Convert the service account: its rights, its identity on a cloud, or a reference to an existing one."""

from __future__ import annotations

from typing import Any

from ops.convert.notes import Notes
from ops.convert.objects import Object, entries, kind, metadata, name, namespace, pod_spec
from ops.convert.workload import Workload, annotations_of

_CLOUDS = {
    "eks.amazonaws.com/role-arn": "awsRoleArn",
    "iam.gke.io/gcp-service-account": "googleServiceAccount",
    "azure.workload.identity/client-id": "azureClientId",
}


def account(workload: Workload, notes: Notes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return settings of the backend, and fields of the pod template."""
    one, pod = workload.account, pod_spec(workload.deployment)
    if not workload.account_name:
        notes.added(
            "Deployment",
            "spec.template.spec.serviceAccountName",
            "the pods get an account of their own, without a token",
            "a broken-in pod has no rights on the cluster",
        )
        return {}, _token(pod, None)
    reason = _stays(workload)
    if one is None or reason:
        text = reason or "the manifest does not have it"
        notes.remaining.append(f"ServiceAccount {workload.account_name} with its bindings: {text}")
        return {}, {"serviceAccountName": workload.account_name, **_token(pod, True)}
    settings: dict[str, Any] = {}
    rules, cluster_rules = _rights(workload)
    rbac = {key: value for key, value in (("rules", rules), ("clusterRules", cluster_rules)) if value}
    if rbac:
        settings["rbac"] = rbac
        for binding in bindings(workload):
            notes.renamed(
                kind(binding),
                "metadata.name",
                f"{name(binding)} and its role are the stack's own (rbac): delete them later",
            )
    noted = annotations_of(one)
    identity = {_CLOUDS[key]: value for key, value in noted.items() if key in _CLOUDS}
    if identity:
        settings["identity"] = identity
    fields: dict[str, Any] = {}
    kept = {key: value for key, value in noted.items() if key not in _CLOUDS}
    labels = metadata(one).get("labels")
    stated: dict[str, Any] = {"annotations": kept, "labels": dict(labels) if isinstance(labels, dict) else {}}
    if name(one) != workload.name:
        stated = {"name": name(one), **stated}
    fields["metadata"] = stated
    if one.get("imagePullSecrets"):
        fields["imagePullSecrets"] = one["imagePullSecrets"]
    settings["overrides"] = {"serviceAccount": fields}
    return settings, _token(pod, one.get("automountServiceAccountToken", True))


def _token(pod: dict[str, Any], default: bool | None) -> dict[str, Any]:
    stated = pod.get("automountServiceAccountToken", default)
    return {} if stated is None else {"automountServiceAccountToken": stated}


def _stays(workload: Workload) -> str | None:
    """Return why the account stays outside of the stack."""
    users = [
        name(each)
        for each in workload.near("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")
        if name(each) != workload.name and pod_spec(each).get("serviceAccountName") == workload.account_name
    ]
    if users:
        return f"{', '.join(users)} use it too"
    for binding in bindings(workload):
        found = role(workload, binding)
        title = f"{kind(binding)} {name(binding)}"
        if found is None or "aggregationRule" in found:
            reference = binding.get("roleRef") or {}
            return (
                f"{title} binds {reference.get('kind')} {reference.get('name')}, whose rules the manifest does not have"
            )
        if kind(binding) == "RoleBinding" and (namespace(binding) or workload.namespace) != workload.namespace:
            return f"{title} is in namespace {namespace(binding)}"
        if len(list(entries(binding.get("subjects")))) > 1:
            return f"{title} has other subjects too"
    return None


def _rights(workload: Workload) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rules: list[dict[str, Any]] = []
    cluster_rules: list[dict[str, Any]] = []
    for binding in bindings(workload):
        found = role(workload, binding) or {}
        listed = list(entries(found.get("rules")))
        (cluster_rules if kind(binding) == "ClusterRoleBinding" else rules).extend(listed)
    return rules, cluster_rules


def bindings(workload: Workload) -> list[Object]:
    """Return the RoleBindings and ClusterRoleBindings of the service account, in every namespace."""
    return [
        one
        for one in workload.objects
        if kind(one) in ("RoleBinding", "ClusterRoleBinding")
        and any(
            subject.get("kind") == "ServiceAccount"
            and subject.get("name") == workload.account_name
            and (subject.get("namespace") or workload.namespace) == (workload.namespace or subject.get("namespace"))
            for subject in entries(one.get("subjects"))
        )
    ]


def role(workload: Workload, binding: Object) -> Object | None:
    """Return the role of a binding, if the manifest has it."""
    reference = binding.get("roleRef") or {}
    return next(
        (
            one
            for one in workload.objects
            if kind(one) == reference.get("kind")
            and name(one) == reference.get("name")
            and (kind(one) == "ClusterRole" or namespace(one) == namespace(binding))
        ),
        None,
    )
