"""What a run of drills is given: a ground, the backends on it, which drills can take place there, and why the others cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lab.drills.backend import Backend
from lab.drills.drill import Drill
from lab.drills.experiments import DRILLS
from lab.drills.target import Ground
from ops.cli.pulumi_binary import Engine


class Staged(Protocol):
    """A stage as the drills on it are carried out and mended."""

    @property
    def ground(self) -> Ground:
        """Where they take place."""

    @property
    def backends(self) -> Sequence[Backend]:
        """All that take part."""

    @property
    def engine(self) -> Engine | None:
        """What deploys ours, where it is pulumi."""


@dataclass(frozen=True)
class Setting:
    """A stage that is set. ``close()`` puts everything back, also after an interruption; it may be called more than once.

    ``drills`` in the order of a run, ``cannot``: why not, by the name of every other drill. ``about``: what a reader of the
    report must know of it, as (name, value). ``engine``: None where nothing is deployed by pulumi.
    """

    ground: Ground
    backends: tuple[Backend, ...]
    drills: tuple[Drill, ...]
    cannot: Mapping[str, str]
    close: Callable[[], None]
    about: tuple[tuple[str, str], ...] = ()
    engine: Engine | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def loaded(self) -> bool:
        """Whether any backend gets load, and vegeta is needed."""
        return any(backend.connections for backend in self.backends)


def parted(drills: Sequence[Drill], need: str) -> tuple[list[Drill], list[Drill]]:
    """Those without a need, and those with it."""
    return [one for one in drills if need not in one.needs], [one for one in drills if need in one.needs]


def chosen(ground: Ground, besides: Mapping[str, str] | None = None) -> tuple[tuple[Drill, ...], dict[str, str]]:
    """The drills that can take place on a ground, and why each other cannot. ``besides``: reasons by a drill's own name."""
    cannot = {name: why for name, drill in DRILLS.items() if (why := (besides or {}).get(name) or drill.lacks(ground))}
    return tuple(drill for name, drill in DRILLS.items() if name not in cannot), cannot
