"""The package on the real engine: its schema, and the example in YAML, from the first preview to the end.

The tests on the example are one life, in the order of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.devcluster import processes
from components.devcluster.cluster import EmbeddedCluster
from ops.provider.schema import schema
from tests.engine.elsewhere import Program, example, missing


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    made = example("yaml", tmp_path_factory.mktemp("shop"))
    yield made
    for folder in (made.folder / ".ha-backend" / "clusters").glob("*/*"):
        EmbeddedCluster(folder, []).delete()


@pytest.fixture
def yaml_runtime() -> None:
    if why := missing("pulumi-language-yaml"):
        pytest.skip(f"{why}: that a program in YAML works is not proved by this run")


def undocumented(found: Any, where: str = "") -> Iterator[str]:
    """Every property, component and type without a description."""
    for name, spec in {**found.get("resources", {}), **found.get("types", {})}.items():
        parts = {**spec.get("inputProperties", {}), **spec.get("properties", {})}
        yield from (f"{name} {part}" for part, inner in parts.items() if not inner.get("description"))
        if not spec.get("description"):
            yield name


def test_the_engine_gets_a_schema_without_an_undocumented_property(shop: Program) -> None:
    """The plugin's virtualenv is made by the engine, as for anybody."""
    plugin = Program(shop.folder.parent.parent / "plugin", shop.folder.parent / "unused")
    found = json.loads(plugin.done("package", "get-schema", "."))
    assert not list(undocumented(found))
    assert found["version"] == schema()["version"]
    for kind in ("resources", "types"):
        assert set(found[kind]) == set(schema()[kind])


@pytest.mark.parametrize("language", ["python", "nodejs", "go"])
def test_an_sdk_can_be_generated(shop: Program, tmp_path: Path, language: str) -> None:
    if why := missing(f"pulumi-language-{language}"):
        pytest.skip(f"{why}: that an SDK can be generated is not proved by this run")
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(schema()))
    shop.done("package", "gen-sdk", str(file), "--language", language, "--out", str(tmp_path / "sdk"))
    text = "".join(
        found.read_text() for found in (tmp_path / "sdk").rglob("*") if found.suffix in (".py", ".ts", ".go")
    )
    assert "HighlyAvailableBackend" in text and "never goes below" in text
    if language == "go":  # what it imports of itself must be where it was written
        own = set(re.findall(r'"example\.com/pulumi-ha-backend/([^"]+)"', text))
        assert own and all((tmp_path / path).is_dir() for path in own), own


@pytest.mark.usefixtures("yaml_runtime")
class TestYaml:
    """The example's life."""

    def test_the_first_preview_shows_all_though_there_is_no_cluster_yet(self, shop: Program) -> None:
        shop.done("stack", "init", "dev")
        plan = json.loads(shop.done("preview", "--stack", "dev", "--json"))
        made = [step["urn"].split("::")[2].rpartition("$")[2] for step in plan["steps"] if step["op"] == "create"]
        assert {
            "ha-backend:local:EmbeddedCluster",
            "kubernetes:apps/v1:Deployment",
            "pulumi:providers:kubernetes",
        } <= set(made)
        assert not (shop.folder / ".ha-backend").exists()

    def test_up_ends_when_the_promise_is_found_to_be_kept(self, shop: Program) -> None:
        shop.up()
        found = shop.outputs()
        assert found["verified"] is True and found["zone"]["survived"] is True
        assert found["endpoint"].startswith("http://")

    def test_nothing_secret_is_in_the_state(self, shop: Program) -> None:
        (access,) = (shop.folder / ".ha-backend" / "clusters" / "dev").glob("*/kubeconfig")
        stored = shop.stored_state()
        assert "ha-backend:local:EmbeddedCluster" in stored
        for line in access.read_text().split():
            assert len(line) < 40 or line not in stored

    def test_a_second_preview_finds_nothing_to_do(self, shop: Program) -> None:
        shop.unchanged()

    @pytest.mark.parametrize(
        ("properties", "words"),
        [
            (
                {"replicas": 1, "port": 80},
                ["web.replicas: 1 leaves no pod", "web.port: 80 is wrong; right would be a whole"],
            ),
            (
                {"environment": {"A": {"fn::secret": "hush-hush"}}},
                ["web.environment.A: is secret, and settings are plain"],
            ),
        ],
    )
    def test_what_is_wrong_is_told_at_once_and_changes_nothing(
        self, shop: Program, properties: dict[str, Any], words: list[str]
    ) -> None:
        with changed(shop, properties):
            done = shop.pulumi("up", "--yes", "--stack", "dev")
        said = done.stdout + done.stderr
        assert done.returncode != 0 and "Traceback" not in said and "hush-hush" not in said
        for text in words:
            assert text in said
        shop.unchanged()

    def test_what_yaml_itself_finds_is_told_too(self, shop: Program) -> None:
        with changed(shop, {"replica": 3}):
            done = shop.pulumi("up", "--yes", "--stack", "dev")
        assert done.returncode != 0 and "replica" in done.stdout + done.stderr

    def test_destroy_leaves_nothing(self, shop: Program) -> None:
        shop.done("destroy", "--yes", "--stack", "dev")
        assert not shop.resources()
        assert not (shop.folder / ".ha-backend").exists()
        assert not processes.of_cluster(shop.folder / ".ha-backend")


class changed:  # noqa: N801 (a context, used like a function)
    """The program with other properties of its backend, and as it was afterwards."""

    def __init__(self, shop: Program, properties: dict[str, Any]) -> None:
        self._file, self._properties = shop.folder / "Pulumi.yaml", properties

    def __enter__(self) -> None:
        self._before = self._file.read_text()
        program = yaml.safe_load(self._before)
        program["resources"]["web"]["properties"] |= self._properties
        self._file.write_text(yaml.safe_dump(program))

    def __exit__(self, *_: object) -> None:
        self._file.write_text(self._before)
