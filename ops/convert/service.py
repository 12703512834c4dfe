"""Convert the Services of a workload."""

from __future__ import annotations

from typing import Any

from ops.convert.notes import Notes
from ops.convert.objects import Object, entries, metadata, name, spec
from ops.convert.ports import Ports
from ops.convert.workload import Workload, annotations_of

_COPIED = (
    "allocateLoadBalancerNodePorts",
    "healthCheckNodePort",
    "ipFamilies",
    "ipFamilyPolicy",
    "loadBalancerClass",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "sessionAffinity",
    "sessionAffinityConfig",
    "trafficDistribution",
)
_HEALTH_CHECK = (
    "until the load balancer notices a lost node: interval times failures plus time-out of its health check (see "
    "docs/explanation/load-balancers.md)"
)


def service(workload: Workload, ports: Ports, selector: dict[str, str], notes: Notes) -> dict[str, Any]:
    """Return the settings of the Service, and of further ones as objects of their own."""
    settings: dict[str, Any] = {"servicePort": ports.service_port}
    main = ports.service
    body = spec(main) if main else {}
    kind = body.get("type", "ClusterIP")
    settings["loadBalancer"] = {"enabled": kind != "ClusterIP"}
    if kind != "ClusterIP":
        if policy := body.get("externalTrafficPolicy"):
            settings["loadBalancer"]["externalTrafficPolicy"] = policy
        settings["loadBalancer"]["healthCheckSeconds"] = 30
        notes.ask("loadBalancer.healthCheckSeconds", f"Seconds {_HEALTH_CHECK}.")
    overrides = _overrides(workload, ports, body, kind)
    if main and (noted := annotations_of(main)):
        overrides.setdefault("metadata", {})["annotations"] = noted
    if overrides:
        settings["overrides"] = {"service": overrides}
    if main and body.get("clusterIP") == "None":
        notes.changed(
            "Service",
            "spec.clusterIP",
            "a headless Service gets an address of its own: clients that look up single pods connect to the Service",
            "a request is sent to a ready pod, also by clients that keep old addresses",
        )
    others = [one for one in workload.services if one is not main and not workload.shared_with(one)]
    if main and name(main) != workload.name:
        notes.changed(
            "Service",
            "metadata.name",
            f"the stack's Service is {workload.name}; {name(main)} is kept as a further Service with the same ports, "
            "so clients reach the backend under both names",
            "a release, its pods and its Service have one name",
        )
        others.insert(0, _inside(main))
    if others:
        settings["extraObjects"] = [_further(one, ports, selector) for one in others]
        for one in others:
            notes.renamed("Service", f"further.{name(one)}", f"Service {name(one)} is an entry of extraObjects")
    return settings


def _overrides(workload: Workload, ports: Ports, body: dict[str, Any], kind: str) -> dict[str, Any]:
    fields = {key: body[key] for key in _COPIED if key in body}
    fields = {key: value for key, value in fields.items() if (key, value) != ("sessionAffinity", "None")}
    for key in ("internalTrafficPolicy", "externalIPs"):
        # Rejected, with a reason, unless it is the default.
        if key in body and body[key] != "Cluster":
            fields[key] = body[key]
    if body.get("publishNotReadyAddresses"):
        fields["publishNotReadyAddresses"] = True
    if kind == "NodePort":
        fields["type"] = "NodePort"
    listed = [_port(each, ports) for each in entries(body.get("ports")) if each is not ports.service_entry]
    kept = ("appProtocol", "nodePort")
    main: dict[str, Any] = {key: value for key, value in ports.service_entry.items() if key in kept}
    if ports.service_entry.get("name") not in (None, ports.protocol) and ports.service:
        main["name"] = ports.service_entry["name"]
    if main:
        transport = {"protocol": "UDP"} if ports.protocol == "udp" else {}
        listed.insert(0, {"port": ports.service_port, **transport, **main})
    if listed:
        fields["ports"] = listed
    return {"spec": fields} if fields else {}


def _port(entry: dict[str, Any], ports: Ports) -> dict[str, Any]:
    if "targetPort" not in entry:
        return dict(entry)
    return {**entry, "targetPort": ports.renamed(entry["targetPort"])}


def _inside(one: Object) -> Object:
    """Return a Service that is reached inside the cluster only: the stack's own has the load balancer."""
    kept = (
        "selector",
        "ports",
        "clusterIP",
        "sessionAffinity",
        "sessionAffinityConfig",
        "ipFamilies",
        "ipFamilyPolicy",
    )
    body = {key: value for key, value in spec(one).items() if key in kept}
    body["ports"] = [{key: each[key] for key in each if key != "nodePort"} for each in entries(body.get("ports"))]
    return {**one, "spec": body}


def _further(one: Object, ports: Ports, selector: dict[str, str]) -> Object:
    """Return a further Service. It selects by the Deployment's labels: others may change with the backend's name."""
    body = {**spec(one), "selector": dict(selector)}
    body["ports"] = [_port(each, ports) for each in entries(body.get("ports"))]
    if body.get("clusterIP") not in (None, "None"):
        body.pop("clusterIP")
    body.pop("clusterIPs", None)
    kept = {key: value for key, value in metadata(one).items() if key in ("name", "labels", "annotations")}
    return {"apiVersion": "v1", "kind": "Service", "metadata": kept, "spec": body}
