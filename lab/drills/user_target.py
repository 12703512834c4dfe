"""A cluster of somebody's own, of which one backend was named: nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping

from components.inspection.client import Client
from lab.drills.drill import CABLES, CLUSTERS, CONTAINERS, CONTROL_PLANE, ENGINE, LINK, OWNER, POWER
from lab.drills.kube import Kube
from lab.drills.target import Ground

_NEVER = {
    OWNER: "only a restart is done to a backend of somebody else",
    ENGINE: "it is not deployed from here",
    POWER: "the nodes of somebody's own cluster are not lost on purpose",
    LINK: "which of somebody's nodes are a site is not known here",
    CABLES: "the nodes of somebody's own cluster are not cut off on purpose",
    CONTAINERS: "containers are not reached from here",
    CLUSTERS: "it takes two clusters, one of which is cut off",
    CONTROL_PLANE: "the control plane of somebody's own cluster is left alone",
}


class TheirGround(Ground):
    """One context of a kubeconfig. ``cannot``: what is not allowed besides, with the reason.

    Asked twice a second: its endpoints are few, and its API server has others to answer.
    """

    owned = False
    sample_seconds = 0.5

    def __init__(self, client: Client, cannot: Mapping[str, str]) -> None:
        self.kube = Kube(client)
        self.cannot = {**_NEVER, **cannot}
        self.closed: list[str] = []
