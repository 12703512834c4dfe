"""Rules about a service mesh: options that have no effect or cannot hold, and keys that belong to the mesh."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions
from ...errors import settings as errors
from .. import mesh
from ..backend import BackendSettings
from ..conflict import Conflict
from ..pod_template import reader
from ..quantity import amount
from .unused import changed_keys


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield every conflict of ``mesh`` and ``meshOptions``."""
    options = changed_keys(backend.mesh_options)
    if backend.mesh == "none":
        if options:
            yield Conflict(
                "mesh",
                "none",
                f"leaves {', '.join(f'meshOptions.{name}' for name in options)} without effect: set it to the mesh, or "
                "omit meshOptions",
                ("meshOptions",),
                kind=errors.NO_EFFECT,
            )
        return
    yield from _other_meshes(backend, options)
    yield from _traffic(backend)
    yield from _owned_keys(backend)
    yield from _proxy(backend)


def _other_meshes(backend: BackendSettings, changed: list[str]) -> Iterator[Conflict]:
    """Yield options that only another mesh has."""
    options = backend.mesh_options
    for key, value, meshes in (
        ("revision", options.revision, ("istio",)),
        ("waypoint", options.waypoint, ("istio-ambient",)),
        ("proxy", options.proxy, mesh.SIDECAR_MESHES),
    ):
        if key in changed and backend.mesh not in meshes:
            shown = (
                value
                if value is None or isinstance(value, str)
                else value.model_dump(by_alias=True, exclude_unset=True)
            )
            yield Conflict(
                f"meshOptions.{key}",
                shown,
                f"has no effect with mesh: {backend.mesh}, only with {' and '.join(meshes)}: omit it",
                ("mesh",),
                kind=errors.NO_EFFECT,
            )


def _traffic(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield retries and outlier detection that no proxy would carry out, and a waypoint that the backend rejects."""
    options, outliers = backend.mesh_options, backend.mesh_options.outlier_detection
    failures = outliers.consecutive_failures
    if failures is None and outliers.ejection_seconds != type(outliers).model_fields["ejection_seconds"].default:
        yield Conflict(
            "meshOptions.outlierDetection.consecutiveFailures",
            None,
            "leaves ejectionSeconds without effect: set it, for example to 3, or omit ejectionSeconds",
            ("meshOptions.outlierDetection",),
            kind=errors.NO_EFFECT,
        )
    if options.waypoint and options.waypoint.namespace == backend.namespace_name:
        yield Conflict(
            "meshOptions.waypoint.namespace",
            options.waypoint.namespace,
            "is the backend's own namespace, whose NetworkPolicies reject the waypoint's traffic: deploy the waypoint "
            "in another namespace",
            ("namespace", "name"),
            kind=contradictions.WAYPOINT_IN_BACKEND_NAMESPACE,
        )
    if backend.mesh == "istio-ambient" and not options.waypoint:
        for key, value in (
            ("retryAttempts", options.retry_attempts),
            ("outlierDetection.consecutiveFailures", failures),
        ):
            if value is not None:
                yield Conflict(
                    f"meshOptions.{key}",
                    value,
                    "has no effect without a waypoint, because the proxy of a node sees connections and not requests: "
                    "set meshOptions.waypoint",
                    ("meshOptions.waypoint",),
                    kind=contradictions.WAYPOINT_REQUIRED,
                )


def _owned_keys(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield labels and annotations that the mesh owns: set twice, it is unclear which value holds."""
    labels, annotations = (
        function(backend.mesh, backend.mesh_options) for function in (mesh.pod_labels, mesh.pod_annotations)
    )
    # Each of these takes the pod out of the mesh, or assigns it to another proxy.
    for key in {**labels, **dict.fromkeys(("sidecar.istio.io/inject", mesh.REVISION, "istio.io/dataplane-mode"))}:
        if key in backend.selector and backend.selector[key] != labels.get(key):
            yield Conflict(
                f"selector.{key}",
                backend.selector[key],
                "assigns the pods to a mesh, and a Deployment's selector is immutable: omit mesh, or create the "
                "backend anew",
                ("mesh",),
                kind=contradictions.MESH_LABEL_IN_SELECTOR,
            )
        elif key in backend.labels:
            yield Conflict(
                f"labels.{key}",
                backend.labels[key],
                f"belongs to the mesh with mesh: {backend.mesh}: omit it"
                + (", and set meshOptions.revision" if key == mesh.REVISION else ""),
                ("mesh",),
                kind=contradictions.MESH_OWNED_KEY,
            )
    more = ("linkerd.io/inject", "sidecar.istio.io/inject", "config.alpha.linkerd.io/proxy-wait-before-exit-seconds")
    for key in {**annotations, **dict.fromkeys(more)}:
        if key in reader.pod_annotations(backend.pod_template):
            yield Conflict(
                f"podTemplate.metadata.annotations.{key}",
                reader.pod_annotations(backend.pod_template)[key],
                f"belongs to the mesh with mesh: {backend.mesh}: omit it, or use meshOptions",
                ("mesh",),
                kind=contradictions.MESH_OWNED_KEY,
            )


def _proxy(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield the conflicts of the proxy's resources and ports."""
    proxy = backend.mesh_options.proxy
    for key in ("cpu", "memory"):
        request, limit = getattr(proxy.requests, key), getattr(proxy.limits, key)
        if amount(request) > amount(limit):
            yield Conflict(
                f"meshOptions.proxy.requests.{key}",
                request,
                f"is above meshOptions.proxy.limits.{key} ({limit}): lower the request, or raise the limit",
                (f"meshOptions.proxy.limits.{key}",),
                kind=contradictions.REQUEST_ABOVE_LIMIT,
            )
    for name, port in (("port", backend.port), ("metricsPort", backend.metrics_port)):
        if port in mesh.PROXY_PORTS[backend.mesh] and (name == "port" or port != backend.port):
            yield Conflict(
                name,
                port,
                f"is a port of the proxy with mesh: {backend.mesh}: choose another, for example 8080",
                ("mesh",),
                kind=contradictions.PORT_CONFLICT,
            )
