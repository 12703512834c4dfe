"""Settings of a cluster that are each right and contradict one another: all of them are told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .cluster import ClusterSettings
from .cluster_api import CLOUDS, ClusterApiCluster
from .conflict import Conflict

_AZURE_ZONES = ("1", "2", "3")
_LONGEST = {"google": 40, "azure": 45}  # of a cluster's name: GKE's own; AKS makes a DNS prefix of up to 54 of it


def conflicts(cluster: ClusterSettings | None) -> Iterator[Conflict]:
    """Every contradiction; keys are relative to the cluster."""
    if not isinstance(cluster, ClusterApiCluster):
        return
    given = [name for name in CLOUDS if getattr(cluster, name) is not None]
    if len(given) != 1:
        yield Conflict(
            "kind",
            cluster.kind,
            f"needs exactly one of {', '.join(CLOUDS)}, and "
            f"{' and '.join(given) or 'none of them'} is given: "
            f"{'leave out the others' if given else 'add the one where the cluster is to be'}",
            tuple(CLOUDS),
        )
        return
    yield from _zones(cluster)
    cloud = given[0]
    if len(cluster.name) > _LONGEST.get(cloud, 52):
        yield Conflict(
            "name", cluster.name, f"is longer than the {_LONGEST[cloud]} characters that {cloud} takes: shorten it"
        )
    if cluster.version.partition("-")[2] and not cluster.google:
        yield Conflict(
            "version",
            cluster.version,
            "has an ending that only Google's versions have: leave out what follows the third number",
        )
    for key, blocks in (("podCidrs", cluster.pod_cidrs), ("serviceCidrs", cluster.service_cidrs)):
        for number, block in enumerate(blocks):
            if not _is_network(block):
                yield Conflict(
                    f"{key}[{number}]",
                    block,
                    "is no IPv4 network: right would be an address with zeros where the "
                    "prefix ends, for example 192.168.0.0/16",
                    (key,),
                )


def _zones(cluster: ClusterApiCluster) -> Iterator[Conflict]:
    """Zones that the cloud does not have."""
    for number, zone in enumerate(cluster.zones):
        key = f"zones[{number}]"
        if cluster.azure and zone not in _AZURE_ZONES:
            yield Conflict(
                key,
                zone,
                f"is no zone of Azure's: right would be one of {', '.join(_AZURE_ZONES)}, in quotes",
                ("zones",),
            )
        elif cluster.aws and not re.fullmatch(rf"{re.escape(cluster.aws.region)}[a-z]", zone):
            yield Conflict(
                key,
                zone,
                f"is not in aws.region ({cluster.aws.region}): right would be, for example, {cluster.aws.region}a",
                ("zones", "aws.region"),
            )
        elif cluster.google and not re.fullmatch(rf"{re.escape(cluster.google.region)}-[a-z]", zone):
            yield Conflict(
                key,
                zone,
                f"is not in google.region ({cluster.google.region}): right would be, for example, "
                f"{cluster.google.region}-a",
                ("zones", "google.region"),
            )


def _is_network(block: str) -> bool:
    import ipaddress  # here: other kinds of cluster need none of it

    try:
        ipaddress.ip_network(block)
    except ValueError:
        return False
    return True
