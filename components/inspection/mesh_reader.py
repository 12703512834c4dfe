"""Read what a cluster has of a service mesh: which pods get a proxy, its version, and its agents on the nodes."""

from __future__ import annotations

from typing import Any

from ..availability.mesh_support import LINKERD, MeshFacts
from ..settings import BackendSettings
from ..settings.mesh import REVISION, control_plane
from .client import Client

_WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
_VERSION = "app.kubernetes.io/version"


def read_mesh_facts(client: Client, backend: BackendSettings) -> MeshFacts:
    """Read what the backend's mesh needs. What the account may not read stays unknown. Raises InspectionError."""
    webhooks, agents = _items(client, _WEBHOOKS), _items(client, "/apis/apps/v1/daemonsets")
    return MeshFacts(
        injected=None
        if webhooks is None
        else frozenset(label for each in webhooks for hook in each.get("webhooks") or () for label in _labels(hook)),
        agents=None if agents is None else frozenset(each["metadata"]["name"] for each in agents),
        version=_version(client, backend),
    )


def _items(client: Client, path: str) -> list[dict[str, Any]] | None:
    answer = client.get_if_permitted(path)
    return None if answer is None else answer.get("items") or []


def _labels(hook: dict[str, Any]) -> list[str]:
    """Return the labels, as key=value, of the pods that a mesh's webhook injects a proxy into."""
    name = hook.get("name") or ""
    if name.endswith("linkerd-proxy-injector.linkerd.io"):
        return [LINKERD]
    if not name.endswith("sidecar-injector.istio.io"):
        return []
    expressions = (hook.get("objectSelector") or {}).get("matchExpressions") or []
    return [
        f"{one['key']}={value}"
        for one in expressions
        if one.get("operator") == "In"
        for value in one.get("values") or ()
    ]


def _version(client: Client, backend: BackendSettings) -> str | None:
    """Return the version of the control plane: the label that charts set; else the tag of Istio's image."""
    namespace = control_plane(backend.mesh, backend.mesh_options)
    for each in _items(client, f"/apis/apps/v1/namespaces/{namespace}/deployments") or []:
        labels = each["metadata"].get("labels") or {}
        if backend.mesh == "linkerd" and labels.get("linkerd.io/control-plane-component") == "destination":
            return labels.get(_VERSION)
        if labels.get("app") == "istiod" and labels.get(REVISION, "default") == (
            backend.mesh_options.revision or "default"
        ):
            image = str(each["spec"]["template"]["spec"]["containers"][0]["image"])
            return labels.get(_VERSION) or image.rpartition(":")[2]
    return None
