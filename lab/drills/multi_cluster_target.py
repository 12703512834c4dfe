"""Several clusters at once, and whoever spreads requests over them: one can be cut off whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast

from lab.drills.backend import Backend
from lab.drills.endpoints import Ask
from lab.drills.multi_cluster_endpoints import Together
from lab.drills.target import Ground, Sent


class Spreads(Protocol):
    """Whoever spreads requests over the clusters."""

    def url(self, name: str) -> str:
        """Where it takes them for a backend."""

    def sent(self, name: str) -> Mapping[str, Sent]:
        """To which clusters it has sent those until now."""


class SeveralGround(Ground):
    """``members`` by name; ``balancer`` is there once the backends have addresses."""

    owned = True
    sample_seconds = 0.5
    balancer: Spreads

    def __init__(self, members: Mapping[str, Ground], log: Callable[[str], None]) -> None:
        self.members, self._log = dict(members), log
        self.kube = next(iter(members.values())).kube
        self.cannot: dict[str, str] = {}
        self.closed: list[str] = []
        self._gone: set[str] = set()

    @property
    def prefix(self) -> tuple[str, ...]:
        """The load comes from outside of all clusters, and ends with this program."""
        return ("setpriv", "--pdeathsig", "TERM", "--")

    @property
    def sources(self) -> Sequence[str]:
        """The balancer is on this machine."""
        return [f"127.0.1.{number}" for number in range(1, 100)]

    def parts(self, backends: Sequence[Backend]) -> Sequence[tuple[Ground, Sequence[Backend]]]:
        """Each cluster has as many pods of a backend as every other."""
        each = [cast(Backend, _There(backend, backend.full // len(self.members))) for backend in backends]
        return [(member, each) for member in self.members.values()]

    def url(self, backend: Backend) -> str:
        """The balancer's."""
        return self.balancer.url(backend.name)

    def endpoints(self, backend: Backend) -> Ask:
        """Those of all clusters; one that is cut off has none."""
        return Together({name: member.endpoints(backend) for name, member in self.members.items()}, self._gone)

    def cut_cluster(self, backend: Backend) -> str:
        """The one that takes most with it; the first of several."""
        sent = self.sent(backend)
        lost = max(self.members, key=lambda name: sent[name].weight)
        self._gone.add(lost)  # before it is done: an interruption may come at any moment
        self.members[lost].cut_off()
        return lost

    def restore_clusters(self) -> None:
        """All of them."""
        for member in self.members.values():
            member.reconnect()
        self._gone.clear()

    def start_control_plane(self) -> None:
        """Of each, once it can be reached."""
        self.restore_clusters()
        for member in self.members.values():
            member.start_control_plane()

    def sent(self, backend: Backend) -> Mapping[str, Sent]:
        """As the balancer has counted."""
        return self.balancer.sent(backend.name)

    def calm(self) -> None:
        """Forgets connections that are over."""
        for member in self.members.values():
            member.calm()


class _There:
    """A backend as far as it is on one of its clusters."""

    def __init__(self, backend: Backend, full: int) -> None:
        self._backend, self.full = backend, full

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)
