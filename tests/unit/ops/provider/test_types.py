"""Settings of every form in the words of Pulumi's schema, also those that no setting has at the moment."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from components.settings.base import LabelKey, LabelValue, SettingsModel
from ops.provider.tokens import type_token
from ops.provider.types import Types


class Part(SettingsModel):
    """A part of it."""

    size: int = Field(3, ge=1, le=9, description="How large.")


class Whole(SettingsModel):
    """All of it."""

    part: Part = Field(default_factory=Part, description="The part.")
    same: Part = Field(default_factory=Part, description="A part of it.")
    parts: list[Part] = Field(default_factory=list, max_length=4, description="More parts.")
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict, description="Words.")
    free: dict[str, Any] = Field(default_factory=dict, description="As in Kubernetes.")
    maybe: Annotated[int, Field(ge=1)] | None = Field(None, description="Perhaps.")
    version: Literal["1.36", "stack-reference"] = Field("1.36", description="Which.")
    ratio: float = Field(0.5, description="How much.")
    pair: list[int] = Field([1, 2], description="Two.")


@pytest.fixture
def made() -> tuple[dict[str, Any], dict[str, Any]]:
    types, whole = Types(type_token), Whole.model_json_schema(by_alias=True)
    return types.properties(whole, whole, "Whole"), types.found


def test_groups(made: Any) -> None:
    properties, types = made
    token = type_token("Part")
    assert properties["part"] == {"$ref": f"#/types/{token}", "plain": True, "description": "The part."}
    assert properties["same"]["description"] == "A part of it."
    assert properties["parts"]["items"] == {"$ref": f"#/types/{token}", "plain": True}
    assert types[token]["properties"]["size"] == {
        "type": "integer",
        "plain": True,
        "default": 3,
        "description": "How large. Integer, 1 to 9.",
    }
    assert types[token]["description"] == "A part of it."


def test_mappings(made: Any) -> None:
    properties, _ = made
    assert properties["labels"]["additionalProperties"] == {"type": "string", "plain": True}
    assert properties["free"]["additionalProperties"] == {"$ref": "pulumi.json#/Any", "plain": True}


def test_what_may_be_left_out(made: Any) -> None:
    properties, _ = made
    assert properties["maybe"] == {
        "type": "integer",
        "plain": True,
        "description": "Perhaps. Integer, at least 1.",
    }


def test_words(made: Any) -> None:
    properties, types = made
    assert properties["version"]["default"] == "1.36"
    names = [value["name"] for value in types[type_token("WholeVersion")]["enum"]]
    assert names == ["V1_36", "StackReference"]


def test_defaults_that_a_schema_cannot_hold_are_told(made: Any) -> None:
    properties, _ = made
    assert properties["ratio"]["default"] == 0.5
    assert "default" not in properties["pair"] and properties["pair"]["description"].endswith("Default: `[1, 2]`.")
