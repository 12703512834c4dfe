"""What a stack may say of a service mesh that is there already: which one, and what its proxies do for the backend."""

from typing import Annotated, Literal

from pydantic import Field

from .base import SUBDOMAIN, FilledLabelValue, Group, Namespace
from .pod import Amounts

Mesh = Literal["none", "istio", "istio-ambient", "linkerd"]

SIDECARS = ("istio", "linkerd")
"""Those that put a proxy into every pod."""
ISTIOS = ("istio", "istio-ambient")
"""Those that Istio's own objects speak to."""
_CONTROL_PLANES = {"istio": "istio-system", "istio-ambient": "istio-system", "linkerd": "linkerd"}
"""The namespaces that their makers install them into."""
TAKEN_PORTS = {
    "istio": {15000, 15001, 15002, 15004, 15006, 15008, 15020, 15021, 15053, 15090},
    "istio-ambient": {15001, 15006, 15008, 15053},
    "linkerd": {4140, 4143, 4190, 4191},
}
"""Ports on which the proxy itself listens, in the pod's own network."""
REVISION = "istio.io/rev"
RETRY_ON = "connect-failure,refused-stream,reset,502,503,504"
"""What Istio's proxies repeat: a killed pod is a `reset` to its client; a proxy beside it that lives on answers 503."""
MOST_EJECTED_PERCENT = 50
"""Of the pods that Istio's proxies pass over at once: where most fail, passing over helps nobody."""
PROXY_END = 5
"""Seconds that a proxy may take to end, once the backend has: Linkerd's is told so, Istio's ends at once, or after its
terminationDrainDuration of 5 s where it did not hear of the end before."""
PROXY_START = 10
"""An allowance of seconds for a proxy to be ready, for which the backend waits. Neither mesh bounds it lower than two minutes;
with a control plane that answers it takes one to three."""


class Waypoint(Group):
    """A proxy of Istio's ambient mode that requests to the Service are led through."""

    # A label's value names it.
    name: Annotated[str, Field(pattern=rf"^{SUBDOMAIN}$", max_length=63)] = Field(description="Name of its Gateway.")
    namespace: Namespace = Field(
        description="Its namespace, which is not the backend's: that one refuses what it has not opened."
    )


class MeshProxy(Group):
    """What the proxy in each pod is guaranteed (requests) and what it may use at the most (limits)."""

    requests: Amounts = Field(
        Amounts(cpu="100m", memory="128Mi"), description="Guaranteed to each pod's proxy, besides `resources.requests`."
    )
    limits: Amounts = Field(
        Amounts(cpu="2000m", memory="1Gi"),
        description="Above its CPU limit a proxy is throttled, above "
        "its memory limit it is killed, and the pod serves nobody until it is back.",
    )


class OutlierDetection(Group):
    """Pods that the proxies of the mesh's clients pass over for a while, because requests to them failed."""

    consecutive_failures: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None,
        description="Failed requests in a row after which a client's proxy passes over a pod. Istio counts 502, 503, 504 "
        "and connections that fail, Linkerd every 5xx. Left out: none is passed over.",
    )
    ejection_seconds: int = Field(
        10, ge=1, le=3600, description="Seconds for which it is, the first time; longer each time after that."
    )


class MeshOptions(Group):
    """What the mesh's proxies do for the backend, and where the mesh is."""

    control_plane_namespace: Namespace | None = Field(
        None,
        description="Namespace of the mesh's control plane, which the proxies connect to. Left out: istio-system or "
        "linkerd.",
    )
    revision: FilledLabelValue | None = Field(
        None,
        description="Istio's revision that makes the proxies, e.g. canary. "
        "Left out: the default one. With `mesh: istio` alone.",
    )
    waypoint: Waypoint | None = Field(
        None,
        description="A waypoint that requests of the mesh's clients are led through. With `mesh: istio-ambient` alone, "
        "where nothing but a waypoint retries or detects outliers.",
    )
    proxy: MeshProxy = Field(
        default_factory=MeshProxy,
        description="CPU and memory of the proxy in each pod; Istio's ambient mode has none there.",
    )
    retry_attempts: Annotated[int, Field(ge=1, le=10)] | None = Field(
        None,
        description="How often the proxies of the mesh's clients send a failed request once more at the most: after a "
        "connection that fails or breaks, and after 502, 503 and 504. Left out: the mesh does as it does by itself. The "
        "backend must bear that a request arrives twice.",
    )
    outlier_detection: OutlierDetection = Field(
        default_factory=OutlierDetection, description="Pods that are passed over."
    )


def control_plane(mesh: Mesh, options: MeshOptions) -> str:
    """The namespace of its control plane; there must be a mesh."""
    return options.control_plane_namespace or _CONTROL_PLANES[mesh]


def pod_labels(mesh: Mesh, options: MeshOptions) -> dict[str, str]:
    """The labels by which a mesh takes a pod up. On the pod, not on its namespace: others may be in that as well."""
    if mesh == "istio":
        return {REVISION: options.revision} if options.revision else {"sidecar.istio.io/inject": "true"}
    return {"istio.io/dataplane-mode": "ambient"} if mesh == "istio-ambient" else {}


def pod_annotations(mesh: Mesh, options: MeshOptions) -> dict[str, str]:
    """What a pod says of its proxy: started before the backend and ended after it, whatever the mesh's own default is."""
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
            f"{config}/shutdown-grace-period": f"{PROXY_END}s",
            f"{config}/proxy-cpu-request": requests.cpu,
            f"{config}/proxy-memory-request": requests.memory,
            f"{config}/proxy-cpu-limit": limits.cpu,
            f"{config}/proxy-memory-limit": limits.memory,
        }
    return {}
