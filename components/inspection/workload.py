"""What a management cluster says of a cluster that Cluster API makes: whether it is ready, and which condition says no."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .access import Access
from .client import Client, InspectionError

CORE = "/apis/cluster.x-k8s.io/v1beta2"
_PAUSE = 2.0
_TOLD_EACH = 30.0  # seconds between two lines of progress
_GRACE = (
    60.0  # at the end, for an answer that says why: a management cluster that makes much at once is slow to give it
)
_MOST_LINES = 8
# Conditions that are true where something is not as it should be; all others are false there.
_TROUBLES = ("RollingOut", "ScalingUp", "ScalingDown", "Remediating", "Deleting", "Paused")
_NEEDED = (
    "TopologyReconciled",
    "InfrastructureReady",
    "ControlPlaneInitialized",
    "ControlPlaneAvailable",
    "WorkersAvailable",
    "Available",
)
_CURRENT = ("TopologyReconciled", "Available")  # the others are not always said anew of a later state
_MACHINES = {"controlPlane": "machines of the control plane", "workers": "workers"}  # as its status counts them
_Object = Mapping[str, Any]


class NotReadyError(Exception):
    """The cluster did not become ready; the text names every condition that says why."""


def seen(client: Client, name: str, namespace: str) -> dict[str, Any] | None:
    """The Cluster object; None where there is none. Raises InspectionError, also where it may not be seen."""
    path = f"{CORE}/namespaces/{namespace}/clusters/{name}"
    return client.look(path) if client.sees(path) else None


def access(client: Client, cluster: _Object) -> Access | None:
    """The way to a cluster; None where there is none yet, or it may not be seen."""
    meta = cluster["metadata"]
    secret = client.look(f"/api/v1/namespaces/{meta['namespace']}/secrets/{meta['name']}-kubeconfig")
    if not secret or "value" not in (secret.get("data") or {}):
        return None
    return Access(base64.b64decode(secret["data"]["value"]).decode(), meta["uid"])


def class_name(cluster: _Object | None) -> str:
    """The ClusterClass that it has; empty where it has none, or is not there."""
    topology = ((cluster or {}).get("spec") or {}).get("topology") or {}
    return str((topology.get("classRef") or {}).get("name") or "")


def zones(cluster: _Object) -> tuple[str, ...]:
    """The failure domains that its infrastructure reports; empty where it reports none."""
    told = (cluster.get("status") or {}).get("failureDomains") or ()
    return tuple(sorted(domain["name"] for domain in told))


def unready(cluster: _Object) -> list[str]:
    """Why a cluster is not as it was asked for yet, each in one line; empty where it is."""
    title, generation = _title(cluster), cluster["metadata"]["generation"]
    found = {each["type"]: each for each in _conditions(cluster)}
    said = []
    for kind in _NEEDED:
        condition = found.get(kind)
        if condition is None:
            said.append(f"{title}: {kind} is not reported yet")
        elif condition["status"] != "True":
            said.append(_line(title, condition))
        elif kind in _CURRENT and condition.get("observedGeneration", generation) < generation:
            said.append(f"{title}: {kind} is of an earlier state of it")
    for key, words in _MACHINES.items():
        if key == "workers" and _pooled(cluster):
            continue  # of a pool it counts what its provider calls a machine: on Google Cloud that is the pool itself
        number = (cluster.get("status") or {}).get(key) or {}
        wanted = number.get("desiredReplicas", 0)
        there = min(number.get(of, 0) for of in ("availableReplicas", "upToDateReplicas"))
        if there < wanted:
            said.append(f"{title}: {there} of {wanted} {words} are there, and as they should be")
    said += [_line(title, found[kind]) for kind in _TROUBLES if kind in found and found[kind]["status"] == "True"]
    return said


def _pooled(cluster: _Object) -> bool:
    """Whether its cloud runs pools of machines as a whole."""
    topology = (cluster.get("spec") or {}).get("topology") or {}
    return bool((topology.get("workers") or {}).get("machinePools"))


def _pools(client: Client, cluster: _Object) -> Iterator[str]:
    """Which pools have fewer nodes than they should, or nodes of another version: no condition of the Cluster says so."""
    if not _pooled(cluster):
        return
    meta, version = cluster["metadata"], cluster["spec"]["topology"]["version"]
    entries = cluster["spec"]["topology"]["workers"]["machinePools"]
    found = client.listed(
        f"{CORE}/namespaces/{meta['namespace']}/machinepools", f"cluster.x-k8s.io/cluster-name={meta['name']}"
    )
    if len(found) < len(entries):
        yield f"{_title(cluster)}: {len(found)} of {len(entries)} pools are made"
    for pool in found:
        status = pool.get("status") or {}
        wanted, there = pool["spec"].get("replicas") or 0, len(status.get("nodeRefs") or ())
        if pool["spec"]["template"]["spec"].get("version") != version:
            yield f"{_title(pool)}: it is not asked to run {version} yet"
        elif there < wanted:
            yield f"{_title(pool)}: {there} of {wanted} machines have a node"
        for other in status.get("versions") or ():
            if _base(other["version"]) != _base(version):
                yield f"{_title(pool)}: {other.get('replicas', 0)} of its machines run {other['version']}"


def _base(version: str) -> str:
    """Without what a cloud adds to it."""
    return version.partition("-")[0].partition("+")[0]


def becoming(
    client: Client, name: str, namespace: str, seconds: float, log: Callable[[str], None]
) -> Iterator[float | Access]:
    """Yields the seconds to wait before it asks again, and at last the way to the cluster.

    Raises NotReadyError where it has not become ready after ``seconds``, naming the conditions of all that belongs to it.
    """
    began = told = time.monotonic()
    while True:
        try:
            cluster = seen(client, name, namespace)
            reasons = [*unready(cluster), *_pools(client, cluster)] if cluster else [f"Cluster {name} is not there"]
            way = access(client, cluster) if cluster and not reasons else None
            if way:
                log(f"cluster {name}: ready after {time.monotonic() - began:.0f} s; {_count(cluster or {})}")
                yield way
                return
            reasons = reasons or [f"Cluster {name} has no Secret {name}-kubeconfig that this account may read"]
            if time.monotonic() - began > seconds:
                raise NotReadyError(
                    "\n".join(
                        [
                            f"The cluster {name} in namespace {namespace} was not ready after {seconds:.0f} s:",
                            *(f"  {line}" for line in [*reasons, *culprits(client, name, namespace)]),
                        ]
                    )
                )
        except InspectionError as error:
            reasons = [str(error)]
            if time.monotonic() - began > seconds + _GRACE:
                raise NotReadyError(f"Nobody can tell whether the cluster {name} is ready: {error}") from None
        if told == began or time.monotonic() - told > _TOLD_EACH:
            left = max(0.0, seconds - (time.monotonic() - began))
            log(f"cluster {name}: waiting up to {left:.0f} s more: {reasons[0]}")
            told = time.monotonic()
        yield _PAUSE


def culprits(client: Client, name: str, namespace: str) -> list[str]:
    """The conditions of what a cluster consists of that are not as they should be, the most telling first. Never fails."""
    return _some(
        [
            _line(_title(each), condition)
            for each in _owned(client, name, namespace)
            for condition in _conditions(each)
            if condition["type"] in ("Ready", "Available", "BootstrapConfigReady", "InfrastructureReady")
            and condition["status"] != "True"
        ]
    )


def lingering(client: Client, name: str, namespace: str) -> list[str]:
    """What the deletion of a cluster waits for; empty where it is gone. Raises InspectionError."""
    cluster = seen(client, name, namespace)
    if cluster is None:
        return []
    return _some(
        [
            _line(_title(each), condition)
            for each in [cluster, *_owned(client, name, namespace)]
            for condition in _conditions(each)
            if condition["type"] == "Deleting" and condition["status"] == "True"
        ]
        or [f"{_title(cluster)}: it is not being deleted"]
    )


def _owned(client: Client, name: str, namespace: str) -> Iterator[_Object]:
    for group, plural in _OWNED:
        try:
            yield from client.listed(
                f"/apis/{group}/namespaces/{namespace}/{plural}", f"cluster.x-k8s.io/cluster-name={name}", needed=False
            )
        except InspectionError:
            continue


def _conditions(found: _Object) -> Sequence[_Object]:
    return (found.get("status") or {}).get("conditions") or ()


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], *([f"and {more} more"] if more > 0 else [])]


_OWNED = tuple(
    (group, plural)
    for group, plurals in {
        "controlplane.cluster.x-k8s.io/v1beta2": ("kubeadmcontrolplanes", "awsmanagedcontrolplanes"),
        "infrastructure.cluster.x-k8s.io/v1beta2": ("devclusters", "awsmanagedclusters"),
        "infrastructure.cluster.x-k8s.io/v1beta1": (
            "gcpmanagedclusters",
            "gcpmanagedcontrolplanes",
            "gcpmanagedmachinepools",
            "azureasomanagedclusters",
            "azureasomanagedcontrolplanes",
            "azureasomanagedmachinepools",
        ),
        "cluster.x-k8s.io/v1beta2": ("machinedeployments", "machinepools", "machines"),
    }.items()
    for plural in plurals
)


def _title(found: _Object) -> str:
    return f"{found.get('kind') or 'Cluster'} {found['metadata']['name']}"


def _line(title: str, condition: _Object) -> str:
    message = " ".join(str(condition.get("message") or "").split())
    return f"{title}: {condition['type']} is {condition['status']} ({condition.get('reason') or 'no reason'}" + (
        f": {message[:300]})" if message else ")"
    )


def _count(cluster: _Object) -> str:
    status = cluster.get("status") or {}
    parts = [
        f"{status[key].get('availableReplicas', 0)} {words}" for key, words in _MACHINES.items() if status.get(key)
    ]
    return " and ".join(parts) or "its cloud runs it"
