"""Probes: how soon a hanging pod is noticed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.review.context import Inputs, spec
from ops.review.difference import Difference
from ops.review.effect import Effect, Finding

_PROBES = {
    "readinessProbe": "a hanging pod receives requests for longer",
    "livenessProbe": "a hanging pod is restarted later",
}
# Kubernetes' defaults for a probe.
_PERIOD, _FAILURES, _TIMEOUT = 10, 3, 1


def slower(before: Inputs, after: Inputs, changes: tuple[Difference, ...]) -> Iterator[Finding]:
    """Yield the probes that take longer to fail than before. A removed probe is another rule's finding."""
    old, new = (containers(inputs) for inputs in (before, after))
    for name in old.keys() & new.keys():
        for probe, why in _PROBES.items():
            was, now = (_seconds(container.get(probe)) for container in (old[name], new[name]))
            changed = tuple(one for one in changes if f"ontainers[{name}].{probe}." in one.path)
            if was is not None and now is not None and was < now and changed:
                yield Finding(
                    Effect.WEAKER,
                    f"{why}: after {now:g} s, not {was:g} s",
                    changed,
                    "keep periodSeconds times failureThreshold as short as before",
                )


def containers(inputs: Inputs) -> dict[str, Inputs]:
    """Return the containers of a workload's pods by name, init containers included."""
    template: Mapping[str, Any] = spec(inputs).get("template") or {}
    return {
        str(one.get("name")): one for kind in ("containers", "initContainers") for one in spec(template).get(kind) or ()
    }


def _seconds(probe: Inputs | None) -> float | None:
    """Return the seconds until a probe counts as failed; None if a value is unknown."""
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
