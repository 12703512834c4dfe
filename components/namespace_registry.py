"""Who else is in a namespace in this run: one that would share it, or pods, unasked is refused before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import pulumi

from . import validation
from .settings import BackendSettings
from .settings.problems import Problem
from .settings.shared_namespace import clash

if TYPE_CHECKING:
    from .shared_namespace import SharedNamespace

_NAMESPACE = "kubernetes:core/v1:Namespace"


@dataclass(frozen=True)
class Claim:
    """One component's place in a namespace. ``title``: its logical name. ``shared``: the same object for all that share it."""

    title: str
    backend: BackendSettings | None = None
    shared: object | None = None


# By provider, which is the cluster; a new run has new ones.
_claims: WeakKeyDictionary[pulumi.Resource, dict[str, list[Claim]]] = WeakKeyDictionary()


def place(opts: pulumi.ResourceOptions | None) -> pulumi.Resource | None:
    """The provider for what is made under a component with these options; None where that is the engine's default one."""
    opts = opts or pulumi.ResourceOptions()
    several = opts.providers or []
    given = [opts.provider, *(several.values() if isinstance(several, dict) else several)]
    own = next((one for one in given if one is not None and one.package == "kubernetes"), None)
    return own or (opts.parent and opts.parent.get_provider(_NAMESPACE))


def admit(claim: Claim, namespace: str, where: pulumi.Resource | None) -> None:
    """Remembers who is there. Raises SettingsError where two would share pods, or both make the namespace."""
    if where is None:
        return  # nobody can tell which cluster it is
    others = _claims.setdefault(where, {}).setdefault(namespace, [])
    validation.refuse([problem for other in others if (problem := _problem(claim, other, namespace))])
    others.append(claim)


def joined(
    name: str, backend: BackendSettings, shared: SharedNamespace | None, opts: pulumi.ResourceOptions | None
) -> BackendSettings:
    """The settings of a backend that has its place now: in a namespace of its own, or in one that is shared.

    Raises SettingsError where it cannot be there, or the namespace was made without counting on it.
    """
    where = place(opts)
    if shared is None:
        admit(Claim(name, backend), backend.namespace_name, where)
        return backend
    backend = backend if backend.namespace else backend.model_copy(update={"namespace": shared.settings.name})
    problems = []
    if backend not in shared.backends:
        problems.append(
            Problem(
                f"{name}.namespace",
                f"{shared.title!r} was not made for these settings of {backend.name!r}: "
                "its bounds are the sum of those that it was given. Name them there too, or take them from "
                f"its `backends` ({', '.join(one.name for one in shared.backends)})",
            )
        )
    if where is not shared.place:
        problems.append(
            Problem(
                f"{name}.namespace",
                f"{shared.title!r} is made through another provider, that is, on another "
                "cluster: give both the same one",
            )
        )
    validation.refuse(problems)
    admit(Claim(name, backend, shared.token), backend.namespace_name, where)
    return backend


def _problem(claim: Claim, other: Claim, namespace: str) -> Problem | None:
    if claim.backend and other.backend and (found := clash(claim.backend, other.backend, repr(other.title))):
        return Problem(f"{claim.title}.{found[0]}", found[1])
    if claim.shared is None or claim.shared is not other.shared:
        return Problem(
            f"{claim.title}.namespace",
            f"{namespace!r} is made by {other.title!r} already: choose another, or make "
            "one SharedNamespace and give it to all that are to be in it",
        )
    return None
