"""A stage without a cluster: what is done to it is written down, and each drill's results are made by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from ops.cli.pulumi_binary import Engine
from tests.support.drill_results import GOOD, NAIVE, PLAIN


def node(name: str, *, cordoned: bool = False) -> Any:
    return SimpleNamespace(metadata=SimpleNamespace(name=name, labels={}), spec=SimpleNamespace(unschedulable=cordoned))


class Stage:
    """As ``lab.testbed.setup.Stage`` is used; ``did`` is all that was done to it, in order."""

    engine: Engine | None = None
    where = "/the/kubeconfig"
    about: Sequence[tuple[str, str]] = ()

    def __init__(self, *given: Any, nodes: Sequence[Any] = (), ready: Sequence[str] = ()) -> None:
        self.given = given
        self.did: list[str] = []
        self.backends = [GOOD, NAIVE, PLAIN]
        for backend in self.backends:
            backend.changes.clear()
        self.ground = SimpleNamespace(
            cannot={},
            cluster=SimpleNamespace(kubeconfig="/the/kubeconfig"),
            start_control_plane=self._notes("control plane"),
            restore=lambda names: self.did.append(f"restore {' '.join(names)}"),
            kube=SimpleNamespace(
                nodes=lambda: list(nodes),
                ready_nodes=lambda: list(ready),
                zone=lambda name: name[:1],
                cordon=lambda name, closed: self.did.append(f"{'close' if closed else 'open'} {name}"),
                client=SimpleNamespace(look=lambda path: {"gitVersion": "v1.36.3"}),
            ),
        )

    def _notes(self, what: str) -> Callable[[], None]:
        return lambda: self.did.append(what)

    def deploy(self) -> None:
        self.did.append("deploy")

    def close(self) -> None:
        self.did.append("close")
