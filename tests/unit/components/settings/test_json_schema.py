"""The JSON schema gives editors every key, and the form of every value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from components.settings import Settings
from components.settings.balancer import BalancerSettings
from components.settings.base import FORMS
from components.settings.json_schema import SCHEMA, schema_file, stack_file_schema
from components.settings.pod import Amounts
from components.settings.shared_namespace import SharedNamespaceSettings

PROJECT = Path(__file__).parent.parent.parent.parent.parent
QUANTITIES = Amounts.model_json_schema(by_alias=True)["properties"]["cpu"]["anyOf"][0]["pattern"]


def test_editors_know_every_key_and_reject_others() -> None:
    schema = stack_file_schema()
    assert set(schema["properties"]["config"]["properties"]) == {
        "ha-backend:cluster",
        "ha-backend:placements",
        "ha-backend:balancer",
        "ha-backend:backend",
        "ha-backend:protect",
    }
    backend = schema["$defs"]["BackendSettings"]
    assert {"survive", "placement", "disruptionBudget", "network", "labels"} <= set(backend["properties"])
    for name, definition in schema["$defs"].items():
        assert definition["additionalProperties"] is False, name


def test_the_file_is_up_to_date() -> None:
    assert (PROJECT / SCHEMA).read_text() == schema_file(), "run: venv/bin/python -m components.settings write"


def patterns(node: Any) -> Iterator[str]:
    """Yield every pattern of values and of keys in a JSON schema."""
    if isinstance(node, list):
        for entry in node:
            yield from patterns(entry)
    elif isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        yield from node.get("patternProperties", {})
        for value in node.values():
            yield from patterns(value)


@pytest.mark.parametrize("model", [Settings, BalancerSettings, SharedNamespaceSettings])
def test_every_pattern_of_the_models_is_described(model: type[BaseModel]) -> None:
    used = set(patterns(model.model_json_schema(by_alias=True))) - {QUANTITIES}
    assert used or model is BalancerSettings
    assert used <= FORMS.keys()


def test_editors_show_the_description_of_a_pattern() -> None:
    name = stack_file_schema()["$defs"]["BackendSettings"]["properties"]["name"]
    assert name["patternErrorMessage"] == f"Must be {FORMS[name['pattern']]}."


def test_every_setting_is_described_in_sentences() -> None:
    def check(node: Any, where: str) -> None:
        if isinstance(node, dict):
            for key, value in node.get("properties", {}).items():
                if isinstance(value, dict) and "description" in value:
                    assert value["description"].endswith("."), f"{where}.{key}"
            for key, value in node.items():
                check(value, f"{where}.{key}")

    check(stack_file_schema(), "")
