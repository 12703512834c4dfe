"""What is said of a mesh and cannot hold, or would have no effect; and what a stack says itself that is the mesh's to say."""

from __future__ import annotations

from collections.abc import Iterator

from . import mesh
from .backend import BackendSettings
from .conflict import Conflict
from .mesh import MeshOptions
from .pod_template import reader


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Keys are relative to the backend."""
    given = [
        str(info.alias)
        for field, info in MeshOptions.model_fields.items()
        if getattr(backend.mesh_options, field) != info.get_default(call_default_factory=True)
    ]
    if backend.mesh == "none":
        if given:
            yield Conflict(
                "mesh",
                "none",
                f"leaves {', '.join(f'meshOptions.{name}' for name in given)} without effect: name "
                "the mesh, or leave the rest out too",
                ("meshOptions",),
            )
        return
    yield from _elsewhere(backend, given)
    yield from _traffic(backend)
    yield from _own(backend)
    proxy = backend.mesh_options.proxy
    for key in ("cpu", "memory"):
        request, limit = getattr(proxy.requests, key), getattr(proxy.limits, key)
        if reader.size(request) > reader.size(limit):
            yield Conflict(
                f"meshOptions.proxy.requests.{key}",
                request,
                f"must not be above meshOptions.proxy.limits.{key} ({limit}): lower the request, or raise the limit",
                (f"meshOptions.proxy.limits.{key}",),
            )
    for name, port in (("port", backend.port), ("metricsPort", backend.metrics_port)):
        if port in mesh.TAKEN_PORTS[backend.mesh] and (name == "port" or port != backend.port):
            yield Conflict(
                name,
                port,
                f"is a port of the proxy's own with mesh: {backend.mesh}: choose another, for example 8080",
                ("mesh",),
            )


def _elsewhere(backend: BackendSettings, given: list[str]) -> Iterator[Conflict]:
    """Options that another mesh has."""
    options = backend.mesh_options
    for key, value, only in (
        ("revision", options.revision, ("istio",)),
        ("waypoint", options.waypoint, ("istio-ambient",)),
        ("proxy", options.proxy, mesh.SIDECARS),
    ):
        if key in given and backend.mesh not in only:
            shown = (
                value
                if value is None or isinstance(value, str)
                else value.model_dump(by_alias=True, exclude_unset=True)
            )
            yield Conflict(
                f"meshOptions.{key}",
                shown,
                f"has no effect with mesh: {backend.mesh}, but with {' and '.join(only)}: leave it out",
                ("mesh",),
            )


def _traffic(backend: BackendSettings) -> Iterator[Conflict]:
    """Retries and outlier detection that nobody would do."""
    options, outliers = backend.mesh_options, backend.mesh_options.outlier_detection
    failures = outliers.consecutive_failures
    if failures is None and outliers.ejection_seconds != type(outliers).model_fields["ejection_seconds"].default:
        yield Conflict(
            "meshOptions.outlierDetection.consecutiveFailures",
            None,
            "says of no pod what ejectionSeconds should hold for: set it, for example to 3, or leave the rest out too",
            ("meshOptions.outlierDetection",),
        )
    if options.waypoint and options.waypoint.namespace == backend.namespace_name:
        yield Conflict(
            "meshOptions.waypoint.namespace",
            options.waypoint.namespace,
            "is the backend's own, which refuses the "
            "waypoint's traffic: put it into a namespace of its own, and name that",
            ("namespace", "name"),
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
                    "has no effect without a waypoint: a node's proxy knows no "
                    "requests, only connections: set meshOptions.waypoint",
                    ("meshOptions.waypoint",),
                )


def _own(backend: BackendSettings) -> Iterator[Conflict]:
    """The mesh's labels and annotations: said twice, nobody can tell which holds."""
    labels, annotations = (one(backend.mesh, backend.mesh_options) for one in (mesh.pod_labels, mesh.pod_annotations))
    # Either of them takes the pod out of the mesh, or into another proxy's hands.
    for key in {**labels, **dict.fromkeys(("sidecar.istio.io/inject", mesh.REVISION, "istio.io/dataplane-mode"))}:
        if key in backend.selector and backend.selector[key] != labels.get(key):
            yield Conflict(
                f"selector.{key}",
                backend.selector[key],
                "decides which mesh the pods are in, and the Deployment "
                "keeps it for life: leave mesh out, or make the backend anew",
                ("mesh",),
            )
        elif key in backend.labels:
            yield Conflict(
                f"labels.{key}",
                backend.labels[key],
                f"is the mesh's own with mesh: {backend.mesh}: leave it out"
                + (", and set meshOptions.revision" if key == mesh.REVISION else ""),
                ("mesh",),
            )
    more = ("linkerd.io/inject", "sidecar.istio.io/inject", "config.alpha.linkerd.io/proxy-wait-before-exit-seconds")
    for key in {**annotations, **dict.fromkeys(more)}:
        if key in reader.pod_annotations(backend.pod_template):
            yield Conflict(
                f"podTemplate.metadata.annotations.{key}",
                reader.pod_annotations(backend.pod_template)[key],
                f"is the mesh's own with mesh: {backend.mesh}: leave it out, or set meshOptions",
                ("mesh",),
            )
