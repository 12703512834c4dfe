"""Whether the cluster has the backend's mesh, in a version that orders the start and end of proxy and backend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import promise as errors
from ..settings import BackendSettings, mesh
from ..settings.conflict import Conflict

ISTIO_GROUP = "networking.istio.io"
LINKERD = "linkerd.io/inject=enabled"
AGENTS = {"istio": "istio-cni-node", "istio-ambient": "ztunnel", "linkerd": "linkerd-cni"}
"""The DaemonSets without which a pod under Pod Security's restricted level cannot join a mesh."""
# Since these versions a pod may request a proxy that is a native sidecar (sidecar.istio.io/nativeSidecar; Linkerd
# renamed its annotation in 2.19).
_MIN_VERSIONS = {"istio": (1, 24), "linkerd": (2, 19)}
_MIN_LINKERD_EDGE = (25, 10, 2)


@dataclass(frozen=True)
class MeshFacts:
    """What a cluster has of a mesh. None means that the account may not read it.

    ``injected`` holds labels, as key=value, of pods that get a proxy. ``agents`` holds names of DaemonSets. ``version``
    is the one that the control plane reports; empty if it reports none.
    """

    injected: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    version: str | None = None


NO_MESH = MeshFacts(frozenset(), frozenset())


def conflicts(backend: BackendSettings, facts: MeshFacts | None, apis: frozenset[str] | None) -> Iterator[Conflict]:
    """Yield what the cluster lacks; keys are relative to the backend."""
    if backend.mesh == "none" or facts is None:
        return
    agent, options = AGENTS[backend.mesh], backend.mesh_options
    if backend.has_proxy and facts.injected is not None and (label := _injection_label(backend)) not in facts.injected:
        yield _not_injected(backend, label, facts.injected)
    elif facts.agents is not None and agent not in facts.agents:
        yield Conflict(
            "mesh",
            backend.mesh,
            f"cannot work: the cluster has no DaemonSet {agent}, {_without_agent(backend.mesh)}",
            ("mesh",),
            kind=errors.MESH_AGENT_MISSING,
        )
    elif (minimum := _MIN_VERSIONS.get(backend.mesh)) and facts.version and _is_older(facts.version, minimum):
        yield Conflict(
            "mesh",
            backend.mesh,
            f"needs version {'.'.join(map(str, minimum))} or later, and {facts.version} is installed, whose proxy does "
            "not wait for the backend to terminate: upgrade the mesh",
            kind=errors.MESH_TOO_OLD,
        )
    elif apis is not None and ISTIO_GROUP not in apis and backend.mesh in mesh.ISTIO_MESHES:
        for key, value in (
            ("retryAttempts", options.retry_attempts),
            ("outlierDetection.consecutiveFailures", options.outlier_detection.consecutive_failures),
        ):
            if value is not None:
                yield Conflict(
                    f"meshOptions.{key}",
                    value,
                    f"has no effect because the cluster does not serve {ISTIO_GROUP}: install Istio's definitions "
                    "(chart base), or omit the setting",
                    kind=errors.MESH_API_MISSING,
                )


def _injection_label(backend: BackendSettings) -> str:
    if backend.mesh == "linkerd":
        return LINKERD
    ((key, value),) = mesh.pod_labels(backend.mesh, backend.mesh_options).items()
    return f"{key}={value}"


def _not_injected(backend: BackendSettings, label: str, injected: frozenset[str]) -> Conflict:
    revisions = sorted(one.partition("=")[2] for one in injected if one.startswith(f"{mesh.REVISION}="))
    product = "Linkerd" if backend.mesh == "linkerd" else "Istio"
    alternative = (
        f", or set meshOptions.revision to one that is installed: {', '.join(revisions)}"
        if revisions and product == "Istio"
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
        f"leaves pods without a proxy: no webhook of the cluster injects one into pods with {label}: install "
        f"{product}{alternative}",
        ("mesh", "meshOptions.revision"),
        kind=errors.MESH_NOT_INSTALLED,
    )


def _without_agent(name: str) -> str:
    if name == "istio-ambient":
        return "which carries the traffic: install Istio with its ambient profile, or set mesh to istio"
    return (
        "without which a pod's proxy needs NET_ADMIN at its start, which Pod Security's restricted level rejects: "
        f"install {'Linkerd' if name == 'linkerd' else 'Istio'} with its CNI plugin"
    )


def _is_older(version: str, minimum: tuple[int, ...]) -> bool:
    """Compare a version such as 1.31.2, stable-2.14.10 or edge-26.8.3; return False for any other format."""
    match = re.match(r"(edge-|stable-|enterprise-)?(\d+([.]\d+)+)", version)
    if not match:
        return False
    return tuple(map(int, match[2].split("."))) < (_MIN_LINKERD_EDGE if match[1] == "edge-" else minimum)
