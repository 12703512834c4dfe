"""Contradictions in the settings of a cluster that Cluster API creates."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from ..errors import clusters as errors
from ..settings.conflict import Conflict
from .clouds.registry import CLOUDS
from .cluster_api import ClusterApiCluster


def conflicts(cluster: ClusterApiCluster) -> Iterator[Conflict]:
    """Yield every contradiction. Keys are relative to the cluster."""
    names = cluster.cloud_names
    if len(names) != 1:
        yield Conflict(
            "kind",
            cluster.kind,
            f"needs exactly one of {', '.join(CLOUDS)}, and the cluster has {' and '.join(names) or 'none of them'}: "
            + ("omit the others" if names else "add the one that the cluster is to run on"),
            tuple(CLOUDS),
            kind=errors.CLOUD_NOT_UNIQUE,
        )
        return
    (name,), cloud = names, cluster.cloud
    for number, zone in enumerate(cluster.zones):
        if problem := cloud.zone_problem(zone):
            text, others = problem
            yield Conflict(f"zones[{number}]", zone, text, ("zones", *others), kind=errors.UNKNOWN_ZONE)
    if len(cluster.name) > cloud.max_name_length:
        yield Conflict(
            "name",
            cluster.name,
            f"is too long for {name}: shorten it to {cloud.max_name_length} characters",
            kind=errors.CLUSTER_NAME_TOO_LONG,
        )
    if cluster.version.partition("-")[2] and not cloud.version_suffix:
        yield Conflict(
            "version",
            cluster.version,
            f"has a suffix that versions of {name} lack: omit everything after the third number",
            kind=errors.VERSION_SUFFIX,
        )
    yield from _machines(cluster)
    for key, networks in (("podCidrs", cluster.pod_cidrs), ("serviceCidrs", cluster.service_cidrs)):
        for number, network in enumerate(networks):
            if not _is_network(network):
                yield Conflict(
                    f"{key}[{number}]",
                    network,
                    "is not an IPv4 network: use an address whose bits after the prefix are zero, for example "
                    "192.168.0.0/16",
                    (key,),
                    kind=errors.INVALID_NETWORK,
                )


def _machines(cluster: ClusterApiCluster) -> Iterator[Conflict]:
    """Yield the pools that exceed the most machines of a pool, over all zones."""
    zones, most = len(cluster.zones), cluster.cloud.max_pool_machines
    for number, pool in enumerate(cluster.workers):
        machines = pool.upper_bound_per_zone * zones
        if machines <= most:
            continue
        key = "maxMachinesPerZone" if pool.autoscaled else "machinesPerZone"
        yield Conflict(
            f"workers[{number}].{key}",
            pool.upper_bound_per_zone,
            f"makes {machines} machines in {zones} zones, and a pool has at most {most}: lower it to {most // zones}, "
            "or add another pool",
            ("workers", "zones"),
            kind=errors.POOL_TOO_LARGE,
        )


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
