"""All kinds of errors of the library, by chapter of the reference."""

from __future__ import annotations

from types import ModuleType

from . import (
    adoption,
    clusters,
    contradictions,
    devcluster,
    namespaces,
    overrides,
    promise,
    settings,
    verification,
)
from .kind import ErrorKind

CHAPTERS: tuple[tuple[str, ModuleType], ...] = (
    ("Settings", settings),
    ("Contradictions between settings", contradictions),
    ("Pod template overrides", overrides),
    ("The availability promise", promise),
    ("Namespaces", namespaces),
    ("Clusters", clusters),
    ("Verification", verification),
    ("Adoption", adoption),
    ("The embedded cluster", devcluster),
)


def kinds(module: ModuleType) -> list[ErrorKind]:
    """Return the kinds that a catalogue module defines, in the order of its source."""
    return [value for value in vars(module).values() if isinstance(value, ErrorKind)]
