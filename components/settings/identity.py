"""The settings of what the pods may do: on the Kubernetes API, and on a cloud's."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from .base import SettingsModel, form
from .pod_template import schema


def _rule(value: dict[str, Any]) -> dict[str, Any]:
    return schema.checked(value, "V1PolicyRule")


PolicyRule = Annotated[dict[str, Any], AfterValidator(_rule), WithJsonSchema({"type": "object"})]
"""A rule as in a Role: ``apiGroups``, ``resources``, ``verbs`` and more."""


class Rbac(SettingsModel):
    """Rights of the pods on the Kubernetes API. With any, the pods get the account's token."""

    rules: list[PolicyRule] = Field(
        default_factory=list,
        max_length=50,
        description="Rules of a Role in the backend's namespace, in the words of Kubernetes, such as "
        "{apiGroups: [''], resources: [pods], verbs: [list]}.",
    )
    cluster_rules: list[PolicyRule] = Field(
        default_factory=list,
        max_length=50,
        description="Rules of a ClusterRole, which holds in all namespaces. Creating it needs rights on the cluster.",
    )


class Identity(SettingsModel):
    """Identity of the pods on a cloud, through their service account (workload identity)."""

    aws_role_arn: (
        Annotated[
            str,
            form(
                r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$",
                "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/web",
                max_length=2048,
            ),
        ]
        | None
    ) = Field(
        None,
        description="ARN of the IAM role that pods on EKS act as (IRSA). The role must trust the service account.",
    )
    eks_pod_identity: bool = Field(
        False,
        description="Whether pods on EKS act by EKS Pod Identity. You create the association of the service account "
        "with a role in AWS.",
    )
    google_service_account: (
        Annotated[
            str,
            form(
                r"^[a-z0-9-]+@[a-z0-9.:-]+\.iam\.gserviceaccount\.com$",
                "the e-mail address of a Google service account",
                max_length=253,
            ),
        ]
        | None
    ) = Field(
        None,
        description="E-mail address of the Google service account that pods on GKE act as (Workload Identity).",
    )
    azure_client_id: (
        Annotated[
            str,
            form(
                r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", "a client ID, which is a UUID", max_length=36
            ),
        ]
        | None
    ) = Field(
        None, description="Client ID of the managed identity or application that pods on AKS act as (Workload ID)."
    )
