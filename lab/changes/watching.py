"""Observe a backend five times a second during a change."""

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
    """The state at one moment."""

    at: float
    serving: frozenset[str]
    """Uids of the pods that receive the Service's requests on a port that they have."""
    deployment: str | None
    service: str | None
    addresses: frozenset[str]
    """Every address of the Service with each port."""


class Watcher:
    """Collects moments within the ``with``. ``unanswered`` counts the samples without a response."""

    def __init__(self, client: Client, place: Place) -> None:
        self._client, self._place, self._stop = client, place, threading.Event()
        self.moments: list[Moment] = []
        self.unanswered = 0

    def __enter__(self) -> Watcher:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            try:
                self.moments.append(sample(self._client, self._place))
            except InspectionError:
                self.unanswered += 1


def sample(client: Client, place: Place) -> Moment:
    """Take one sample. Raises InspectionError."""
    space, name = place.namespace, place.name
    deployment = client.get_if_permitted(f"/apis/apps/v1/namespaces/{space}/deployments/{name}")
    service = client.get_if_permitted(f"/api/v1/namespaces/{space}/services/{name}")
    pods = client.get_if_permitted(f"/api/v1/namespaces/{space}/pods") or {}
    slices = (
        client.get_if_permitted(
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
        addresses(service),
    )


def serving(slices: list[Mapping[str, Any]], pods: list[Mapping[str, Any]]) -> frozenset[str]:
    """Return the pods behind ready endpoints. A pod that declares ports serves only on these."""
    declared = {
        pod["metadata"]["uid"]: {
            port["containerPort"] for container in pod["spec"]["containers"] for port in container.get("ports") or ()
        }
        for pod in pods
    }
    result: set[str] = set()
    for slice_ in slices:
        ports = {port.get("port") for port in slice_.get("ports") or ()}
        for endpoint in slice_.get("endpoints") or ():
            uid = (endpoint.get("targetRef") or {}).get("uid")
            ready = (endpoint.get("conditions") or {}).get("ready")
            if ready and isinstance(uid, str) and uid in declared and (not declared[uid] or ports & declared[uid]):
                result.add(uid)
    return frozenset(result)


def addresses(service: Mapping[str, Any] | None) -> frozenset[str]:
    """Return every address and port of a Service, inside and outside the cluster."""
    if service is None:
        return frozenset()
    spec, balancer = service["spec"], (service.get("status") or {}).get("loadBalancer") or {}
    hosts = [address for address in spec.get("clusterIPs") or () if address != "None"]
    hosts += [entry.get("ip") or entry.get("hostname") for entry in balancer.get("ingress") or ()]
    ports = spec.get("ports") or []
    result = {f"{host}:{port['port']}/{port.get('protocol', 'TCP')}" for host in hosts for port in ports}
    if spec.get("type") == "NodePort":
        result |= {f"node:{port['nodePort']}" for port in ports if port.get("nodePort")}
    return frozenset(result)


def _uid(item: Mapping[str, Any] | None) -> str | None:
    return item["metadata"]["uid"] if item else None
