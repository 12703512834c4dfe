"""What is broken: a cluster's API, and the power over it that there is. Each kind of cluster gives another power."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from lab.drills.backend import Backend
from lab.drills.endpoints import Ask, of_service
from lab.drills.kube import DrillError, Kube
from lab.drills.pods import Pod


class UnableError(DrillError):
    """A ground was asked for what it has no power to do: the drill should have been left out."""


@dataclass(frozen=True)
class Sent:
    """Requests for one backend that were sent to one cluster until now, how many of them failed, and its weight in percent."""

    requests: int
    failed: int
    weight: int


class Ground(Protocol):
    """What there is to drill on: one cluster, but for the ground that has several.

    What a kind of ground cannot do it inherits from here, and says so in ``cannot``.
    """

    kube: Kube
    owned: bool
    """Whether all of it is the drills' own: pods may be moved to spread evenly again, and what is broken mended by force."""
    cannot: Mapping[str, str]
    """Why not, by what a drill may need (``lab.drills.drill``)."""
    sample_seconds: float
    """How often the endpoints are asked for."""
    closed: list[str]
    """Nodes that drills have closed and not opened again."""

    @property
    def prefix(self) -> tuple[str, ...]:
        """Put before the command that sends the load."""
        return ()

    @property
    def sources(self) -> Sequence[str]:
        """Addresses that the load may be sent from; none leaves that to the kernel."""
        return ()

    def parts(self, backends: Sequence[Backend]) -> Sequence[tuple[Ground, Sequence[Backend]]]:
        """Each cluster, with the backends as far as they are on it."""
        return [(self, backends)]

    def url(self, backend: Backend) -> str:
        """The address that users have. Raises DrillError where there is none."""
        found = self.kube.client.CoreV1Api.read_namespaced_service(
            backend.service, backend.namespace, _request_timeout=10
        )
        ingress = (found.status.load_balancer.ingress or [None])[0]
        if ingress is None:
            raise DrillError(f"Service {backend.namespace}/{backend.service} has no load balancer's address")
        return f"http://{ingress.ip or ingress.hostname}:{found.spec.ports[0].port}/"

    def inside(self, backend: Backend) -> str:
        """Where the load reaches it, where that is not the address that users have; else empty."""
        return ""

    def endpoints(self, backend: Backend) -> Ask:
        """Asks for its ready endpoints."""
        return of_service(self.kube.client, backend.namespace, backend.service)

    def close_nodes(self, names: Sequence[str]) -> None:
        """Closes nodes to new pods. What somebody else has closed before is left to him, then and later."""
        for node in self.kube.nodes():
            if node.metadata.name in names and not node.spec.unschedulable:
                self.closed.append(node.metadata.name)  # before it is done: an interruption may come at any moment
                self.kube.cordon(node.metadata.name)

    def open_nodes(self) -> None:
        """Opens those that ``close_nodes`` has closed. Raises DrillError naming what could not be opened within a minute."""

        def opened(name: str) -> bool:
            self.kube.cordon(name, closed=False)
            return True

        troubles = []
        for name in list(self.closed):
            try:
                self.kube.until(
                    partial(opened, name), 60, f"node {name} to be opened: `kubectl uncordon {name}` does it too"
                )
            except DrillError as error:  # the others are not to stay closed for it
                troubles.append(str(error))
            else:
                self.closed.remove(name)
        if troubles:
            raise DrillError("; ".join(troubles))

    def kill(self, pod: Pod) -> str:
        """Ends a pod without a word, and says how that was done."""
        self.kube.delete_pod(pod, grace=0)
        return f"pod {pod.name} is deleted with grace period 0, which is not SIGKILL from inside: the API knows of it at once"

    def lose(self, names: list[str]) -> None:
        """Power cuts, all at once."""
        raise UnableError(f"nodes {', '.join(names)} cannot be lost on this ground")

    def cut(self, names: list[str]) -> None:
        """Pulls the cables: the nodes live on, alone."""
        raise UnableError(f"nodes {', '.join(names)} cannot be cut off on this ground")

    def cut_link(self) -> None:
        """Cuts the link of a site of several nodes to everything else."""
        raise UnableError("there is no site on this ground whose link could be cut")

    def mend_link(self) -> None:
        """The link is back; nothing happens where it was not cut."""
        raise UnableError("there is no site on this ground whose link could be mended")

    def await_site(self) -> None:
        """Returns when the control plane sees the site's nodes again."""
        raise UnableError("there is no site on this ground")

    def restore(self, names: list[str]) -> None:
        """Power or cables are back; returns when the nodes are ready."""
        raise UnableError(f"nodes {', '.join(names)} cannot be restored on this ground")

    def signal_container(self, container: str, number: signal.Signals) -> None:
        """Sends a signal to a container's main process; ``container`` is its id, as a pod's status names it."""
        raise UnableError(f"container {container} gets no signal on this ground")

    def kill_control_plane(self, names: tuple[str, ...] = ()) -> None:
        """Ends programs of the control plane without a word; left out: all of them."""
        raise UnableError(f"{', '.join(names) or 'the control plane'} cannot be ended on this ground")

    def start_control_plane(self) -> None:
        """Starts what of it does not run."""
        raise UnableError("the control plane cannot be started on this ground")

    def cut_off(self) -> None:
        """Pulls the one cable to the cluster, control plane and all nodes: it lives on, and nobody reaches it."""
        raise UnableError("the cluster cannot be cut off on this ground")

    def reconnect(self) -> None:
        """Puts that cable back; nothing happens where it is there."""
        raise UnableError("the cluster cannot be connected on this ground")

    def cut_cluster(self, backend: Backend) -> str:
        """Cuts off, of several, the cluster that takes most with it for a backend, and gives its name."""
        raise UnableError(f"{backend.name}: no cluster can be cut off on this ground")

    def restore_clusters(self) -> None:
        """All their cables are back."""
        raise UnableError("no cluster can be restored on this ground")

    def sent(self, backend: Backend) -> Mapping[str, Sent]:
        """What was sent to each cluster, by whoever spreads requests over them."""
        raise UnableError(f"{backend.name}: nobody spreads requests over clusters on this ground")

    def calm(self) -> None:
        """Forgets what one drill may have left to trouble the next."""
        return


def pause(seconds: float) -> None:
    """Waits: part of an experiment, not of a program that could do better."""
    time.sleep(seconds)
