"""Manifests of a backend, as a test deploys them without an engine."""

from __future__ import annotations

import json
from typing import Any

from components.availability import stack_conflicts
from components.settings import load
from tests.support.fake_engine import IMAGE
from tests.support.strategies.objects import rendered


def manifests(**backend: Any) -> list[dict[str, Any]]:
    """Return the manifests of a backend on a cluster of which only the zones are known."""
    cluster = {"kind": "existing", "kubeconfig": "k", "context": "c", "zones": ["zone-a", "zone-b", "zone-c"]}
    config = {"ha-backend:cluster": cluster, "ha-backend:backend": {"image": IMAGE, **backend}}
    return rendered(load({key: json.dumps(value) for key, value in config.items()}, (), stack_conflicts))
