"""How soon a pod that hangs is noticed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.review.context import Inputs, spec
from ops.review.difference import Difference
from ops.review.effect import Effect, Finding

_PROBES = {
    "readinessProbe": "a pod that hangs gets requests for longer",
    "livenessProbe": "a pod that hangs is started again later",
}
# Kubernetes' own values where a probe says nothing.
_PERIOD, _FAILURES, _TIMEOUT = 10, 3, 1


def slower(before: Inputs, after: Inputs, found: tuple[Difference, ...]) -> Iterator[Finding]:
    """Where probes take longer than before to give a pod up. One that is taken away is told elsewhere."""
    old, new = (_containers(inputs) for inputs in (before, after))
    for name in old.keys() & new.keys():
        for probe, why in _PROBES.items():
            was, now = (_seconds(container.get(probe)) for container in (old[name], new[name]))
            changed = tuple(one for one in found if f"ontainers[{name}].{probe}." in one.path)
            if was is not None and now is not None and was < now and changed:
                yield Finding(
                    Effect.WEAKER,
                    f"{why}: after {now:g} s, not {was:g} s",
                    changed,
                    "make periods times failures as short as before",
                )


def _containers(inputs: Inputs) -> dict[str, Inputs]:
    template: Mapping[str, Any] = spec(inputs).get("template") or {}
    return {
        str(one.get("name")): one for kind in ("containers", "initContainers") for one in spec(template).get(kind) or ()
    }


def _seconds(probe: Inputs | None) -> float | None:
    """Until it has failed so often that it counts; None where that cannot be told."""
    if probe is None:
        return None
    parts = (
        probe.get("periodSeconds", _PERIOD),
        probe.get("failureThreshold", _FAILURES),
        probe.get("timeoutSeconds", _TIMEOUT),
        probe.get("initialDelaySeconds", 0),
    )
    if not all(isinstance(part, (int, float)) for part in parts):
        return None
    period, failures, timeout, delay = parts
    return float(period * failures + timeout + delay)
