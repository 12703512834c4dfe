"""Looks at a backend five times a second while something is changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.inspection.client import Client, InspectionError
from lab.changes.snapshot import Place

PAUSE = 0.2


@dataclass(frozen=True)
class Moment:
    """What was there at one moment."""

    at: float
    serving: frozenset[str]
    """Pods, by uid, to which the Service leads requests on a port that they have."""
    deployment: str | None
    service: str | None
    doors: frozenset[str]
    """Where clients can knock: each address of the Service with each port."""


class Watching:
    """The moments while it is entered. ``silent`` counts those in which nobody answered."""

    def __init__(self, client: Client, place: Place) -> None:
        self._client, self._place, self._stop = client, place, threading.Event()
        self.moments: list[Moment] = []
        self.silent = 0

    def __enter__(self) -> Watching:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            try:
                self.moments.append(look(self._client, self._place))
            except InspectionError:
                self.silent += 1


def look(client: Client, place: Place) -> Moment:
    """Asks once. Raises InspectionError."""
    space, name = place.namespace, place.name
    deployment = client.look(f"/apis/apps/v1/namespaces/{space}/deployments/{name}")
    service = client.look(f"/api/v1/namespaces/{space}/services/{name}")
    pods = client.look(f"/api/v1/namespaces/{space}/pods") or {}
    slices = (
        client.look(
            f"/apis/discovery.k8s.io/v1/namespaces/{space}/endpointslices"
            f"?labelSelector=kubernetes.io%2Fservice-name%3D{name}"
        )
        or {}
    )
    return Moment(
        time.monotonic(),
        serving(slices.get("items") or [], pods.get("items") or []),
        _uid(deployment),
        _uid(service),
        doors(service),
    )


def serving(slices: list[Mapping[str, Any]], pods: list[Mapping[str, Any]]) -> frozenset[str]:
    """Pods behind ready endpoints. One that says which ports it has serves only where one of these is asked."""
    has = {
        pod["metadata"]["uid"]: {
            port["containerPort"] for container in pod["spec"]["containers"] for port in container.get("ports") or ()
        }
        for pod in pods
    }
    found: set[str] = set()
    for part in slices:
        asked = {port.get("port") for port in part.get("ports") or ()}
        for endpoint in part.get("endpoints") or ():
            uid = (endpoint.get("targetRef") or {}).get("uid")
            ready = (endpoint.get("conditions") or {}).get("ready")
            if ready and isinstance(uid, str) and uid in has and (not has[uid] or asked & has[uid]):
                found.add(uid)
    return frozenset(found)


def doors(service: Mapping[str, Any] | None) -> frozenset[str]:
    """Every address and port under which a Service is reached, inside and outside of the cluster."""
    if service is None:
        return frozenset()
    spec, balancer = service["spec"], (service.get("status") or {}).get("loadBalancer") or {}
    addresses = [address for address in spec.get("clusterIPs") or () if address != "None"]
    addresses += [entry.get("ip") or entry.get("hostname") for entry in balancer.get("ingress") or ()]
    ports = spec.get("ports") or []
    found = {f"{address}:{port['port']}/{port.get('protocol', 'TCP')}" for address in addresses for port in ports}
    if spec.get("type") == "NodePort":
        found |= {f"node:{port['nodePort']}" for port in ports if port.get("nodePort")}
    return frozenset(found)


def _uid(found: Mapping[str, Any] | None) -> str | None:
    return found["metadata"]["uid"] if found else None
