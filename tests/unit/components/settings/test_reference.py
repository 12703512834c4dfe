"""The settings reference describes every setting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from components.settings import BackendSettings, ExistingCluster, LocalCluster, StackReferenceCluster
from components.settings.reference import settings_page

PROJECT = Path(__file__).parent.parent.parent.parent.parent


def leaves(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Yield the keys of all settings that are not groups."""
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
def page() -> str:
    return settings_page()


@pytest.fixture(scope="module")
def rows(page: str) -> dict[str, list[str]]:
    """The cells of each row by the setting's key."""
    found: dict[str, list[str]] = {}
    group = ""
    for line in page.splitlines():
        if line.startswith("## "):
            group = line.split("`")[1] if "`" in line else ""
        elif line.startswith("| `"):
            cells = line.removeprefix("| ").removesuffix(" |").split(" | ")
            found[f"{group}.{cells[0].strip('`')}".lstrip(".")] = cells
    return found


@pytest.mark.parametrize("key", SETTINGS)
def test_every_setting_has_a_row_that_is_complete(rows: dict[str, list[str]], key: str) -> None:
    name, kind, default, description = rows[key]
    assert all((name, kind, default))
    assert len(description) > 10


@pytest.mark.parametrize(
    ("key", "kind", "default"),
    [
        ("backend.survive", "`nothing` or `pod` or `node` or `zone`", "`node`"),
        ("backend.placement.spread", "`soft` or `hard`", "`soft`"),
        ("backend.placement.priorityClassName", "string, at most 253 characters", "unset"),
        ("backend.autoscaling", "[object](#backendautoscaling)", "as below"),
        ("backend.autoscaling.tolerancePercent", "integer, 0 to 50", "unset"),
        (
            "backend.autoscaling.podMetrics",
            "list of at most 10 entries, each an [object](#backendautoscalingpodmetrics)",
            "`[]`",
        ),
        ("backend.autoscaling.podMetrics[].name", "string, at most 253 characters", "required"),
        (
            "backend.resources.requests.cpu",
            "string or number above 0",
            "`500m`; required if `backend.resources.requests` is set",
        ),
        ("backend.shutdown.deregistrationSeconds", "integer, 5 to 3600", "`35`"),
        ("backend.loadBalancer.externalTrafficPolicy", "`Local` or `Cluster`", "`Local`"),
        ("backend.loadBalancer.healthCheckSeconds", "integer, 1 to 300", "`30`"),
        ("backend.edge", "[object](#backendedge)", "unset"),
        ("backend.labels", "map of string, at most 63 characters", "`{}`"),
        ("cluster.kubernetes", "`1.35` or `1.36` or `1.37`", "`1.36`"),
        (
            "cluster.workers",
            "list of 1 to 20 entries, each an [object](#clusterworkers)",
            "one entry with its defaults",
        ),
        ("placements", "list of 2 to 20 entries, each an [object](#placements)", "unset"),
        ("placements[].cluster", "[object](#cluster)", "required"),
        ("placements[].backend", "[object](#backend)", "`{}`"),
    ],
)
def test_the_row_has_the_type_and_the_default(rows: dict[str, list[str]], key: str, kind: str, default: str) -> None:
    assert rows[key][1:3] == [kind, default]


def test_every_link_leads_to_a_heading(page: str) -> None:
    anchors = [
        re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", line.removeprefix("## ")).strip().lower())
        for line in page.splitlines()
        if line.startswith("## ")
    ]
    assert len(set(anchors)) == len(anchors)
    links = re.findall(r"\]\(#([^)]*)\)", page)
    assert len(links) > 30
    assert set(links) <= set(anchors)


def test_other_pages_are_linked(page: str) -> None:
    assert "([guide](../how-to/edge.md))" in page
    assert "(docs/" not in page
    for path in set(re.findall(r"\]\(([^)#]+)\)", page)):
        assert (PROJECT / "docs" / "reference" / path).is_file(), path
