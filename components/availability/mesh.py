"""Whether the mesh that a backend is to be in is there, and able to keep the order of a pod's start and end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..settings import BackendSettings, mesh
from ..settings.conflict import Conflict

ISTIO_GROUP = "networking.istio.io"
LINKERD = "linkerd.io/inject=enabled"
AGENTS = {"istio": "istio-cni-node", "istio-ambient": "ztunnel", "linkerd": "linkerd-cni"}
"""The DaemonSets without which a restricted pod is not taken up."""
# Since then a pod may ask for a proxy that is a native sidecar (sidecar.istio.io/nativeSidecar; Linkerd's name of 2.19).
_OLDEST = {"istio": (1, 24), "linkerd": (2, 19)}
_OLDEST_EDGE = (25, 10, 2)


@dataclass(frozen=True)
class MeshFacts:
    """What is there of a mesh; None where nobody may look.

    ``injected``: labels, as key=value, of pods that are given a proxy. ``agents``: names of DaemonSets. ``version``: as the
    control plane says it, empty where it says none.
    """

    injected: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    version: str | None = None


NO_MESH = MeshFacts(frozenset(), frozenset())


def conflicts(backend: BackendSettings, facts: MeshFacts | None, apis: frozenset[str] | None) -> Iterator[Conflict]:
    """What is missing there; keys are relative to the backend."""
    if backend.mesh == "none" or facts is None:
        return
    agent, options = AGENTS[backend.mesh], backend.mesh_options
    if backend.has_proxy and facts.injected is not None and (wanted := _wanted(backend)) not in facts.injected:
        yield _not_injected(backend, wanted, facts.injected)
    elif facts.agents is not None and agent not in facts.agents:
        yield Conflict(
            "mesh",
            backend.mesh,
            f"cannot hold: the cluster has no DaemonSet {agent}, {_without(backend.mesh)}",
            ("mesh",),
        )
    elif (oldest := _OLDEST.get(backend.mesh)) and facts.version and _older(facts.version, oldest):
        yield Conflict(
            "mesh",
            backend.mesh,
            f"needs version {'.'.join(map(str, oldest))} or later, and {facts.version} is "
            "installed: its proxies would not wait for the backend to end: upgrade the mesh",
        )
    elif apis is not None and ISTIO_GROUP not in apis and backend.mesh in mesh.ISTIOS:
        for key, value in (
            ("retryAttempts", options.retry_attempts),
            ("outlierDetection.consecutiveFailures", options.outlier_detection.consecutive_failures),
        ):
            if value is not None:
                yield Conflict(
                    f"meshOptions.{key}",
                    value,
                    f"would be read by nobody: the cluster does not serve {ISTIO_GROUP}"
                    ": install Istio's definitions (chart base) there, or leave it out",
                )


def _wanted(backend: BackendSettings) -> str:
    if backend.mesh == "linkerd":
        return LINKERD
    ((key, value),) = mesh.pod_labels(backend.mesh, backend.mesh_options).items()
    return f"{key}={value}"


def _not_injected(backend: BackendSettings, wanted: str, there: frozenset[str]) -> Conflict:
    revisions = sorted(one.partition("=")[2] for one in there if one.startswith(f"{mesh.REVISION}="))
    name = "Linkerd" if backend.mesh == "linkerd" else "Istio"
    found = (
        f", or set meshOptions.revision to one that is there: {', '.join(revisions)}"
        if revisions and name == "Istio"
        else ""
    )
    key, value = (
        ("meshOptions.revision", backend.mesh_options.revision)
        if backend.mesh_options.revision
        else ("mesh", backend.mesh)
    )
    return Conflict(
        key,
        value,
        f"would leave pods without a proxy: nothing on the cluster gives one to pods with {wanted}: "
        f"install {name} there{found}",
        ("mesh", "meshOptions.revision"),
    )


def _without(name: str) -> str:
    if name == "istio-ambient":
        return "which carries the traffic: install Istio with its ambient profile, or set mesh to istio"
    return (
        "without which a pod's proxy needs NET_ADMIN at its start, and Pod Security's restricted level refuses that: "
        f"install {'Linkerd' if name == 'linkerd' else 'Istio'} with its CNI plugin"
    )


def _older(version: str, oldest: tuple[int, ...]) -> bool:
    """Versions such as 1.31.2, stable-2.14.10 and edge-26.8.3; of what is written otherwise nothing is known."""
    found = re.match(r"(edge-|stable-|enterprise-)?(\d+([.]\d+)+)", version)
    if not found:
        return False
    return tuple(map(int, found[2].split("."))) < (_OLDEST_EDGE if found[1] == "edge-" else oldest)
