"""Check that the schema describes every input and output, and nothing that the settings lack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from components.settings import BackendSettings, ExistingCluster, LocalCluster
from ops.provider import tokens
from ops.provider.reference import components_page
from ops.provider.schema import schema
from ops.provider.version import version

PROJECT = Path(__file__).parent.parent.parent.parent.parent
SCHEMA = schema()
BACKEND, CLUSTER = (SCHEMA["resources"][token] for token in (tokens.BACKEND, tokens.CLUSTER))


def described() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield everything that has a description: components, inputs, outputs, types, properties, and the package."""
    yield "package", SCHEMA
    for token, resource in SCHEMA["resources"].items():
        yield token, resource
        for part in ("inputProperties", "properties"):
            yield from ((f"{token} {part} {name}", spec) for name, spec in resource[part].items())
    for token, spec in SCHEMA["types"].items():
        yield token, spec
        yield from ((f"{token} {name}", inner) for name, inner in spec.get("properties", {}).items())


@pytest.mark.parametrize(("where", "spec"), list(described()))
def test_everything_is_described_in_whole_sentences(where: str, spec: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Z`].*[.]", spec.get("description", "")), f"{where}: {spec.get('description')!r}"
    assert not re.search(r"\.\.(\s|$)", spec["description"]) and "None" not in spec["description"]


def test_every_setting_is_an_input_and_no_other_but_the_place() -> None:
    fields = {field.alias for field in BackendSettings.model_fields.values()}
    assert set(BACKEND["inputProperties"]) == fields | {"cluster", "kubeconfig"}
    of_kinds = {field.alias for kind in (LocalCluster, ExistingCluster) for field in kind.model_fields.values()}
    assert of_kinds <= set(CLUSTER["inputProperties"])


def test_one_input_each_is_required() -> None:
    assert BACKEND["requiredInputs"] == ["image"] and CLUSTER["requiredInputs"] == ["kind"]


def groups(model: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, model
    for field in model.model_fields.values():
        inner = field.annotation
        for each in (inner, *getattr(inner, "__args__", ())):
            if hasattr(each, "model_fields"):
                yield from groups(each, each.__name__)


@pytest.mark.parametrize(("name", "model"), list(groups(BackendSettings, "")))
def test_defaults_are_those_of_the_settings(name: str, model: Any) -> None:
    told = BACKEND["inputProperties"] if not name else SCHEMA["types"][tokens.type_token(name)]["properties"]
    for field in model.model_fields.values():
        if isinstance(field.default, (bool, int, str)) and (name, field.alias) != ("", "name"):
            assert told[field.alias]["default"] == field.default
        else:
            assert "default" not in told[field.alias]  # none, one made anew, or more than one value: told in words


def test_a_cluster_has_no_defaults_that_an_sdk_would_send_to_the_wrong_kind() -> None:
    assert not [name for name, spec in CLUSTER["inputProperties"].items() if "default" in spec]
    assert "Default: `1.36`" in CLUSTER["inputProperties"]["kubernetes"]["description"]


def test_what_is_refused_as_an_output_is_plain_to_the_last_part() -> None:
    def plain(spec: dict[str, Any]) -> bool:
        parts = [spec[key] for key in ("items", "additionalProperties") if key in spec]
        return spec.get("plain") is True and all(map(plain, parts))

    given = [*BACKEND["inputProperties"].items(), *CLUSTER["inputProperties"].items()]
    given += [
        entry
        for token, spec in SCHEMA["types"].items()
        if not token.endswith("Survival")
        for entry in spec.get("properties", {}).items()
    ]
    assert [name for name, spec in given if not plain(spec)] == ["kubeconfig"]


def test_a_kubeconfig_is_a_secret_wherever_it_is_content() -> None:
    assert BACKEND["inputProperties"]["kubeconfig"]["secret"] and CLUSTER["properties"]["kubeconfig"]["secret"]
    assert "secret" not in CLUSTER["inputProperties"]["kubeconfig"]  # a path


def test_every_reference_leads_somewhere_and_every_type_is_used() -> None:
    used = set(re.findall(r"#/types/([^'\"]+)", repr(SCHEMA)))
    assert used == set(SCHEMA["types"])


def test_names_in_sdks_are_ones() -> None:
    for spec in SCHEMA["types"].values():
        for value in spec.get("enum", []):
            assert re.fullmatch("[A-Z][A-Za-z0-9_]*", value["name"])


def test_one_version_for_all() -> None:
    assert SCHEMA["version"] == version()
    assert re.fullmatch(r"\d+[.]\d+[.]\d+", version())


def test_what_the_wheel_asks_for_allows_what_is_tested() -> None:
    import tomllib

    asked = {
        (r := Requirement(text)).name.lower(): r
        for text in tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    pinned = [
        Requirement(line) for line in (PROJECT / "requirements.txt").read_text().splitlines() if line[:1].isalpha()
    ]
    assert {r.name.lower() for r in pinned} == set(asked)
    for requirement in pinned:
        (exact,) = requirement.specifier
        assert asked[requirement.name.lower()].specifier.contains(exact.version), requirement


def test_the_page_has_a_row_for_everything() -> None:
    rows = re.findall(r"^[|] `([^`]+)` [|]", components_page(), flags=re.MULTILINE)
    parts = [
        name for resource in (CLUSTER, BACKEND) for part in ("inputProperties", "properties") for name in resource[part]
    ]
    parts += [name for spec in SCHEMA["types"].values() for name in spec.get("properties", {})]
    parts += [value["value"] for spec in SCHEMA["types"].values() for value in spec.get("enum", [])]
    assert sorted(rows) == sorted(parts)
