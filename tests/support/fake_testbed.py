"""A testbed without a cluster: it records each call, and each drill's results are constructed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from ops.cli.pulumi_binary import Engine
from tests.support.drill_results import GOOD, NAIVE, PLAIN


def node(name: str, *, cordoned: bool = False) -> Any:
    return SimpleNamespace(metadata=SimpleNamespace(name=name, labels={}), spec=SimpleNamespace(unschedulable=cordoned))


class FakeTestbed:
    """A stand-in for ``lab.testbed.setup.NodesTestbed``. ``calls`` lists what was done to it, in order."""

    engine: Engine | None = None
    where = "/the/kubeconfig"
    about: Sequence[tuple[str, str]] = ()

    def __init__(self, *arguments: Any, nodes: Sequence[Any] = (), ready: Sequence[str] = ()) -> None:
        self.arguments = arguments
        self.calls: list[str] = []
        self.backends: list[Any] = [GOOD, NAIVE, PLAIN]
        for backend in self.backends:
            backend.changes.clear()
        self.target: Any = SimpleNamespace(
            unsupported={},
            cluster=SimpleNamespace(kubeconfig="/the/kubeconfig"),
            start_control_plane=self._recorder("control plane"),
            restore=lambda names: self.calls.append(f"restore {' '.join(names)}"),
            kube=SimpleNamespace(
                nodes=lambda: list(nodes),
                ready_nodes=lambda: list(ready),
                zone=lambda name: name[:1],
                cordon=lambda name, closed: self.calls.append(f"{'cordon' if closed else 'uncordon'} {name}"),
                client=SimpleNamespace(get_if_permitted=lambda path: {"gitVersion": "v1.36.3"}),
            ),
        )

    def _recorder(self, call: str) -> Callable[[], None]:
        return lambda: self.calls.append(call)

    def deploy(self) -> None:
        self.calls.append("deploy")

    def close(self) -> None:
        self.calls.append("close")
