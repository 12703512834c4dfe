"""Every setting is written down where people look: in the table of the README and in the schema that editors use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from components.settings import BackendSettings, ExistingCluster, LocalCluster, StackReferenceCluster
from components.settings.reference import stack_file_schema, table


def leaves(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """The keys of all settings that are no group."""
    for field in model.model_fields.values():
        key = f"{prefix}.{field.alias}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from leaves(field.annotation, key)
        else:
            yield key


SETTINGS = [
    *leaves(LocalCluster, "cluster"),
    *leaves(ExistingCluster, "cluster"),
    *leaves(StackReferenceCluster, "cluster"),
    *leaves(BackendSettings, "backend"),
    "protect",
]


def test_there_are_many() -> None:
    assert {"backend.survive", "backend.placement.spread", "backend.network.egress", "cluster.kubernetes"} <= set(
        SETTINGS
    )
    assert len(SETTINGS) > 50


@pytest.fixture(scope="module")
def rows() -> dict[str, list[str]]:
    """The cells of each row by the setting's key."""
    lines = [line.strip("| ").split(" | ") for line in table().splitlines()[2:]]
    return {cells[0].split("`")[1]: cells for cells in lines}


@pytest.mark.parametrize("key", SETTINGS)
def test_every_setting_has_a_row_that_is_complete(rows: dict[str, list[str]], key: str) -> None:
    name, kind, default, description = rows[key]
    assert all((name, kind, default))
    assert len(description) > 10


@pytest.mark.parametrize(
    ("key", "kind", "default"),
    [
        ("backend.survive", "`pod` or `node` or `zone`", "`node`"),
        ("backend.placement.spread", "`soft` or `hard`", "`soft`"),
        ("backend.placement.priorityClassName", "text, at most 253 characters", "left out"),
        ("backend.autoscaling.tolerancePercent", "whole number, 0 to 50", "left out"),
        ("backend.shutdown.deregistrationSeconds", "whole number, 5 to 3600", "`35`"),
        ("backend.loadBalancer.externalTrafficPolicy", "`Local` or `Cluster`", "`Local`"),
        ("backend.loadBalancer.healthCheckSeconds", "whole number, 1 to 300", "`30`"),
        ("cluster.kubernetes", "`1.35` or `1.36` or `1.37`", "`1.36`"),
    ],
)
def test_the_row_says_what_is_right(rows: dict[str, list[str]], key: str, kind: str, default: str) -> None:
    assert rows[key][1:3] == [kind, default]


def test_an_editor_is_told_of_every_key_and_refuses_others() -> None:
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
