"""The state of a cluster that Cluster API manages, as its management cluster reports it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .access import ClusterAccess
from .client import Client

CORE = "/apis/cluster.x-k8s.io/v1beta2"
# Conditions that are true while something is not as it should be. All others are false then.
_NEGATIVE = ("RollingOut", "ScalingUp", "ScalingDown", "Remediating", "Deleting", "Paused")
_REQUIRED = (
    "TopologyReconciled",
    "InfrastructureReady",
    "ControlPlaneInitialized",
    "ControlPlaneAvailable",
    "WorkersAvailable",
    "Available",
)
_CURRENT = ("TopologyReconciled", "Available")  # the others are not always reported anew for a later generation
_MACHINES = {"controlPlane": "control plane machines", "workers": "workers"}  # as the status counts them
_Object = Mapping[str, Any]


def get_cluster(client: Client, name: str, namespace: str) -> dict[str, Any] | None:
    """Return the Cluster object; None if it does not exist. Raises InspectionError, also if it may not be read."""
    path = f"{CORE}/namespaces/{namespace}/clusters/{name}"
    return client.get_if_permitted(path) if client.exists(path) else None


def cluster_access(client: Client, cluster: _Object) -> ClusterAccess | None:
    """Return how to reach a cluster; None if it has no kubeconfig yet, or if the account may not read it."""
    meta = cluster["metadata"]
    secret = client.get_if_permitted(f"/api/v1/namespaces/{meta['namespace']}/secrets/{meta['name']}-kubeconfig")
    if not secret or "value" not in (secret.get("data") or {}):
        return None
    return ClusterAccess(base64.b64decode(secret["data"]["value"]).decode(), None, meta["uid"])


def cluster_class_name(cluster: _Object | None) -> str:
    """Return the name of the cluster's ClusterClass; empty if it has none or does not exist."""
    topology = ((cluster or {}).get("spec") or {}).get("topology") or {}
    return str((topology.get("classRef") or {}).get("name") or "")


def failure_domains(cluster: _Object) -> tuple[str, ...]:
    """Return the failure domains that the cluster's infrastructure reports; empty if it reports none."""
    domains = (cluster.get("status") or {}).get("failureDomains") or ()
    return tuple(sorted(domain["name"] for domain in domains))


def unready_reasons(cluster: _Object) -> list[str]:
    """Return why a cluster is not in its desired state, one line each; empty if it is."""
    name, generation = title(cluster), cluster["metadata"]["generation"]
    by_type = {each["type"]: each for each in conditions(cluster)}
    reasons = []
    for kind in _REQUIRED:
        condition = by_type.get(kind)
        if condition is None:
            reasons.append(f"{name}: {kind} is not reported yet")
        elif condition["status"] != "True":
            reasons.append(describe(name, condition))
        elif kind in _CURRENT and condition.get("observedGeneration", generation) < generation:
            reasons.append(f"{name}: {kind} is reported for an earlier generation")
    for key, words in _MACHINES.items():
        if key == "workers" and _has_machine_pools(cluster):
            continue  # it counts what a provider calls a machine: on Google Cloud that is the pool itself
        number = (cluster.get("status") or {}).get(key) or {}
        desired = number.get("desiredReplicas", 0)
        ready = min(number.get(of, 0) for of in ("availableReplicas", "upToDateReplicas"))
        if ready < desired:
            reasons.append(f"{name}: {ready} of {desired} {words} are available and up to date")
    reasons += [
        describe(name, by_type[kind]) for kind in _NEGATIVE if kind in by_type and by_type[kind]["status"] == "True"
    ]
    return reasons


def unready_pools(client: Client, cluster: _Object) -> Iterator[str]:
    """Yield pools with missing nodes or with nodes of another version, which no condition of the Cluster reports."""
    if not _has_machine_pools(cluster):
        return
    meta, version = cluster["metadata"], cluster["spec"]["topology"]["version"]
    entries = cluster["spec"]["topology"]["workers"]["machinePools"]
    pools = client.list_objects(
        f"{CORE}/namespaces/{meta['namespace']}/machinepools", f"cluster.x-k8s.io/cluster-name={meta['name']}"
    )
    if len(pools) < len(entries):
        yield f"{title(cluster)}: {len(pools)} of {len(entries)} machine pools exist"
    for pool in pools:
        status = pool.get("status") or {}
        desired, nodes = pool["spec"].get("replicas") or 0, len(status.get("nodeRefs") or ())
        if pool["spec"]["template"]["spec"].get("version") != version:
            yield f"{title(pool)}: its version is not set to {version} yet"
        elif nodes < desired:
            yield f"{title(pool)}: {nodes} of {desired} machines have a node"
        for other in status.get("versions") or ():
            if _base_version(other["version"]) != _base_version(version):
                yield f"{title(pool)}: {other.get('replicas', 0)} of its machines run {other['version']}"


def _has_machine_pools(cluster: _Object) -> bool:
    """Return whether the cluster's cloud runs pools of machines as a whole."""
    topology = (cluster.get("spec") or {}).get("topology") or {}
    return bool((topology.get("workers") or {}).get("machinePools"))


def _base_version(version: str) -> str:
    """Remove the suffix that a cloud appends to a version."""
    return version.partition("-")[0].partition("+")[0]


def conditions(resource: _Object) -> Sequence[_Object]:
    """Return the conditions of a resource."""
    return (resource.get("status") or {}).get("conditions") or ()


def title(resource: _Object) -> str:
    """Return kind and name of a resource."""
    return f"{resource.get('kind') or 'Cluster'} {resource['metadata']['name']}"


def describe(name: str, condition: _Object) -> str:
    """Return a condition in one line, after the title of its resource."""
    message = " ".join(str(condition.get("message") or "").split())
    return f"{name}: {condition['type']} is {condition['status']} ({condition.get('reason') or 'no reason'}" + (
        f": {message[:300]})" if message else ")"
    )


def machine_counts(cluster: _Object) -> str:
    """Return how many machines are available, in words."""
    status = cluster.get("status") or {}
    parts = [
        f"{status[key].get('availableReplicas', 0)} {words}" for key, words in _MACHINES.items() if status.get(key)
    ]
    return " and ".join(parts) or "its cloud runs the machines"
