"""Registry of the namespaces that the components of one program use.

It rejects a backend that would share a namespace, or its pods, with another one by accident, before Pulumi registers
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from weakref import WeakKeyDictionary

import pulumi

from . import validation
from .errors import namespaces, tagged
from .settings import BackendSettings
from .settings.problems import Problem
from .settings.shared_namespace import SharedNamespaceSettings, clash

_NAMESPACE = "kubernetes:core/v1:Namespace"


@dataclass(frozen=True, eq=False)
class Registration:
    """One component's use of a namespace."""

    name: str
    """The component's logical name."""
    backend: BackendSettings | None = None
    """The backend's settings; None for a shared namespace."""
    shared: Registration | None = None
    """The registration of the shared namespace that the backend is in; None if it manages its namespace itself."""

    @property
    def owner(self) -> Registration:
        """Registration of the component that manages the namespace."""
        return self.shared or self


class SharedNamespaceLike(Protocol):
    """The part of ``SharedNamespace`` that the registry needs."""

    settings: SharedNamespaceSettings
    backends: list[BackendSettings]
    registration: Registration
    provider: pulumi.Resource | None


# By provider, which stands for a cluster. Each run of a program has its own providers.
_registrations: WeakKeyDictionary[pulumi.Resource, dict[str, list[Registration]]] = WeakKeyDictionary()


def provider(opts: pulumi.ResourceOptions | None) -> pulumi.Resource | None:
    """Return the Kubernetes provider of a component with these options; None for Pulumi's default provider."""
    opts = opts or pulumi.ResourceOptions()
    several = opts.providers or []
    candidates = [opts.provider, *(several.values() if isinstance(several, dict) else several)]
    own = next((one for one in candidates if one is not None and one.package == "kubernetes"), None)
    return own or (opts.parent and opts.parent.get_provider(_NAMESPACE))


def register(registration: Registration, namespace: str, provider: pulumi.Resource | None) -> None:
    """Register a component's use of a namespace.

    Raises SettingsError if another component manages the namespace, or if two backends would select the same pods.
    """
    if provider is None:
        return  # the default provider: its cluster is not known
    others = _registrations.setdefault(provider, {}).setdefault(namespace, [])
    validation.reject([problem for other in others if (problem := _problem(registration, other, namespace))])
    others.append(registration)


def register_backend(
    name: str,
    backend: BackendSettings,
    shared: SharedNamespaceLike | None,
    opts: pulumi.ResourceOptions | None,
) -> BackendSettings:
    """Register a backend in its own namespace or in a shared one, and return its settings with the namespace filled in.

    Raises SettingsError if the backend cannot be in that namespace, or if the shared namespace does not list it.
    """
    cluster = provider(opts)
    if shared is None:
        register(Registration(name, backend), backend.namespace_name, cluster)
        return backend
    backend = backend if backend.namespace else backend.model_copy(update={"namespace": shared.settings.name})
    problems = []
    if backend not in shared.backends:
        listed = ", ".join(one.name for one in shared.backends)
        text = (
            f"{shared.registration.name!r} does not list these settings of {backend.name!r}, and its quota is the sum "
            f"of the backends that it lists: list them there too, or use one of its `backends` ({listed})"
        )
        problems.append(Problem(f"{name}.namespace", tagged(text, namespaces.BACKEND_NOT_IN_SHARED_NAMESPACE)))
    if cluster is not shared.provider:
        text = (
            f"{shared.registration.name!r} uses another provider, that is, another cluster: "
            "pass the same provider to both"
        )
        problems.append(Problem(f"{name}.namespace", tagged(text, namespaces.SHARED_NAMESPACE_ON_ANOTHER_CLUSTER)))
    validation.reject(problems)
    register(Registration(name, backend, shared.registration), backend.namespace_name, cluster)
    return backend


def _problem(new: Registration, other: Registration, namespace: str) -> Problem | None:
    if new.backend and other.backend and (problem := clash(new.backend, other.backend, repr(other.name))):
        return Problem(f"{new.name}.{problem[0]}", problem[1])
    if new.owner is not other.owner and (_manages(new) or _manages(other)):
        text = (
            f"{namespace!r} is already managed by {other.name!r}: use another namespace, or create one SharedNamespace "
            "and pass it to every backend in it"
        )
        return Problem(f"{new.name}.namespace", tagged(text, namespaces.NAMESPACE_ALREADY_MANAGED))
    return None


def _manages(registration: Registration) -> bool:
    """Return whether a component creates its namespace."""
    return registration.backend is None or registration.shared is not None or registration.backend.create_namespace
