"""The one door for settings: stack files, Python programs and the plugin validate through the functions here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import pulumi

from .availability import ClusterFacts, conflicts, placement_conflicts, stack_conflicts
from .settings import BackendSettings, ClusterSettings, Settings, SettingsError, load
from .settings.conflict import Conflict
from .settings.load import validate_backend, validate_cluster
from .settings.problems import Problem
from .settings.shared_namespace import SharedNamespaceSettings, validate_shared

T = TypeVar("T")


class RejectedError(SettingsError, pulumi.RunError):
    """A SettingsError that the Pulumi engine reports as its text alone, without a traceback."""


def validated(
    args: BackendSettings | Mapping[str, Any], prefix: str, facts: ClusterFacts, *, protect: bool
) -> BackendSettings:
    """Return the settings of a backend on a cluster with these facts.

    ``prefix`` starts the key of each problem. ``protect`` is the resource option: a protected backend needs images
    that are pinned by digest. Raises SettingsError with every problem, including settings that cannot hold on the
    cluster.
    """
    return _rejecting(lambda: validate_backend(args, prefix, _rules(facts, protect=protect)))


def validated_stack(config: Mapping[str, str], secret_keys: Collection[str] = ()) -> Settings:
    """Return the settings of a stack from its configuration, whose values are JSON.

    Raises SettingsError with every problem. The backend is validated as ``validated`` does it, with the facts that the
    settings of the cluster state, and with the stack's own ``protect``.
    """
    return load(config, secret_keys, stack_conflicts, placement_conflicts)


def validated_cluster(args: ClusterSettings | Mapping[str, Any], prefix: str) -> ClusterSettings:
    """Return the settings of a cluster. Raises SettingsError with every problem."""
    return _rejecting(lambda: validate_cluster(args, prefix))


def validated_namespace(
    args: SharedNamespaceSettings | Mapping[str, Any], prefix: str, facts: ClusterFacts, *, protect: bool
) -> SharedNamespaceSettings:
    """Return the settings of a shared namespace, with each backend validated as by ``validated``."""
    return _rejecting(lambda: validate_shared(args, prefix, _rules(facts, protect=protect)))


def protected(opts: pulumi.ResourceOptions | None) -> bool:
    """Return whether the engine protects a resource with these options. A parent hands its protection down."""
    if opts is None:
        return False
    if opts.protect is None and opts.parent is not None:
        return bool(opts.parent._protect)  # the SDK has no public way to read it
    return bool(opts.protect)


def reject(problems: list[Problem]) -> None:
    """Raise SettingsError if there are problems."""
    if problems:
        raise RejectedError(problems)


def collected(problems: list[Problem], check: Callable[[], T]) -> T | None:
    """Return the result of a check. If it raises SettingsError, add its problems to the list and return None."""
    try:
        return check()
    except SettingsError as error:
        problems += error.problems
        return None


def _rules(facts: ClusterFacts, *, protect: bool) -> Callable[[BackendSettings], list[Conflict]]:
    """Return the availability rules for a backend on one cluster, as ``stack_conflicts`` applies them to a stack."""
    return lambda backend: conflicts(backend, facts, production=protect)


def _rejecting(check: Callable[[], T]) -> T:
    try:
        return check()
    except SettingsError as error:
        raise RejectedError(error.problems) from None
