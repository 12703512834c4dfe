"""The settings of an Ingress and of an HTTPRoute, which bring requests to the backend next to the load balancer."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from ..errors import settings as errors
from .base import SUBDOMAIN, InvalidValueError, LabelKey, Namespace, ObjectName, SettingsModel, form

ENDPOINT_SLICE_SECONDS = 2
"""Seconds at most until a controller reads that a pod became ready or not ready: the kubelet checks each second
(genericPlegRelistPeriod), the EndpointSlice follows at once, plus one second for the messages in between."""


def _not_an_address(host: str) -> str:
    """Return the host. Raise InvalidValueError for an IP address, which neither an Ingress nor a route accepts."""
    if host.replace(".", "").isdigit():
        raise InvalidValueError("is an IP address: use a name, for example shop.example.com", errors.INVALID_FORMAT)
    return host


# In lowercase, with at most one wildcard, at the beginning: the API's form.
Host = Annotated[
    str,
    form(
        rf"^([*][.])?{SUBDOMAIN}$",
        "a host name: lowercase letters, digits, '-' and single dots, optionally after '*.'",
        max_length=253,
    ),
    AfterValidator(_not_an_address),
]
# No empty segment, and none that starts with a dot: controllers treat those differently.
Prefix = Annotated[
    str,
    form(
        r"^/([A-Za-z0-9_~-][A-Za-z0-9._~-]*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?)?$",
        "a path such as /shop: letters, digits and any of ._~-, with no segment that is empty or starts with a dot",
        max_length=1024,
    ),
]
EndpointUpdateSeconds = Annotated[int, Field(ge=1, le=300)]


# As the API takes it for every type of path; a controller may take more.
Path = Annotated[str, form(r"^/[!-~]*$", "a path that starts with '/' and contains no space", max_length=1024)]


class IngressPath(SettingsModel):
    """A path of an Ingress, in the words of Kubernetes."""

    path: Path = Field("/", description="The path, such as /api.")
    path_type: Literal["Prefix", "Exact", "ImplementationSpecific"] = Field(
        "Prefix", description="How the controller compares it. `ImplementationSpecific` is up to the controller."
    )
    port: ObjectName | None = Field(
        None, description="Name of the Service's port for these requests. If omitted, the main port."
    )


class Ingress(SettingsModel):
    """An Ingress in front of the Service, for an Ingress controller that is already installed."""

    hosts: list[Host] = Field(
        default_factory=list,
        max_length=20,
        description="Host names of the Ingress, such as shop.example.com. If omitted, there is no Ingress.",
    )
    class_name: ObjectName | None = Field(
        None, description="Name of an existing IngressClass, such as nginx. If omitted, the cluster's default."
    )
    path: Prefix = Field("/", description="Path prefix of requests that the Ingress sends to the backend.")
    paths: list[IngressPath] = Field(
        default_factory=list,
        max_length=50,
        description="Paths of each host, in the place of `path`, each with its type and its port of the Service.",
    )
    tls_secret_name: ObjectName | None = Field(
        None,
        description="Name of a Secret in the backend's namespace with the certificate of the hosts, which cert-manager "
        "can create. If omitted, the Ingress has no TLS.",
    )
    annotations: dict[LabelKey, str] = Field(
        default_factory=dict,
        max_length=30,
        description="Annotations of the Ingress, for the controller or for cert-manager, such as "
        "cert-manager.io/cluster-issuer.",
    )
    endpoint_update_seconds: EndpointUpdateSeconds = Field(
        10,
        description="Seconds until the controller stops sending requests to a pod that left the Service's endpoints. "
        "ingress-nginx takes 5 (sync-rate-limit 0.3 per second, plus one second), Traefik 2 "
        "(providersThrottleDuration). A controller that registers pods at the cloud's load balancer takes up to 120, "
        "for example AWS' for an ALB.",
    )


class Parent(SettingsModel):
    """A Gateway that the HTTPRoute attaches to."""

    name: ObjectName = Field(description="Name of the Gateway.")
    namespace: Namespace | None = Field(
        None, description="Namespace of the Gateway. If omitted, the backend's namespace."
    )
    section_name: ObjectName | None = Field(
        None, description="Name of the Gateway's listener. If omitted, all listeners that accept the route."
    )


class Retry(SettingsModel):
    """Retries by the Gateway, to another pod if possible. A field of the Gateway API's experimental channel."""

    attempts: Annotated[int, Field(ge=1, le=10)] | None = Field(
        None,
        description="How many times the Gateway retries a request at most. The backend must tolerate that a request "
        "arrives twice. If omitted, the Gateway's own default applies.",
    )
    codes: list[Annotated[int, Field(ge=400, le=599)]] = Field(
        default_factory=list,
        max_length=20,
        description="HTTP status codes after which the Gateway retries. Every Gateway that supports retries supports "
        "500, 502, 503 and 504. If omitted, the Gateway's own default applies.",
    )
    backoff_milliseconds: Annotated[int, Field(ge=1, le=60000)] | None = Field(
        None,
        description="Minimum milliseconds before a retry. If omitted, the Gateway's own default applies.",
    )


class Route(SettingsModel):
    """An HTTPRoute of the Gateway API, for a Gateway that already exists."""

    parent_refs: list[Parent] = Field(
        default_factory=list,
        max_length=8,
        description="Gateways that send requests to the backend. If omitted, there is no HTTPRoute.",
    )
    hostnames: list[Host] = Field(
        default_factory=list,
        max_length=16,
        description="Host names of the HTTPRoute. If omitted, all that the Gateway's listeners accept.",
    )
    kind: Literal["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"] = Field(
        "HTTPRoute", description="Kind of the route. The Gateway API of the cluster must serve it."
    )
    rules: list[dict[str, Any]] = Field(
        default_factory=list,
        max_length=16,
        description="Rules of the route in the words of the Gateway API, in the place of `path`, such as {matches: "
        "[{path: {type: Exact, value: /api}}]}. A rule without `backendRefs` sends to the main port of the Service.",
    )
    path: Prefix = Field("/", description="Path prefix of requests that an HTTPRoute sends to the backend.")
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = Field(
        None,
        description="Seconds after which the Gateway responds with 504 to a request, including all attempts. If "
        "omitted, the Gateway's own default applies.",
    )
    backend_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = Field(
        None,
        description="Seconds that the Gateway waits for one attempt. At most `timeoutSeconds` and "
        "`shutdown.drainSeconds`. If omitted, the Gateway's own default applies.",
    )
    retry: Retry = Field(default_factory=Retry, description="Retries by the Gateway.")
    endpoint_update_seconds: EndpointUpdateSeconds = Field(
        10,
        description="Seconds until the Gateway stops sending requests to a pod that left the Service's endpoints. "
        "Istio takes up to 10 (PILOT_DEBOUNCE_MAX). A Gateway that registers pods at the cloud's load balancer takes "
        "up to 120.",
    )


# Kinds that are not in the API's first version.
_VERSIONS = {"TLSRoute": "v1alpha3", "TCPRoute": "v1alpha2", "UDPRoute": "v1alpha2"}


def route_api(kind: str) -> str:
    """Return the group and version of a kind of route."""
    return f"gateway.networking.k8s.io/{_VERSIONS.get(kind, 'v1')}"


def endpoint_update_seconds(ingress: Ingress, route: Route) -> dict[str, int]:
    """Return the endpoint update seconds of the Ingress and the route, if they are enabled, by their keys."""
    return {
        **({"ingress.endpointUpdateSeconds": ingress.endpoint_update_seconds} if ingress.hosts else {}),
        **({"route.endpointUpdateSeconds": route.endpoint_update_seconds} if route.parent_refs else {}),
    }
