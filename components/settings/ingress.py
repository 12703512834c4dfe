"""What a stack may say of the ways in beside the load balancer: an Ingress, and a route of a Gateway."""

from typing import Annotated

from pydantic import AfterValidator, Field

from .base import SUBDOMAIN, Group, LabelKey, Namespace, ObjectName

ENDPOINT_KNOWN = 2
"""Seconds at the most until a controller is told that a pod is ready, or is not any more: the kubelet looks each second
(genericPlegRelistPeriod), the EndpointSlice follows at once, and one is lost on the way."""


def _named(host: str) -> str:
    """The host. Raises ValueError where it is an address, which neither an Ingress nor a route takes."""
    if host.replace(".", "").isdigit():
        raise ValueError("is an address; right would be a name, for example shop.example.com")
    return host


# Written in one case, and with one wildcard at the most, at its beginning: as the API takes it.
Host = Annotated[str, Field(pattern=rf"^([*][.])?{SUBDOMAIN}$", max_length=253), AfterValidator(_named)]
# No empty part, and none that begins with a dot: controllers do not agree on what those mean.
Prefix = Annotated[
    str, Field(max_length=1024, pattern=(r"^/([A-Za-z0-9_~-][A-Za-z0-9._~-]*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?)?$"))
]
NoticeSeconds = Annotated[int, Field(ge=1, le=300)]


class Ingress(Group):
    """An Ingress in front of the Service, for a controller that is there already."""

    hosts: list[Host] = Field(
        default_factory=list,
        max_length=20,
        description="Names that requests are sent to, e.g. shop.example.com. Left out: no Ingress is made.",
    )
    class_name: ObjectName | None = Field(
        None, description="An existing IngressClass, e.g. nginx. Left out: the cluster's default."
    )
    path: Prefix = Field("/", description="Requests to it, and to all below it, are led to the backend.")
    tls_secret_name: ObjectName | None = Field(
        None,
        description="A Secret in the backend's namespace with the hosts' certificate, which cert-manager can make. Left "
        "out: no https.",
    )
    annotations: dict[LabelKey, str] = Field(
        default_factory=dict,
        max_length=30,
        description="Annotations for the controller or for cert-manager, e.g. cert-manager.io/cluster-issuer.",
    )
    endpoint_update_seconds: NoticeSeconds = Field(
        10,
        description="Seconds in which the controller sends nothing more to a pod that is gone from the Service's "
        "endpoints. ingress-nginx takes 5 (sync-rate-limit 0.3 a second, then a second), Traefik 2 "
        "(providersThrottleDuration); one that leads the cloud's load balancer to pods itself, such as AWS' for an ALB, up to "
        "120.",
    )


class Parent(Group):
    """A Gateway that a route is attached to."""

    name: ObjectName = Field(description="Name of the Gateway.")
    namespace: Namespace | None = Field(None, description="Its namespace. Left out: the backend's.")
    section_name: ObjectName | None = Field(None, description="Its listener. Left out: all that take the route.")


class Retry(Group):
    """Requests that the Gateway sends once more, to another pod where it can. A field of the experimental channel."""

    attempts: Annotated[int, Field(ge=1, le=10)] | None = Field(
        None,
        description="How often a request is sent once more at the most. Left out: none is asked for, and the Gateway "
        "does as it does by itself. The backend must bear that a request arrives twice.",
    )
    codes: list[Annotated[int, Field(ge=400, le=599)]] = Field(
        default_factory=list,
        max_length=20,
        description="Status codes after which it is. Every Gateway that retries knows "
        "500, 502, 503 and 504. Left out: the Gateway's own.",
    )
    backoff_milliseconds: Annotated[int, Field(ge=1, le=60000)] | None = Field(
        None, description="Milliseconds before it at the least. Left out: the Gateway's own."
    )


class Route(Group):
    """An HTTPRoute of the Gateway API, for a Gateway that is there already."""

    parent_refs: list[Parent] = Field(
        default_factory=list,
        max_length=8,
        description="The Gateways that lead requests to the backend. Left out: no HTTPRoute is made.",
    )
    hostnames: list[Host] = Field(
        default_factory=list,
        max_length=16,
        description="Names that requests are sent to. Left out: all that the Gateway's listeners take.",
    )
    path: Prefix = Field("/", description="Requests to it, and to all below it, are led to the backend.")
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = Field(
        None,
        description="Seconds after which the Gateway answers 504 for a request that is not answered. Left out: its own.",
    )
    backend_timeout_seconds: Annotated[int, Field(ge=1, le=3600)] | None = Field(
        None,
        description="Seconds that the Gateway gives one attempt; `timeoutSeconds` holds for all of a request's. At most "
        "`shutdown.drainSeconds`. Left out: its own.",
    )
    retry: Retry = Field(default_factory=Retry, description="Requests that the Gateway sends once more.")
    endpoint_update_seconds: NoticeSeconds = Field(
        10,
        description="Seconds in which the Gateway sends nothing more to a pod that is gone from the Service's endpoints. "
        "Istio takes up to 10 (PILOT_DEBOUNCE_MAX); one that leads the cloud's load balancer to pods itself, up to 120.",
    )


def notice(ingress: Ingress, route: Route) -> dict[str, int]:
    """Seconds of those that are there, by their keys."""
    return {
        **({"ingress.endpointUpdateSeconds": ingress.endpoint_update_seconds} if ingress.hosts else {}),
        **({"route.endpointUpdateSeconds": route.endpoint_update_seconds} if route.parent_refs else {}),
    }
