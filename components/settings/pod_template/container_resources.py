"""Rules about the requests and limits of containers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...errors import contradictions, overrides
from ...errors import settings as errors
from ..conflict import Conflict
from ..quantity import amount
from .reader import AddedContainer

if TYPE_CHECKING:
    from ..backend import BackendSettings

_SIDES, _MANAGED = ("requests", "limits"), ("cpu", "memory", "ephemeral-storage")


def own_conflicts(key: str, own: Mapping[str, Any]) -> Iterator[Conflict]:
    """Yield the resources of the backend's own container that have settings of their own."""
    for side in _SIDES:
        for name, value in ((own.get("resources") or {}).get(side) or {}).items():
            if name in _MANAGED:
                setting = (
                    f"resources.{side}.{name}"
                    if name != "ephemeral-storage"
                    else "resources.tmpSizeLimit, to which the component adds logs and emptyDirs"
                )
                yield Conflict(
                    f"{key}.resources.{side}.{name}",
                    value,
                    f"has its own setting: set {setting}",
                    kind=overrides.MANAGED_FIELD,
                )


def conflicts(backend: BackendSettings, added: AddedContainer) -> Iterator[Conflict]:
    """Yield the conflicts of the resources of an additional container."""
    resources = added.spec.get("resources") or {}
    limits = resources.get("limits") or {}
    # A namespace that exists has no LimitRange of ours.
    missing = [f"limits.{name}" for name in ("cpu", "memory") if name not in limits]
    if missing and backend.create_namespace:
        yield Conflict(
            f"{added.key}.resources",
            resources,
            f"lacks {' and '.join(missing)}, so the namespace's LimitRange would give the container as much as the "
            "backend: set them, for example to {cpu: 100m, memory: 64Mi}",
            kind=overrides.CONTAINER_WITHOUT_LIMITS,
        )
    if "ephemeral-storage" in limits and backend.resources.tmp_size_limit is None and (added.sidecar or not added.init):
        yield Conflict(
            f"{added.key}.resources.limits.ephemeral-storage",
            limits["ephemeral-storage"],
            "would be the limit of the whole pod, because the kubelet compares what all of its containers write with "
            "the sum of their limits: omit it, or set resources.tmpSizeLimit",
            ("resources.tmpSizeLimit",),
            kind=overrides.PART_OF_A_LIMIT,
        )
    for name in limits:
        limit, request = added.amount("limits", name), added.amount("requests", name)
        if limit is not None and request is not None and request > limit:
            yield Conflict(
                f"{added.key}.resources.requests.{name}",
                resources["requests"][name],
                f"is above the limit ({limits[name]}): lower the request, or raise the limit",
                kind=contradictions.REQUEST_ABOVE_LIMIT,
            )
    for side in _SIDES:
        for name, value in (resources.get(side) or {}).items():
            if not _is_quantity(value):
                yield Conflict(
                    f"{added.key}.resources.{side}.{name}",
                    value,
                    f"is not a quantity: use, for example, {'100m' if name == 'cpu' else '64Mi'}",
                    kind=errors.INVALID_FORMAT,
                )


def _is_quantity(value: str) -> bool:
    try:
        return amount(value) >= 0
    except ValueError:
        return False
