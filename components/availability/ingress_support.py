"""Whether the cluster has what an Ingress or an HTTPRoute of the backend needs."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import promise as errors
from ..settings import BackendSettings
from ..settings.conflict import Conflict
from .facts import ClusterFacts


def conflicts(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    """Yield a conflict if no IngressClass fits, if there is no Gateway API, or if HTTPRoute lacks a field."""
    yield from _ingress_class(backend, cluster)
    if backend.route.parent_refs and cluster.apis is not None and "gateway.networking.k8s.io" not in cluster.apis:
        yield Conflict(
            "route.parentRefs",
            [parent.name for parent in backend.route.parent_refs],
            "cannot be attached because the cluster does not serve gateway.networking.k8s.io: install the Gateway API "
            "and a controller for it, or use ingress",
            kind=errors.GATEWAY_API_MISSING,
        )
    elif backend.route.parent_refs and cluster.route_fields is not None:
        yield from _missing_route_fields(backend, cluster.route_fields)


def _ingress_class(backend: BackendSettings, cluster: ClusterFacts) -> Iterator[Conflict]:
    classes, name = cluster.ingress_classes, backend.ingress.class_name
    if not backend.ingress.hosts or classes is None:
        return
    available = f"(available: {', '.join(sorted(classes)) or 'none'})"
    if name is not None and name not in classes:
        yield Conflict(
            "ingress.className",
            name,
            f"is not an IngressClass of the cluster {available}: use one of these, or install a controller",
            ("ingress.hosts",),
            kind=errors.INGRESS_CLASS_MISSING,
        )
    elif name is None and not any(classes.values()):
        yield Conflict(
            "ingress.hosts",
            list(backend.ingress.hosts),
            f"is served by no controller because the cluster has no default IngressClass {available}: set "
            "ingress.className, or install a controller",
            ("ingress.className",),
            kind=errors.INGRESS_CLASS_MISSING,
        )


def _missing_route_fields(backend: BackendSettings, fields: frozenset[str]) -> Iterator[Conflict]:
    """Yield fields that the cluster's HTTPRoute lacks: timeouts (GEP-1742, standard since 1.2), retry (GEP-1731).

    Otherwise the API server rejects the route in the middle of an update, after other objects have changed.
    """
    for key, value, name, remedy in (
        ("backendTimeoutSeconds", backend.route.backend_timeout_seconds, "timeouts", "Gateway API 1.2 or later"),
        ("retry.attempts", backend.route.retry.attempts, "retry", "the experimental channel of the Gateway API"),
    ):
        if value is not None and name not in fields:
            yield Conflict(
                f"route.{key}",
                value,
                f"is not supported: the cluster's HTTPRoute has no field {name}: install {remedy}, or omit the setting",
                kind=errors.ROUTE_FIELD_UNSUPPORTED,
            )
