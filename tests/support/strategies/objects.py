"""The objects of one backend as its component registers them, and as a real API server stores them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args
from unittest import mock

import kubernetes

from components import HighlyAvailableBackend
from components.availability import facts_from_settings
from components.settings import BackendSettings, LocalCluster, Settings
from components.settings.base import SettingsModel
from ops.render.recorder import Recorder

_KINDS = {
    "Namespace": "/api/v1/namespaces",
    "LimitRange": "/api/v1/namespaces/{}/limitranges",
    "ResourceQuota": "/api/v1/namespaces/{}/resourcequotas",
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Secret": "/api/v1/namespaces/{}/secrets",
    "Service": "/api/v1/namespaces/{}/services",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "Ingress": "/apis/networking.k8s.io/v1/namespaces/{}/ingresses",
    "PodDisruptionBudget": "/apis/policy/v1/namespaces/{}/poddisruptionbudgets",
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers",
}
_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}


def rendered(stack: Settings) -> list[dict[str, Any]]:
    """Return the manifests of a stack's backend, ten times as fast as `render` of a whole program."""
    recorder = Recorder("drawn")
    recorder.run(
        lambda: HighlyAvailableBackend(stack.backend.name, stack.backend, cluster=facts_from_settings(stack.cluster))
    )
    return [one for found in recorder.manifests.values() for one in found]


def unchecked(said: dict[str, Any], group: type[SettingsModel] = BackendSettings) -> Any:
    """Return settings without validation of limits and patterns."""
    values = {}
    for name, info in group.model_fields.items():
        if info.alias not in said:
            continue
        value, kinds = said[info.alias], [info.annotation, *get_args(info.annotation)]
        inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, SettingsModel)), None)
        if inner:
            value = [unchecked(one, inner) for one in value] if isinstance(value, list) else unchecked(value, inner)
        values[name] = value
    return group.model_construct(**values)


def rendered_unchecked(said: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what would be sent without validation."""
    stack = Settings.model_construct(cluster=LocalCluster(kind="local"), backend=unchecked(said), protect=False)
    with mock.patch("components.validation.validate_backend", lambda args, *_: args):
        return rendered(stack)


@dataclass
class Refusal(Exception):  # noqa: N818
    """The API server rejects an object, or accepts it with a warning."""

    status: int
    text: str
    manifest: dict[str, Any] = field(repr=False)


class Store:
    """An API server that dry-runs objects. An object that was sent before is not sent again."""

    def __init__(self, kubeconfig: Path) -> None:
        self._api = kubernetes.config.new_client_from_config(str(kubeconfig))  # type: ignore[no-untyped-call]
        self._known: dict[str, dict[str, Any] | Refusal] = {}
        self.sent = 0
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "drawn-", "labels": _RESTRICTED}}
        self._space = self._post("/api/v1/namespaces", space)["metadata"]["name"]

    def dry_run(self, manifest: dict[str, Any]) -> dict[str, Any]:
        """Return the object as it would be stored in the test's own namespace. Raises Refusal."""
        kind = manifest["kind"]
        if "{}" in _KINDS[kind]:
            manifest = {**manifest, "metadata": {**manifest["metadata"], "namespace": self._space}}
        content = json.dumps(manifest, sort_keys=True)
        if content not in self._known:
            self.sent += 1
            try:
                path = _KINDS[kind].format(self._space)
                self._known[content] = self._post(f"{path}?dryRun=All&fieldValidation=Strict", manifest)
            except Refusal as refusal:
                self._known[content] = refusal
        answer = self._known[content]
        if isinstance(answer, Refusal):
            raise answer
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._api.rest_client.pool_manager.clear()

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        answer = self._api.call_api(
            "POST", self._api.configuration.host + path, headers, body=body, _request_timeout=30
        )
        stored = json.loads(answer.read())
        if answer.status >= 300 or answer.headers.get("Warning"):
            raise Refusal(answer.status, stored.get("message") or answer.headers.get("Warning"), body)
        return dict(stored)
