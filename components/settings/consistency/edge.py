"""Rules about sites at the edge."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import contradictions
from ...errors import settings as errors
from ..backend import BackendSettings
from ..conflict import Conflict
from ..pod_template import reader
from ..pod_template.scheduling import ARCHITECTURE


def conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield other selections of nodes: terms of node affinity are alternatives, so the site's would no longer hold."""
    if not backend.edge:
        return
    pod = reader.pod_spec(backend.pod_template)
    if pod.get("nodeSelector"):
        yield Conflict(
            "podTemplate.spec.nodeSelector",
            pod["nodeSelector"],
            "has its own setting with edge: set edge.pool",
            ("edge",),
            kind=contradictions.EDGE_OWNS_NODE_SELECTION,
        )
    if "nodeAffinity" in (pod.get("affinity") or {}):
        yield Conflict(
            "podTemplate.spec.affinity.nodeAffinity",
            pod["affinity"]["nodeAffinity"],
            "has its own settings with edge: set edge.pool and edge.architectures",
            ("edge",),
            kind=contradictions.EDGE_OWNS_NODE_SELECTION,
        )
    if ARCHITECTURE in backend.edge.pool:
        yield Conflict(
            f"edge.pool.{ARCHITECTURE}",
            backend.edge.pool[ARCHITECTURE],
            "has its own setting: set edge.architectures",
            kind=contradictions.EDGE_OWNS_NODE_SELECTION,
        )
    if backend.placement.toleration_seconds != type(backend.placement).model_fields["toleration_seconds"].default:
        yield Conflict(
            "placement.tolerationSeconds",
            backend.placement.toleration_seconds,
            "has no effect with edge, where pods stay on their nodes while the link is down: omit it, or omit edge",
            ("edge",),
            kind=errors.NO_EFFECT,
        )
