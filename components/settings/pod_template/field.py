"""The type of the setting that takes pod template overrides."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from . import schema


def _checked(value: dict[str, Any]) -> dict[str, Any]:
    return schema.pod_template(value) if value else value


PodTemplate = Annotated[dict[str, Any], AfterValidator(_checked), WithJsonSchema({"type": "object"})]
"""As in a Deployment's ``spec.template``: ``metadata.annotations`` and ``spec``. Rules reject all other fields."""
