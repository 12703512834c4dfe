"""The states of a stack before its first change."""

from __future__ import annotations

from pathlib import Path

import yaml

from lab.changes.change import BACKEND, CLUSTER, State, patched
from lab.overrides import UNVERIFIED

_DEV = yaml.safe_load((Path(__file__).parent.parent.parent / "Pulumi.dev.yaml").read_text())["config"]
# The stack dev with deadlines as short as the settings allow: the changes do not depend on them.
QUICK = {
    "health": {"startupSeconds": 5},
    "rollout": {"minReadySeconds": 1, "progressDeadlineSeconds": 60},
    "loadBalancer": {"healthCheckSeconds": 2},
    "shutdown": {"deregistrationSeconds": 5, "drainSeconds": 2},
}
_BACKEND = patched(_DEV[BACKEND], QUICK)
# Verification would fail on what some changes remove, and waits for the metrics of new pods each time.
_EDITS = (UNVERIFIED,)
LOCAL = State({CLUSTER: {"kind": "local"}, BACKEND: _BACKEND}, _EDITS)


def existing(kubeconfig: Path, context: str) -> State:
    """Return the state on an existing cluster."""
    cluster = {
        "kind": "existing",
        "kubeconfig": str(kubeconfig),
        "context": context,
        "identifier": "one",
        "zones": ["zone-a", "zone-b", "zone-c"],
    }
    return State({CLUSTER: cluster, BACKEND: _BACKEND}, _EDITS)
