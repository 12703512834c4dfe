"""The provider on the real engine: its schema, and the example in YAML, from the first preview to the end.

The tests of the example depend on one another and run in order.
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
from tests.engine.user_program import Program, example, missing


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The example in YAML."""
    program = example("yaml", tmp_path_factory.mktemp("shop"))
    yield program
    for folder in (program.folder / ".ha-backend" / "clusters").glob("*/*"):
        EmbeddedCluster(folder, []).delete()


@pytest.fixture
def yaml_runtime() -> None:
    """Skip a test without the YAML language host."""
    if why := missing("pulumi-language-yaml"):
        pytest.skip(f"{why}: that a program in YAML works is not tested by this run")


def undocumented(document: Any) -> Iterator[str]:
    """Yield every property, component and type without a description."""
    for name, spec in {**document.get("resources", {}), **document.get("types", {})}.items():
        parts = {**spec.get("inputProperties", {}), **spec.get("properties", {})}
        yield from (f"{name} {part}" for part, inner in parts.items() if not inner.get("description"))
        if not spec.get("description"):
            yield name


def test_the_engine_gets_a_schema_without_an_undocumented_property(shop: Program) -> None:
    """The engine creates the plugin's virtualenv, as for any user."""
    plugin = Program(shop.folder.parent.parent / "plugin", shop.folder.parent / "unused")
    document = json.loads(plugin.output("package", "get-schema", "."))
    assert not list(undocumented(document))
    assert document["version"] == schema()["version"]
    for kind in ("resources", "types"):
        assert set(document[kind]) == set(schema()[kind])


@pytest.mark.parametrize("language", ["python", "nodejs", "go"])
def test_an_sdk_can_be_generated(shop: Program, tmp_path: Path, language: str) -> None:
    if why := missing(f"pulumi-language-{language}"):
        pytest.skip(f"{why}: that an SDK can be generated is not tested by this run")
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(schema()))
    shop.output("package", "gen-sdk", str(file), "--language", language, "--out", str(tmp_path / "sdk"))
    text = "".join(
        found.read_text() for found in (tmp_path / "sdk").rglob("*") if found.suffix in (".py", ".ts", ".go")
    )
    assert "HighlyAvailableBackend" in text and "lower limit" in text
    if language == "go":  # its imports of itself must exist
        own = set(re.findall(r'"example\.com/pulumi-ha-backend/([^"]+)"', text))
        assert own and all((tmp_path / path).is_dir() for path in own), own


@pytest.mark.usefixtures("yaml_runtime")
class TestYaml:
    """The life of the example."""

    def test_the_first_preview_shows_everything_before_the_cluster_exists(self, shop: Program) -> None:
        shop.output("stack", "init", "dev")
        plan = json.loads(shop.output("preview", "--stack", "dev", "--json"))
        created = [step["urn"].split("::")[2].rpartition("$")[2] for step in plan["steps"] if step["op"] == "create"]
        assert {
            "ha-backend:local:EmbeddedCluster",
            "kubernetes:apps/v1:Deployment",
            "pulumi:providers:kubernetes",
        } <= set(created)
        assert not (shop.folder / ".ha-backend").exists()

    def test_up_ends_when_the_promise_is_verified(self, shop: Program) -> None:
        shop.up()
        outputs = shop.outputs()
        assert outputs["verified"] is True and outputs["zone"]["survived"] is True
        assert outputs["endpoint"].startswith("http://")

    def test_no_secret_is_in_the_state(self, shop: Program) -> None:
        (access,) = (shop.folder / ".ha-backend" / "clusters" / "dev").glob("*/kubeconfig")
        stored = shop.stored_state()
        assert "ha-backend:local:EmbeddedCluster" in stored
        for line in access.read_text().split():
            assert len(line) < 40 or line not in stored

    def test_a_second_preview_shows_no_change(self, shop: Program) -> None:
        shop.assert_unchanged()

    @pytest.mark.parametrize(
        ("properties", "words"),
        [
            (
                {"replicas": 1, "port": 0},
                ["web.replicas: 1 leaves no pod", "web.port: 0 is invalid: must be an integer"],
            ),
            (
                {"environment": {"A": {"fn::secret": "hush-hush"}}},
                ["web.environment.A: is secret, and settings are plain"],
            ),
        ],
    )
    def test_all_problems_are_reported_together_and_nothing_changes(
        self, shop: Program, properties: dict[str, Any], words: list[str]
    ) -> None:
        with changed(shop, properties):
            done = shop.pulumi("up", "--yes", "--stack", "dev")
        output = done.stdout + done.stderr
        assert done.returncode != 0 and "Traceback" not in output and "hush-hush" not in output
        for text in words:
            assert text in output
        shop.assert_unchanged()

    def test_errors_of_the_yaml_runtime_are_reported_too(self, shop: Program) -> None:
        with changed(shop, {"replica": 3}):
            done = shop.pulumi("up", "--yes", "--stack", "dev")
        assert done.returncode != 0 and "replica" in done.stdout + done.stderr

    def test_destroy_leaves_nothing(self, shop: Program) -> None:
        shop.output("destroy", "--yes", "--stack", "dev")
        assert not shop.resources()
        assert not (shop.folder / ".ha-backend").exists()
        assert not processes.of_cluster(shop.folder / ".ha-backend")


class changed:  # noqa: N801 (a context, used like a function)
    """Change properties of the program's backend, and restore the program afterwards."""

    def __init__(self, shop: Program, properties: dict[str, Any]) -> None:
        self._file, self._properties = shop.folder / "Pulumi.yaml", properties

    def __enter__(self) -> None:
        self._before = self._file.read_text()
        program = yaml.safe_load(self._before)
        program["resources"]["web"]["properties"] |= self._properties
        self._file.write_text(yaml.safe_dump(program))

    def __exit__(self, *_: object) -> None:
        self._file.write_text(self._before)
