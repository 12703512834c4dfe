"""Who the pods are: their ServiceAccount, its rights on the Kubernetes API, and its identity on a cloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from .backend_scope import BackendScope
from .merge import merge
from .settings.identity import Identity
from .settings.network import Destination

_RBAC = "rbac.authorization.k8s.io"
# Where the token of a cloud comes from, which the NetworkPolicy must allow.
# https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity: the metadata server and its proxy.
_GOOGLE = (("169.254.169.254/32", [80]), ("169.254.169.252/32", [988]))
# https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html: the agent on the pod's node.
_EKS_AGENT = (("169.254.170.23/32", [80]),)
# The API server, AWS STS and Microsoft Entra ID: HTTPS, at addresses that are not known here.
_ANYWHERE = (("0.0.0.0/0", [443, 6443]), ("::/0", [443, 6443]))


def service_account(
    scope: BackendScope, depends_on: Sequence[pulumi.Resource]
) -> kubernetes.core.v1.ServiceAccount | None:
    """Register the ServiceAccount of the pods; return None if the settings name an existing one.

    Its token is not mounted unless a pod asks for it.
    """
    backend = scope.settings
    if backend.existing_service_account:
        return None
    overrides = backend.overrides.service_account
    metadata = scope.metadata(annotations=_annotations(backend.identity) or None)
    merge(metadata, overrides.get("metadata") or {})
    return kubernetes.core.v1.ServiceAccount(
        f"{scope.prefix}-account",
        metadata=metadata,
        automount_service_account_token=overrides.get("automountServiceAccountToken", False),
        image_pull_secrets=overrides.get("imagePullSecrets"),
        opts=scope.options(depends_on),
    )


def rights(scope: BackendScope, depends_on: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
    """Register the roles of `rbac` and bind them to the pods' account."""
    backend = scope.settings
    made: list[pulumi.Resource] = []
    if not backend.rbac.rules and not backend.rbac.cluster_rules:
        return made
    # Loaded by the stacks that need it.
    from pulumi_kubernetes.rbac.v1 import RoleRefArgs, SubjectArgs

    cluster_name = f"{backend.namespace_name}-{backend.name}"
    rbac = kubernetes.rbac.v1
    subjects = [SubjectArgs(kind="ServiceAccount", name=backend.service_account_name, namespace=backend.namespace_name)]
    if backend.rbac.rules:
        reference = RoleRefArgs(api_group=_RBAC, kind="Role", name=backend.name)
        options = scope.replaceable_options(depends_on)
        role = rbac.Role(
            f"{scope.prefix}-role", metadata=scope.metadata(), rules=_rules(backend.rbac.rules), opts=options
        )
        bound = scope.replaceable_options([role])
        name = f"{scope.prefix}-role-binding"
        made += [
            role,
            rbac.RoleBinding(name, metadata=scope.metadata(), role_ref=reference, subjects=subjects, opts=bound),
        ]
    if backend.rbac.cluster_rules:
        reference = RoleRefArgs(api_group=_RBAC, kind="ClusterRole", name=cluster_name)
        metadata = ObjectMetaArgs(name=cluster_name, labels=scope.labels)
        options = scope.replaceable_options(depends_on)
        cluster_role = rbac.ClusterRole(
            f"{scope.prefix}-cluster-role", metadata=metadata, rules=_rules(backend.rbac.cluster_rules), opts=options
        )
        name, bound = f"{scope.prefix}-cluster-role-binding", scope.replaceable_options([cluster_role])
        made += [
            cluster_role,
            rbac.ClusterRoleBinding(name, metadata=metadata, role_ref=reference, subjects=subjects, opts=bound),
        ]
    return made


def _rules(rules: Sequence[Any]) -> list[Any]:
    """Return rules in Kubernetes' words, which the SDK takes as they are."""
    return list(rules)


def destinations(scope: BackendScope) -> list[Destination]:
    """Return what pods must reach to use their rights and their identity."""
    backend, identity = scope.settings, scope.settings.identity
    found = [
        *(_GOOGLE if identity.google_service_account else ()),
        *(_EKS_AGENT if identity.eks_pod_identity else ()),
        *(_ANYWHERE if backend.mounts_token or identity.aws_role_arn or identity.azure_client_id else ()),
    ]
    return [Destination(cidr=cidr, ports=ports) for cidr, ports in found]


def _annotations(identity: Identity) -> dict[str, str]:
    values = {
        "eks.amazonaws.com/role-arn": identity.aws_role_arn,
        "iam.gke.io/gcp-service-account": identity.google_service_account,
        "azure.workload.identity/client-id": identity.azure_client_id,
    }
    return {key: value for key, value in values.items() if value}
