"""Fields that clusters which are still supported here would drop in silence, and the version that has them switched on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .reader import Template

# By path, without the numbers of entries; from kube_features.go of Kubernetes 1.36. All others are as old as 1.31.
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
    """Each of these that is used: where, its value, and the version that it needs."""
    for key, value in _walk("", template):
        plain = re.sub(r"\[\d+\](?=.)", "", key)
        for path, since in _SINCE:
            if path.fullmatch(plain):
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
