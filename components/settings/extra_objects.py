"""The setting for further Kubernetes objects, as in a manifest."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from ..errors import settings as errors
from .base import InvalidValueError

# Of the API itself. An object of any other kind is cluster-scoped if its metadata.namespace is an empty string.
_CLUSTER_SCOPED = {
    "APIService",
    "CertificateSigningRequest",
    "ClusterIssuer",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterSecretStore",
    "CSIDriver",
    "CustomResourceDefinition",
    "GatewayClass",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
}


def is_cluster_scoped(manifest: Mapping[str, Any]) -> bool:
    """Return whether an object is in no namespace."""
    return manifest["kind"] in _CLUSTER_SCOPED or manifest["metadata"].get("namespace") == ""


def _checked(value: dict[str, Any]) -> dict[str, Any]:
    missing = [key for key in ("apiVersion", "kind") if not isinstance(value.get(key), str) or not value[key]]
    metadata = value.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str) or not metadata["name"]:
        missing.append("metadata.name")
    if missing:
        raise InvalidValueError(
            f"lacks {', '.join(missing)}, so it is no Kubernetes object: add what is missing", errors.MISSING_SETTING
        )
    if value["kind"] == "Secret" and (value.get("data") or value.get("stringData")):
        raise InvalidValueError(
            "would keep secret values in plain text: create the Secret elsewhere and refer to it, or use an "
            "ExternalSecret or generatedSecrets",
            errors.PLAIN_SECRET,
        )
    return value


ExtraObject = Annotated[dict[str, Any], AfterValidator(_checked), WithJsonSchema({"type": "object"})]
"""A Kubernetes object: ``apiVersion``, ``kind``, ``metadata.name`` and whatever its kind has."""
