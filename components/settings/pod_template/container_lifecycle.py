"""Rules about the order in which containers start and stop, and the time that it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import contradictions, overrides
from ...errors import settings as errors
from ..conflict import Conflict
from . import hooks, reader
from .reader import AddedContainer

if TYPE_CHECKING:
    from ..backend import BackendSettings

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


def conflicts(backend: BackendSettings, added: AddedContainer) -> Iterator[Conflict]:
    """Yield the conflicts of the lifecycle of an additional container."""
    yield from _stop(backend, added)
    yield from _start(added)


def _stop(backend: BackendSettings, added: AddedContainer) -> Iterator[Conflict]:
    """Yield containers that could stop while the backend still needs them.

    A terminating pod keeps serving, then drains. Kubernetes signals all containers of a pod at once, except sidecars,
    which it signals after the backend has exited. A preStop hook runs at once in either case.
    """
    if not added.init:
        yield Conflict(
            f"{added.key}.name",
            added.spec["name"],
            "would stop as soon as its pod terminates, while the backend still serves: move it to initContainers with "
            "restartPolicy: Always, and Kubernetes stops it after the backend",
            kind=overrides.CONTAINER_ENDS_TOO_EARLY,
        )
        return
    policy, lifecycle = added.spec.get("restartPolicy"), added.spec.get("lifecycle") or {}
    if policy is not None and not added.sidecar:
        yield Conflict(
            f"{added.key}.restartPolicy",
            policy,
            "is invalid for an init container: set it to Always for a sidecar, or omit it",
            kind=errors.INVALID_CHOICE,
        )
    yield from hooks.stop_signal(f"{added.key}.lifecycle", lifecycle)
    pre_stop = lifecycle.get("preStop") or {}
    if added.sidecar and any(handler != "sleep" for handler in pre_stop):
        seconds = backend.shutdown.deregistration_seconds + backend.shutdown.drain_seconds
        yield Conflict(
            f"{added.key}.lifecycle.preStop",
            pre_stop,
            f"runs as soon as the pod terminates, and the backend still needs its sidecars for up to {seconds} s: "
            "omit it, and Kubernetes stops the sidecar after the backend",
            kind=overrides.CONTAINER_ENDS_TOO_EARLY,
        )


def _start(added: AddedContainer) -> Iterator[Conflict]:
    if added.init and not added.sidecar:
        for field in ("lifecycle", *_PROBES):
            if field in added.spec:
                yield Conflict(
                    f"{added.key}.{field}",
                    added.spec[field],
                    "is invalid for a container that exits before the backend starts: omit it, or set restartPolicy to "
                    "Always",
                    kind=overrides.PROBE_ON_INIT_CONTAINER,
                )


def start_time_conflicts(backend: BackendSettings) -> Iterator[Conflict]:
    """Yield an unstated duration: Kubernetes limits neither init containers nor postStart, which the promise covers."""
    template = backend.pod_template
    waits = [each.key for each in reader.added_containers(template) if each.init and not each.sidecar]
    waits += reader.post_starts(template)
    if waits and not backend.health.init_seconds:
        yield Conflict(
            "health.initSeconds",
            backend.health.init_seconds,
            f"leaves no time for {', '.join(waits)}, which the backend waits for: set it to the seconds that they may "
            "take together",
            ("podTemplate",),
            kind=contradictions.INIT_SECONDS_MISSING,
        )
    elif backend.health.init_seconds and not waits:
        yield Conflict(
            "health.initSeconds",
            backend.health.init_seconds,
            "has no effect without init containers or postStart hooks to wait for: omit it, or add them to podTemplate",
            ("podTemplate",),
            kind=errors.NO_EFFECT,
        )
