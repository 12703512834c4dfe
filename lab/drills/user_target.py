"""A user's own cluster, of which one named backend is touched and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from components.inspection.client import Client
from lab.drills.drill import CLUSTERS, CONTAINERS, CONTROL_PLANE, ENGINE, NETWORK, POWER, REDEPLOY, SITE_LINK
from lab.drills.kube import Kube
from lab.drills.target import Target

_NEVER = {
    REDEPLOY: "a backend that is deployed elsewhere is only restarted",
    ENGINE: "the backend is not deployed from here",
    POWER: "nodes of a user's cluster are never powered off",
    SITE_LINK: "the nodes of a site are unknown on a user's cluster",
    NETWORK: "nodes of a user's cluster are never cut off",
    CONTAINERS: "containers cannot be reached from here",
    CLUSTERS: "it needs two clusters, one of which is cut off",
    CONTROL_PLANE: "the control plane of a user's cluster is never touched",
}


class UserTarget(Target):
    """One context of a kubeconfig. ``unsupported`` adds reasons to those that hold for every such cluster.

    Endpoints are sampled twice a second: there are few, and the API server has other clients.
    """

    owned = False
    sample_seconds = 0.5

    def __init__(self, client: Client, unsupported: Mapping[str, str]) -> None:
        self.kube = Kube(client)
        self.unsupported = {**_NEVER, **unsupported}
        self.closed: list[str] = []
