"""`make adopt`: what the engine is told to import, and when nothing is imported at all. The engine here only writes down."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from components.inspection.namespace_contents import Found
from components.preflight import Outputs, Unreadable, Way
from components.settings import ExistingCluster, LocalCluster, Settings
from ops.cli import adopt as room
from ops.cli.adopt import AdoptError, adopt
from tests.support.fake_engine import backend
from tests.unit.components.inspection.test_adoption import LABELS, found

PREFIX = "urn:pulumi:prod::ha-backend::ha-backend:index:HighlyAvailableBackend$"
# As `pulumi preview --import-file` writes it.
LISTED = {
    "resources": [
        {"type": "ha-backend:index:Cluster", "name": "cluster", "component": True},
        {
            "type": "pulumi:providers:kubernetes",
            "name": "cluster-provider",
            "parent": "cluster",
            "inputs": {"kubeconfig": "encrypted", "upsertExistingObjects": "true"},
        },
        {"type": "pulumi:providers:random", "name": "default"},
        {"type": "ha-backend:index:HighlyAvailableBackend", "name": "shop", "component": True},
        *(
            {
                "type": f"kubernetes:{kind}",
                "name": f"shop-{name}",
                "id": "<PLACEHOLDER>",
                "parent": "shop",
                "provider": "cluster-provider",
            }
            for kind, name in (
                ("core/v1:Namespace", "namespace"),
                ("core/v1:NamespacePatch", "restriction"),
                ("core/v1:ConfigMap", "environment"),
                ("apps/v1:Deployment", "deployment"),
                ("core/v1:Service", "service"),
                ("policy/v1:PodDisruptionBudget", "disruption-budget"),
            )
        ),
    ]
}


COMPONENTS = [
    {"op": "create", "urn": "urn:pulumi:prod::ha-backend::ha-backend:index:Cluster::cluster"},
    {"op": "create", "urn": f"{PREFIX.removesuffix('$')}::shop"},
]


def step(kind: str, name: str, **metadata: Any) -> dict[str, Any]:
    return {
        "op": "create",
        "urn": f"{PREFIX}kubernetes:{kind}::shop-{name}",
        "newState": {
            "inputs": {"kind": kind.rpartition(":")[2].removesuffix("Patch"), "metadata": {"name": "shop", **metadata}}
        },
    }


STEPS = [
    *COMPONENTS,
    step("core/v1:Namespace", "namespace"),
    step("core/v1:NamespacePatch", "restriction"),
    step("core/v1:ConfigMap", "environment", annotations={"pulumi.com/autonamed": "true"}),
    step("apps/v1:Deployment", "deployment"),
    step("core/v1:Service", "service"),
    step("policy/v1:PodDisruptionBudget", "disruption-budget"),
]


class Recording:
    """As the Runner is used."""

    version = "3.260.0"

    def __init__(self, kept: list[str] | None = None, fails: str = "") -> None:
        self.kept, self.fails, self.asked, self.imported = kept, fails, [], {}
        self.asked: list[tuple[str, ...]]
        self.imported: dict[str, Any]

    def outputs_of(self, stack: str) -> Outputs:
        raise Unreadable(stack)

    def exists(self) -> bool:
        return self.kept is not None

    def stored(self) -> dict[str, Any]:
        return {"resources": [{"type": kind} for kind in self.kept or ()]}

    def select(self) -> None:
        self.asked.append(("select",))

    def quietly(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        self.asked.append((*words[:1], *environment))
        if words[0] == "preview":
            Path(words[words.index("--import-file") + 1]).write_text(json.dumps(LISTED))
        if words[0] == "import":
            told = json.loads(Path(words[words.index("--file") + 1]).read_text())
            self.imported = {
                "nameTable": told["nameTable"],
                "resources": [*self.imported.get("resources", ()), *told["resources"]],
            }
            assert "--protect=false" in words
        said = {
            "steps": STEPS,
            "diagnostics": [
                {"severity": "warning", "message": "never mind"},
                {"severity": "error", "message": "spec.x: two of a kind"},
            ],
        }
        return subprocess.CompletedProcess(
            words, int(words[0] == self.fails), json.dumps(said) if words[0] == "preview" else "two of a kind", ""
        )


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """What is found on the cluster; a test may put something else there."""
    there = [found()]
    way = Way("", "c", "one", (), "context 'c'", "", "")
    monkeypatch.setattr(
        room,
        "preflight",
        type("Preflight", (), {"answers": staticmethod(lambda *_: None), "way": staticmethod(lambda *_: way)}),
    )
    monkeypatch.setattr(room, "Client", lambda *_: None)
    monkeypatch.setattr(room, "look", lambda *_: there[0])
    return there


def settings(**more: Any) -> Settings:
    cluster = ExistingCluster.model_validate({"kind": "existing", "kubeconfig": "k", "context": "c"})
    return Settings(cluster=cluster, backend=backend(**{"name": "shop", "selector": LABELS, **more}))


def run(runner: Recording, given: Settings, told: list[str] | None = None) -> int:
    return adopt(runner, "prod", given, (told if told is not None else []).append)  # type: ignore[arg-type]


def entries(runner: Recording) -> Mapping[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in runner.imported["resources"]}


def test_what_is_there_is_imported_and_nothing_else(running: list[Found]) -> None:
    runner, told = Recording(), []
    assert run(runner, settings(), told) == 0
    assert set(entries(runner)) == {
        "cluster",
        "cluster-provider",
        "shop",
        "shop-namespace",
        "shop-deployment",
        "shop-service",
    }
    # Components first: a provider that is made before the component it belongs to leaves a state that the engine refuses.
    assert runner.asked == [("select",), ("preview", "HA_BACKEND_RESUMING"), ("import",), ("import",), ("refresh",)]
    assert runner.imported["nameTable"] == {"cluster": COMPONENTS[0]["urn"], "shop": COMPONENTS[1]["urn"]}
    assert "Namespace shop\n  Deployment shop\n  Service shop\nNothing on the cluster was changed." in told[-1]


def test_objects_are_imported_by_where_they_are_as_people_have_set_them(running: list[Found]) -> None:
    run(runner := Recording(), settings())
    service = entries(runner)["shop-service"]
    assert (service["id"], service["parent"], service["provider"]) == ("shop/shop", "shop", "cluster-provider")
    assert entries(runner)["shop-namespace"]["id"] == "shop"
    assert "clusterIP" not in service["inputs"].get("spec", {}) and service["outputs"] == service["inputs"]


def test_the_provider_stays_strict_about_what_exists(running: list[Found]) -> None:
    run(runner := Recording(), settings())
    assert entries(runner)["cluster-provider"]["inputs"] == {
        "kubeconfig": "encrypted",
        "upsertExistingObjects": "false",
    }


def test_everything_in_the_way_is_told_at_once_and_the_engine_is_asked_for_nothing(running: list[Found]) -> None:
    runner = Recording(kept=["kubernetes:apps/v1:Deployment"])
    runner.version = "3.254.1"
    with pytest.raises(AdoptError) as refused:
        run(runner, settings(selector={}, servicePort=81))
    assert [
        word in str(refused.value)
        for word in (
            "selector: left out",
            "servicePort: 81",
            "has a Deployment already",
            "3.255.0 or later",
            "Nothing was changed.",
        )
    ] == [True] * 5
    assert runner.asked == []


def test_a_stack_with_a_cluster_of_its_own_has_nothing_to_take_over(running: list[Found]) -> None:
    own = Settings(cluster=LocalCluster(kind="local"), backend=backend())
    with pytest.raises(AdoptError, match="makes a cluster of its own"):
        run(Recording(), own)


@pytest.mark.parametrize("command", ["preview", "import", "refresh"])
def test_what_the_engine_says_is_told_where_it_fails(running: list[Found], command: str) -> None:
    says = rf"pulumi {command} failed, and nothing on the cluster was changed:\n.*two of a kind$"
    with pytest.raises(AdoptError, match=says):
        run(Recording(fails=command), settings())


def test_a_take_over_that_was_interrupted_is_gone_on_with(
    running: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"nameTable": {"shop": f"{PREFIX.removesuffix('$')}::shop", "cluster-provider": "urn"}}
    left = [entry for entry in LISTED["resources"] if entry["type"].startswith("kubernetes:")]
    monkeypatch.setitem(globals(), "LISTED", {**there, "resources": left})
    run(runner := Recording(kept=["ha-backend:index:HighlyAvailableBackend"]), settings())
    assert runner.imported["nameTable"] == there["nameTable"]
    assert [words[0] for words in runner.asked].count("import") == 1
