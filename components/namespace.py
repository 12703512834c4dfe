"""The namespace, what it admits, and the identity that the pods run under."""

from __future__ import annotations

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.scope import Scope


def namespace(scope: Scope) -> kubernetes.core.v1.Namespace:
    """A namespace of the backend's own, in which the API server itself refuses pods that are not restricted."""
    return kubernetes.core.v1.Namespace(
        f"{scope.prefix}-namespace",
        metadata=ObjectMetaArgs(
            name=scope.settings.namespace_name,
            labels={**scope.labels, "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted"}),
        opts=scope.options())


def service_account(scope: Scope, namespace: kubernetes.core.v1.Namespace) -> kubernetes.core.v1.ServiceAccount:
    """An account without any right, whose token is not handed to the pods."""
    return kubernetes.core.v1.ServiceAccount(
        f"{scope.prefix}-account", metadata=scope.meta(), automount_service_account_token=False,
        opts=scope.options([namespace]))
