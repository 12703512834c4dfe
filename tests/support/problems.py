"""Settings of stacks, valid and invalid, and the problems that are reported about them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from components.availability import stack_conflicts
from components.settings import Settings, SettingsError, load
from tests.support.fake_engine import IMAGE

LOCAL = {"kind": "local"}
EXISTING = {"kind": "existing", "kubeconfig": "~/.kube/config", "context": "production"}
REFERENCE = {"kind": "stack-reference", "stack": "organization/platform/dev"}
PREFIX = "ha-backend:"
DIGEST = f"{IMAGE}@sha256:{'a' * 64}"
RPS, QUEUE = [{"name": "rps", "averageValue": "100"}], [{"name": "queue", "averageValue": "30"}]
PEAK_IS_REQUEST = {"requests": {"cpu": "1", "memory": "256Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}}
Values = dict[str, Any]
Row = tuple[Values, str, str]


def scaled(most: int = 6, **more: Any) -> Values:
    """Return settings with an autoscaler that scales up to ``most`` pods."""
    return {"autoscaling": {"maxReplicas": most, **more}}


def config(backend: Any, cluster: Any = LOCAL, **more: Any) -> dict[str, str]:
    """Return a stack's configuration as the engine passes it to a program. A cluster that is None is omitted."""
    values = {"cluster": cluster, "backend": backend, **more}
    return {PREFIX + key: json.dumps(value) for key, value in values.items() if key != "cluster" or value is not None}


def accepted(backend: Values, cluster: Any = LOCAL, **more: Any) -> Settings:
    """Return the settings of a stack whose backend has an image and these keys. Raise SettingsError."""
    return load(config({"image": IMAGE, **backend}, cluster, **more), (), stack_conflicts)


def rejected(backend: Any, cluster: Any = LOCAL, **more: Any) -> dict[str, str]:
    """Return each problem by its key, without the project's prefix. Every text must end with an error id."""
    with pytest.raises(SettingsError) as caught:
        load(config(backend, cluster, **more), (), stack_conflicts)
    problems = caught.value.problems
    assert len({p.key for p in problems}) == len(problems), f"a key is reported twice: {caught.value}"
    assert all(str(p) in str(caught.value) for p in problems)
    assert all("\n" not in str(p) for p in problems)
    assert all(re.search(r" \[[a-z-]+\]( \(on \S+\))?$", p.text) for p in problems), f"without an id: {caught.value}"
    return {p.key.removeprefix(PREFIX): p.text for p in problems}


def row_id(value: Any) -> str:
    """Return the id of a row in a table of test parameters."""
    return value[:48] if isinstance(value, str) else ""
