"""Fields that older supported clusters drop without an error, and the Kubernetes version that enables each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .reader import Template

# By path, without list indexes; from kube_features.go of Kubernetes 1.36. All other fields exist since 1.31 or earlier.
_SINCE = tuple(
    (re.compile(f"spec[.]{path}"), since)
    for path, since in (
        ("hostUsers", (1, 33)),
        ("resourceClaims", (1, 34)),
        ("volumes.image", (1, 35)),
        ("securityContext.supplementalGroupsPolicy", (1, 33)),
        ("securityContext.seLinuxChangePolicy", (1, 33)),
        (r"(c|initC)ontainers.resizePolicy", (1, 33)),
        (r"(c|initC)ontainers.resources.claims", (1, 34)),
        (r"(c|initC)ontainers.env.valueFrom.fileKeyRef", (1, 35)),
    )
)


def fields(template: Template) -> Iterator[tuple[str, Any, tuple[int, int]]]:
    """Yield the key, the value and the required Kubernetes version of each version-gated field in use."""
    for key, value in _walk("", template):
        path = re.sub(r"\[\d+\](?=.)", "", key)
        for pattern, since in _SINCE:
            if pattern.fullmatch(path):
                yield f"podTemplate.{key}", value, since


def _walk(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if key:
        yield key, value
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(f"{key}.{name}".lstrip("."), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _walk(f"{key}[{number}]", inner)
