"""Settings that are given directly, as a component's arguments are: refused in one message without frames, in any program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pulumi

from .availability import ClusterFacts, conflicts
from .settings import BackendSettings, ClusterSettings, SettingsError
from .settings.load import validate_backend, validate_cluster
from .settings.problems import Problem
from .settings.shared_namespace import SharedNamespaceSettings, validate_shared

T = TypeVar("T")


class RefusedError(SettingsError, pulumi.RunError):
    """The same error, which the engine tells as it is, without frames."""


def backend(args: BackendSettings | Mapping[str, Any], prefix: str, known: ClusterFacts) -> BackendSettings:
    """The settings of a backend. Raises SettingsError, also where they cannot hold on a cluster of which so much is known."""
    return _told(lambda: validate_backend(args, prefix, lambda given: conflicts(given, known)))


def cluster(args: ClusterSettings | Mapping[str, Any], prefix: str) -> ClusterSettings:
    """The settings of a cluster. Raises SettingsError."""
    return _told(lambda: validate_cluster(args, prefix))


def shared_namespace(
    args: SharedNamespaceSettings | Mapping[str, Any], prefix: str, known: ClusterFacts
) -> SharedNamespaceSettings:
    """The settings of a namespace and of the backends in it. Raises SettingsError, as for each of these."""
    return _told(lambda: validate_shared(args, prefix, lambda given: conflicts(given, known)))


def _told(check: Callable[[], T]) -> T:
    try:
        return check()
    except SettingsError as error:
        raise RefusedError(error.problems) from None


def refuse(problems: list[Problem]) -> None:
    """Raises SettingsError where there are any."""
    if problems:
        raise RefusedError(problems)


def collected(problems: list[Problem], check: Callable[[], T]) -> T | None:
    """What a check gives; None where it raises SettingsError, whose problems are added to those there are."""
    try:
        return check()
    except SettingsError as error:
        problems += error.problems
        return None
