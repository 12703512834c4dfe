"""The Namespace and its Pod Security level."""

from __future__ import annotations

import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs, ObjectMetaPatchArgs

from .backend_scope import BackendScope
from .namespace_scope import NamespaceScope

# https://kubernetes.io/docs/concepts/security/pod-security-admission/
_ENFORCE, _WARN, _LEVEL = "pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/warn", "restricted"


def namespace(scope: NamespaceScope, *, enforce: bool = True) -> kubernetes.core.v1.Namespace:
    """Register a namespace with Pod Security level ``restricted``, enforced or as a warning."""
    level = {_ENFORCE: _LEVEL} if enforce else {}
    return kubernetes.core.v1.Namespace(
        f"{scope.prefix}-namespace",
        metadata=ObjectMetaArgs(name=scope.namespace, labels={**scope.labels, **level, _WARN: _LEVEL}),
        opts=scope.options(),
    )


def pod_security_enforcement(
    scope: BackendScope, deployment: kubernetes.apps.v1.Deployment
) -> kubernetes.core.v1.NamespacePatch:
    """Register Pod Security enforcement for an adopted namespace, once the Deployment has replaced all earlier pods.

    Enforced sooner, it would keep the cluster from replacing a lost pod of the earlier release.
    """
    return kubernetes.core.v1.NamespacePatch(
        f"{scope.prefix}-restriction",
        metadata=ObjectMetaPatchArgs(name=scope.settings.namespace_name, labels={_ENFORCE: _LEVEL}),
        opts=scope.replaceable_options([deployment]),
    )
