"""The settings of a service mesh that is already installed: which one, and what its proxies do for the backend."""

from typing import Annotated, Literal

from pydantic import Field

from .base import SUBDOMAIN, Namespace, NonEmptyLabelValue, SettingsModel, form
from .pod import Amounts

Mesh = Literal["none", "istio", "istio-ambient", "linkerd"]

SIDECAR_MESHES = ("istio", "linkerd")
"""Meshes with a proxy in every pod."""
ISTIO_MESHES = ("istio", "istio-ambient")
"""Meshes that are configured by Istio's API objects."""
_CONTROL_PLANES = {"istio": "istio-system", "istio-ambient": "istio-system", "linkerd": "linkerd"}
"""Default namespaces of the control planes."""
PROXY_PORTS = {
    "istio": {15000, 15001, 15002, 15004, 15006, 15008, 15020, 15021, 15053, 15090},
    "istio-ambient": {15001, 15006, 15008, 15053},
    "linkerd": {4140, 4143, 4190, 4191},
}
"""Ports in the pod's network namespace that the proxy listens on."""
REVISION = "istio.io/rev"
RETRY_ON = "connect-failure,refused-stream,reset,502,503,504"
"""Failures after which Istio's proxies retry. The client of a killed pod sees a `reset`; a proxy that outlives its
backend responds with 503."""
MAX_EJECTION_PERCENT = 50
"""Share of the pods that Istio's proxies eject at most. If most pods fail, ejecting them does not help."""
PROXY_STOP_SECONDS = 5
"""Seconds that a proxy may take to stop after the backend: Linkerd's is configured so; Istio's stops at once, or after
its terminationDrainDuration of 5 s if it did not learn of the backend's exit before."""
PROXY_START_SECONDS = 10
"""Allowance, in seconds, for a proxy to become ready, which the backend waits for. Neither mesh has a limit below two
minutes; with a reachable control plane it takes one to three seconds."""


class Waypoint(SettingsModel):
    """A waypoint proxy of Istio's ambient mode, through which requests to the Service pass."""

    # The value of the label istio.io/use-waypoint.
    name: Annotated[str, form(rf"^{SUBDOMAIN}$", "lowercase letters, digits, '-' and single dots", max_length=63)] = (
        Field(description="Name of the waypoint's Gateway.")
    )
    namespace: Namespace = Field(
        description="Namespace of the waypoint. Must not be the backend's namespace, whose NetworkPolicies reject the "
        "waypoint's traffic."
    )


class MeshProxy(SettingsModel):
    """Requests and limits of the proxy in each pod."""

    requests: Amounts = Field(
        Amounts(cpu="100m", memory="128Mi"),
        description="Resources that each pod's proxy is guaranteed, in addition to `resources.requests`.",
    )
    limits: Amounts = Field(
        Amounts(cpu="2000m", memory="1Gi"),
        description="Resources that each pod's proxy may use. Above its CPU limit a proxy is throttled; above its "
        "memory limit it is killed, and the pod serves no requests until it has restarted.",
    )


class OutlierDetection(SettingsModel):
    """Temporary ejection of pods whose requests fail, by the proxies of the mesh's clients."""

    consecutive_failures: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None,
        description="Number of consecutive failed requests after which a client's proxy ejects a pod. Istio counts "
        "502, 503, 504 and failed connections; Linkerd counts every 5xx. If omitted, no pod is ejected.",
    )
    ejection_seconds: int = Field(
        10,
        ge=1,
        le=3600,
        description="Seconds that a pod stays ejected the first time. Each further ejection lasts longer.",
    )


class MeshOptions(SettingsModel):
    """What the mesh's proxies do for the backend, and where the control plane is."""

    control_plane_namespace: Namespace | None = Field(
        None,
        description="Namespace of the mesh's control plane, which the proxies connect to. If omitted, istio-system or "
        "linkerd.",
    )
    revision: NonEmptyLabelValue | None = Field(
        None,
        description="Istio revision that injects the proxies, such as canary. Only with `mesh: istio`. If omitted, the "
        "default revision.",
    )
    waypoint: Waypoint | None = Field(
        None,
        description="Waypoint that requests from the mesh's clients pass through. Only with `mesh: istio-ambient`, "
        "where only a waypoint retries requests or detects outliers. If omitted, there is none.",
    )
    proxy: MeshProxy = Field(
        default_factory=MeshProxy,
        description="CPU and memory of the proxy in each pod. Istio's ambient mode has no proxy in the pod.",
    )
    retry_attempts: Annotated[int, Field(ge=1, le=10)] | None = Field(
        None,
        description="How many times the proxies of the mesh's clients retry a failed request at most: after a failed "
        "or broken connection, and after 502, 503 and 504. The backend must tolerate that a request arrives twice. If "
        "omitted, the mesh's own default applies.",
    )
    outlier_detection: OutlierDetection = Field(
        default_factory=OutlierDetection, description="Temporary ejection of pods whose requests fail."
    )


def control_plane(mesh: Mesh, options: MeshOptions) -> str:
    """Return the namespace of the control plane. The mesh must not be "none"."""
    return options.control_plane_namespace or _CONTROL_PLANES[mesh]


def pod_labels(mesh: Mesh, options: MeshOptions) -> dict[str, str]:
    """Return the labels that add a pod to the mesh. They are on the pod: the namespace may hold other workloads."""
    if mesh == "istio":
        return {REVISION: options.revision} if options.revision else {"sidecar.istio.io/inject": "true"}
    return {"istio.io/dataplane-mode": "ambient"} if mesh == "istio-ambient" else {}


def pod_annotations(mesh: Mesh, options: MeshOptions) -> dict[str, str]:
    """Return the pod annotations of the proxy, which starts before the backend and stops after it in every mesh."""
    requests, limits = options.proxy.requests, options.proxy.limits
    if mesh == "istio":
        return {
            "sidecar.istio.io/nativeSidecar": "true",
            "sidecar.istio.io/rewriteAppHTTPProbers": "true",
            "sidecar.istio.io/proxyCPU": requests.cpu,
            "sidecar.istio.io/proxyMemory": requests.memory,
            "sidecar.istio.io/proxyCPULimit": limits.cpu,
            "sidecar.istio.io/proxyMemoryLimit": limits.memory,
        }
    if mesh == "linkerd":
        config = "config.linkerd.io"
        return {
            "linkerd.io/inject": "enabled",
            f"{config}/proxy-enable-native-sidecar": "true",
            "config.beta.linkerd.io/proxy-enable-native-sidecar": "true",  # its name in 2.19
            f"{config}/proxy-await": "enabled",
            f"{config}/shutdown-grace-period": f"{PROXY_STOP_SECONDS}s",
            f"{config}/proxy-cpu-request": requests.cpu,
            f"{config}/proxy-memory-request": requests.memory,
            f"{config}/proxy-cpu-limit": limits.cpu,
            f"{config}/proxy-memory-limit": limits.memory,
        }
    return {}
