"""Namespaces that several components of one program use."""

from __future__ import annotations

from .kind import ErrorKind

NAMESPACE_ALREADY_MANAGED = ErrorKind(
    "namespace-already-managed",
    "Namespace already managed",
    "Another component of the program manages this namespace on the same cluster. Each would set its own quota and its "
    "own default-deny policy, so neither backend could rely on its capacity or its isolation.",
    "Use another namespace, or create one `SharedNamespace` and pass it to every backend in it.",
)
BACKEND_NOT_IN_SHARED_NAMESPACE = ErrorKind(
    "backend-not-in-shared-namespace",
    "Backend not in the shared namespace",
    "The shared namespace does not list these settings of the backend. Its quota is the sum of what the listed "
    "backends need, so a rollout or a scale-out of an unlisted one could be rejected.",
    "Pass one of the shared namespace's `backends` to the component, or list the same settings in both places.",
)
SHARED_NAMESPACE_ON_ANOTHER_CLUSTER = ErrorKind(
    "shared-namespace-on-another-cluster",
    "Shared namespace on another cluster",
    "The backend and its shared namespace use different providers, so the namespace would not exist on the "
    "backend's cluster.",
    "Pass the same provider to both components.",
)
