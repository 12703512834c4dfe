"""Overrides of the objects around the pods, in Kubernetes' own words, as `podTemplate` is for the pods.

They are merged by key into what the component generates. Each kind has a table of fields: what is merged, and why a
field is rejected. A field that no table names is newer than this version, and rejected.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from .base import SettingsModel
from .pod_template import schema


def _object(type_name: str) -> Any:
    """Return the type of a setting that holds fields of an object of a Kubernetes type, such as V1Service."""

    def check(value: dict[str, Any]) -> dict[str, Any]:
        return schema.checked(value, type_name) if value else value

    return Annotated[dict[str, Any], AfterValidator(check), WithJsonSchema({"type": "object"})]


class Overrides(SettingsModel):
    """Fields of the objects around the pods, in the words of Kubernetes.

    They are merged by key. A field that a setting manages, or that would break the promise, is rejected.
    """

    service: _object("V1Service") = Field(  # type: ignore[valid-type]
        default_factory=dict,
        description="Fields of the Service: `metadata` with annotations and labels, and `spec` with further `ports`, "
        "`type: NodePort`, `loadBalancerClass`, `loadBalancerSourceRanges`, `ipFamilies`, `sessionAffinity` and more. "
        "Each port is opened in the NetworkPolicy.",
    )
    service_account: _object("V1ServiceAccount") = Field(  # type: ignore[valid-type]
        default_factory=dict,
        description="Fields of the ServiceAccount: `metadata` with name, annotations and labels, and "
        "`imagePullSecrets`.",
    )
    deployment: _object("V1Deployment") = Field(  # type: ignore[valid-type]
        default_factory=dict,
        description="Fields of the Deployment: `metadata` with annotations and labels, and `spec` with "
        "`strategy.rollingUpdate` and `revisionHistoryLimit`.",
    )
    horizontal_pod_autoscaler: _object("V2HorizontalPodAutoscaler") = Field(  # type: ignore[valid-type]
        default_factory=dict,
        description="Fields of the HorizontalPodAutoscaler: `metadata` with annotations and labels, and `spec` with "
        "`behavior` and further `metrics`.",
    )
    pod_disruption_budget: _object("V1PodDisruptionBudget") = Field(  # type: ignore[valid-type]
        default_factory=dict,
        description="Fields of the PodDisruptionBudget: `metadata` with annotations and labels, and `spec` with "
        "`unhealthyPodEvictionPolicy`.",
    )

    def metadata(self, kind: str) -> dict[str, Any]:
        """Return the overrides of an object's metadata, by the attribute's name, such as ``service``."""
        return getattr(self, kind).get("metadata") or {}

    def spec(self, kind: str) -> dict[str, Any]:
        """Return the overrides of an object's spec."""
        return getattr(self, kind).get("spec") or {}
