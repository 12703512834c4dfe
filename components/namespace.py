"""The namespace, what it admits, and the identity that the pods run under."""

from __future__ import annotations

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs, ObjectMetaPatchArgs

from .backend_scope import Scope
from .namespace_scope import Space

_ENFORCE, _WARN, _LEVEL = "pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/warn", "restricted"


def namespace(space: Space, *, enforced: bool = True) -> kubernetes.core.v1.Namespace:
    """A namespace in which the API server itself refuses pods that are not restricted, where ``enforced``; else it warns."""
    level = {_ENFORCE: _LEVEL} if enforced else {}
    return kubernetes.core.v1.Namespace(
        f"{space.prefix}-namespace",
        metadata=ObjectMetaArgs(name=space.namespace, labels={**space.labels, **level, _WARN: _LEVEL}),
        opts=space.options(),
    )


def restriction(scope: Scope, deployment: kubernetes.apps.v1.Deployment) -> kubernetes.core.v1.NamespacePatch:
    """The same refusal for a namespace that was taken over, once all pods are ours: those from before could not be replaced."""
    return kubernetes.core.v1.NamespacePatch(
        f"{scope.prefix}-restriction",
        metadata=ObjectMetaPatchArgs(name=scope.settings.namespace_name, labels={_ENFORCE: _LEVEL}),
        opts=scope.replaceable([deployment]),
    )


def service_account(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> kubernetes.core.v1.ServiceAccount:
    """An account without any right, whose token is not handed to the pods."""
    return kubernetes.core.v1.ServiceAccount(
        f"{scope.prefix}-account",
        metadata=scope.meta(),
        automount_service_account_token=False,
        opts=scope.options([namespace]),
    )
