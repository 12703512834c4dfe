"""What a run of drills needs: a target, the backends on it, and the drills that the target supports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lab.drills.backend import Backend
from lab.drills.drill import Drill
from lab.drills.experiments import DRILLS
from lab.drills.target import Target
from ops.cli.pulumi_binary import Engine


class Testbed(Protocol):
    """A testbed as the runner uses it."""

    @property
    def target(self) -> Target:
        """Return the target of the drills."""

    @property
    def backends(self) -> Sequence[Backend]:
        """Return all backends."""

    @property
    def engine(self) -> Engine | None:
        """Return the engine that deploys the component; None without pulumi."""


@dataclass(frozen=True)
class Setup:
    """A prepared target. ``close()`` restores everything, also after an interruption, and may be called more than once.

    ``drills`` is in the order of a run; ``unsupported`` holds the reason for every other drill by name. ``about``
    describes the target for the report as (name, value). ``engine`` is None if nothing is deployed by pulumi.
    """

    target: Target
    backends: tuple[Backend, ...]
    drills: tuple[Drill, ...]
    unsupported: Mapping[str, str]
    close: Callable[[], None]
    about: tuple[tuple[str, str], ...] = ()
    engine: Engine | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def loaded(self) -> bool:
        """Report whether any backend receives load, which needs vegeta."""
        return any(backend.connections for backend in self.backends)


def partition(drills: Sequence[Drill], need: str) -> tuple[list[Drill], list[Drill]]:
    """Split drills into those without a need and those with it."""
    return [one for one in drills if need not in one.needs], [one for one in drills if need in one.needs]


def supported_drills(
    target: Target, excluded: Mapping[str, str] | None = None
) -> tuple[tuple[Drill, ...], dict[str, str]]:
    """Return the drills that a target supports, and why not every other one. ``excluded``: reasons by name."""
    unsupported = {
        name: reason
        for name, drill in DRILLS.items()
        if (reason := (excluded or {}).get(name) or drill.unsupported_reason(target))
    }
    return tuple(drill for name, drill in DRILLS.items() if name not in unsupported), unsupported
