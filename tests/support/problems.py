"""What a stack file is told: the problems of its settings, and of what they break on its cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.availability import of_stack
from components.settings import Settings, SettingsError, load
from tests.support.fake_engine import IMAGE

LOCAL = {"kind": "local"}
EXISTING = {"kind": "existing", "kubeconfig": "~/.kube/config", "context": "production"}
REFERENCE = {"kind": "stack-reference", "stack": "organization/platform/dev"}
PREFIX = "ha-backend:"
DIGEST = f"{IMAGE}@sha256:{'a' * 64}"
RPS, QUEUE = [{"name": "rps", "averageValue": "100"}], [{"name": "queue", "averageValue": "30"}]
PEAK_IS_REQUEST = {"requests": {"cpu": "1", "memory": "256Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}}
Given = dict[str, Any]
Row = tuple[Given, str, str]


def scaled(most: int = 6, **more: Any) -> Given:
    """An autoscaler of a backend, up to ``most`` pods."""
    return {"autoscaling": {"maxReplicas": most, **more}}


def config(backend: Any, cluster: Any = LOCAL, **more: Any) -> dict[str, str]:
    """A stack's configuration as the engine hands it over."""
    return {PREFIX + key: json.dumps(value) for key, value in {"cluster": cluster, "backend": backend, **more}.items()}


def accepted(backend: Given, cluster: Any = LOCAL, **more: Any) -> Settings:
    """The settings of a stack whose backend has an image and the given keys. Raises SettingsError."""
    return load(config({"image": IMAGE, **backend}, cluster, **more), (), of_stack)


def refused(backend: Any, cluster: Any = LOCAL, **more: Any) -> dict[str, str]:
    """Key and text of each problem, without the project's prefix."""
    with pytest.raises(SettingsError) as caught:
        load(config(backend, cluster, **more), (), of_stack)
    found = caught.value.problems
    assert len({p.key for p in found}) == len(found), f"a key is told twice: {caught.value}"
    assert all(str(p) in str(caught.value) for p in found)
    assert all("\n" not in str(p) for p in found)
    return {p.key.removeprefix(PREFIX): p.text for p in found}


def named(value: Any) -> str:
    """What pytest calls a row of a table."""
    return value[:48] if isinstance(value, str) else ""
