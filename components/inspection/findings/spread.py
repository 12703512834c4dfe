"""Findings about where pods run: all in one node or zone, or too unevenly to carry the load after a failure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from ...availability import capacity
from ...errors import tagged
from ...errors import verification as errors
from ...settings import BackendSettings
from ..observation import Observation

_ADVICE = "free capacity there, then replace the pods (kubectl rollout restart)"
_MAX_NAMES = 5


def findings(backend: BackendSettings, observation: Observation) -> Iterator[str]:
    """Yield domains that hold all pods, or so many that the others could not carry the load without them."""
    if not backend.survives_nodes or len(observation.endpoints) < 2:
        return
    zones = Counter(endpoint.zone for endpoint in observation.endpoints)
    nodes = Counter(endpoint.node_name for endpoint in observation.endpoints)
    for kind, places, usable in (
        ("zone", zones, observation.schedulable_zones),
        ("node", nodes, observation.schedulable_nodes),
    ):
        fullest, count = places.most_common(1)[0]
        others = sorted(usable - {fullest})
        if not others:
            continue
        where = f"{'in' if kind == 'zone' else 'on'} {kind} {fullest}"
        alternative = f"although {', '.join(others[:_MAX_NAMES])} would accept pods: {_ADVICE}"
        if len(places) == 1:
            yield tagged(f"all {count} pods are {where}, {alternative}", errors.PODS_IN_ONE_DOMAIN)
            return
        pods = len(observation.endpoints)
        even = math.ceil(pods / len(usable | set(places)))
        if kind == backend.survive and count > even and not capacity.can_carry_load(backend, pods, pods - count):
            yield tagged(
                f"{count} of {pods} pods are {where}, and without it the others could not carry the load, "
                f"{alternative}",
                errors.PODS_UNEVEN,
            )
