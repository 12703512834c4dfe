"""The type of the setting that takes pod template overrides."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from . import schema

# Generated fields that null removes. Rules reject null where the field keeps a promise.
_CONTEXT = ("runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile")
NULLS = (
    *(f"spec.securityContext.{field}" for field in (*_CONTEXT, "fsGroup")),
    *(
        f"spec.{kind}.*.securityContext.{field}"
        for kind in ("containers", "initContainers")
        for field in (*_CONTEXT, "readOnlyRootFilesystem", "allowPrivilegeEscalation", "privileged", "capabilities")
    ),
    *(f"spec.containers.*.{probe}" for probe in ("startupProbe", "readinessProbe", "livenessProbe")),
    "spec.containers.*.lifecycle",
    "spec.containers.*.lifecycle.preStop",
)


def _checked(value: dict[str, Any]) -> dict[str, Any]:
    return schema.checked(value, "V1PodTemplateSpec", NULLS) if value else value


PodTemplate = Annotated[dict[str, Any], AfterValidator(_checked), WithJsonSchema({"type": "object"})]
"""As in a Deployment's ``spec.template``: ``metadata.annotations`` and ``spec``. Rules reject all other fields."""
