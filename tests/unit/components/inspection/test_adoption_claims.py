"""What others would lose if a stack took an object over."""

from __future__ import annotations

from typing import Any

import pytest

from components.inspection.adoption_claims import objections
from tests.support.fake_engine import backend

RBAC = "rbac.authorization.k8s.io"


def one(kind: str, namespace: str | None = "shop", name: str = "shop", **fields: Any) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **fields.pop("metadata", {})}
    return {"kind": kind, "metadata": metadata, **fields}


def ingress(*services: str) -> dict[str, Any]:
    paths = [
        {"path": f"/{name}", "backend": {"service": {"name": name, "port": {"name": "http"}}}} for name in services
    ]
    return one("Ingress", spec={"rules": [{"http": {"paths": paths}}]})


def route(*services: str) -> dict[str, Any]:
    return one("HTTPRoute", spec={"rules": [{"backendRefs": [{"name": name}]} for name in services]})


def binding(role: str, *accounts: str) -> dict[str, Any]:
    subjects = [{"kind": "ServiceAccount", "name": name} for name in accounts]
    return one("RoleBinding", roleRef={"kind": "Role", "name": role}, subjects=subjects)


OWNED = one("Service", metadata={"ownerReferences": [{"kind": "Gateway", "name": "edge"}]})
OURS = {"labels": {"app.kubernetes.io/name": "shop"}}


@pytest.mark.parametrize(
    ("wanted", "live", "text"),
    [
        (ingress("shop"), ingress("shop", "api"), "Ingress shop also sends requests to Service api"),
        (route("shop"), route("shop", "api"), "HTTPRoute shop also sends requests to Service api"),
        ({}, ingress("shop", "api"), "to Service api"),
        (binding("shop", "shop"), binding("admin", "shop"), "RoleBinding shop binds Role admin"),
        (binding("shop", "shop"), binding("shop", "shop", "ci"), "also gives rights to ServiceAccount ci"),
        (one("Service"), OWNED, "Service shop is made by Gateway edge"),
        (one("ConfigMap", "other"), one("ConfigMap", "other"), "exists outside of namespace shop already"),
        (one("ClusterIssuer", None, "letters"), one("ClusterIssuer", None, "letters"), "ClusterIssuer letters exists"),
    ],
)
def test_what_others_use_is_not_taken_over(wanted: Any, live: Any, text: str) -> None:
    (only,) = objections(backend(name="shop"), wanted, live)
    assert text in only and only.endswith("[adoption-object-of-others]")


@pytest.mark.parametrize(
    ("wanted", "live"),
    [
        (ingress("shop"), ingress("shop")),
        ({}, ingress("shop")),
        (binding("shop", "shop"), binding("shop", "shop")),
        ({}, binding("shop", "shop")),
        (one("Namespace", None), one("Namespace", None)),
        (one("ClusterRole", None, "shop-shop"), one("ClusterRole", None, "shop-shop", metadata=OURS)),
        (one("Service", name="further"), one("Service", name="further", spec={"ports": [{"port": 80}]})),
    ],
)
def test_what_is_the_backend_s_alone_is_adopted(wanted: Any, live: Any) -> None:
    assert list(objections(backend(name="shop"), wanted, live)) == []
