"""`make adopt`: what the engine imports, and when nothing is imported. The engine here only records."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from components import preflight
from components.inspection.access import ClusterAccess
from components.inspection.client import ForbiddenError
from components.preflight import KnownCluster, Outputs, UnreadableError
from components.settings import ExistingCluster, LocalCluster, Settings
from ops.cli import adopt as adopt_module
from ops.cli.adopt import AdoptError, adopt
from tests.support.fake_engine import backend
from tests.unit.components.inspection.test_adoption import DEPLOYMENT, LABELS, SERVICE, contents_with

PREFIX = "urn:pulumi:prod::ha-backend::ha-backend:index:HighlyAvailableBackend$"
# As `pulumi preview --import-file` writes it.
LISTED: dict[str, Any] = {
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
            "inputs": {
                "apiVersion": kind.partition(":")[0].removeprefix("core/"),
                "kind": kind.rpartition(":")[2].removesuffix("Patch"),
                "metadata": {"name": "shop", **({} if "Namespace" in kind else {"namespace": "shop"}), **metadata},
            }
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
    """Stands in for the Runner, and records the commands."""

    version = "3.260.0"

    def __init__(self, resources: list[str] | None = None, fails: str = "") -> None:
        self.resources, self.fails = resources, fails
        self.commands: list[tuple[str, ...]] = []
        self.imported: dict[str, Any] = {}

    def outputs_of(self, stack: str) -> Outputs:
        raise UnreadableError(stack)

    def exists(self) -> bool:
        return self.resources is not None

    def export(self) -> dict[str, Any]:
        return {"resources": [{"type": kind} for kind in self.resources or ()]}

    def select(self) -> None:
        self.commands.append(("select",))

    def capture(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        self.commands.append((*words[:1], *environment))
        if words[0] == "preview":
            Path(words[words.index("--import-file") + 1]).write_text(json.dumps(LISTED))
        if words[0] == "import":
            imported = json.loads(Path(words[words.index("--file") + 1]).read_text())
            self.imported = {
                "nameTable": imported["nameTable"],
                "resources": [*self.imported.get("resources", ()), *imported["resources"]],
            }
            assert "--protect=false" in words
        output = {
            "steps": STEPS,
            "diagnostics": [
                {"severity": "warning", "message": "never mind"},
                {"severity": "error", "message": "spec.x: two of a kind"},
            ],
        }
        return subprocess.CompletedProcess(
            words, int(words[0] == self.fails), json.dumps(output) if words[0] == "preview" else "two of a kind", ""
        )


class FakeCluster:
    """Answers with the kinds that the API server lists, and with the objects that exist."""

    forbidden: ClassVar[set[str]] = set()
    answers: ClassVar[dict[str, Any]] = {
        "/api/v1": {
            "resources": [
                {"name": "namespaces", "kind": "Namespace", "namespaced": False},
                {"name": "namespaces/status", "kind": "Namespace", "namespaced": False},
                {"name": "services", "kind": "Service", "namespaced": True},
            ]
        },
        "/apis/apps/v1": {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]},
        "/api/v1/namespaces/shop": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
        "/api/v1/namespaces/shop/services/shop": SERVICE,
        "/apis/apps/v1/namespaces/shop/deployments/shop": DEPLOYMENT,
    }

    def get_object(self, path: str) -> Any:
        if path in self.forbidden:
            raise ForbiddenError("may not")
        return self.answers.get(path)


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that runs on the cluster."""
    known = KnownCluster(ClusterAccess("", "c", "one"), (), "context 'c'", "", "", "")
    monkeypatch.setattr(ExistingCluster, "locate", lambda *_: known)
    monkeypatch.setattr(preflight, "answers", lambda _: None)
    monkeypatch.setattr(adopt_module, "Client", lambda *_: FakeCluster())
    monkeypatch.setattr(adopt_module, "read_namespace", lambda *_: contents_with())


def settings(**more: Any) -> Settings:
    cluster = ExistingCluster.model_validate({"kind": "existing", "kubeconfig": "k", "context": "c"})
    return Settings(cluster=cluster, backend=backend(**{"name": "shop", "selector": LABELS, **more}))


def run(runner: Recording, settings: Settings, log: list[str] | None = None) -> int:
    return adopt(runner, "prod", settings, (log if log is not None else []).append)  # type: ignore[arg-type]


def entries(runner: Recording) -> Mapping[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in runner.imported["resources"]}


def test_existing_objects_are_imported_and_nothing_else(running: None) -> None:
    runner, log = Recording(), list[str]()
    assert run(runner, settings(), log) == 0
    assert set(entries(runner)) == {
        "cluster",
        "cluster-provider",
        "shop",
        "shop-namespace",
        "shop-deployment",
        "shop-service",
    }
    # Components first: a provider created before its component leaves a state that the engine rejects.
    assert runner.commands == [("select",), ("preview", "HA_BACKEND_RESUMING"), ("import",), ("import",), ("refresh",)]
    assert runner.imported["nameTable"] == {"cluster": COMPONENTS[0]["urn"], "shop": COMPONENTS[1]["urn"]}
    assert "Namespace shop\n  Deployment shop\n  Service shop\nNothing on the cluster was changed." in log[-1]


def test_what_the_account_may_not_read_is_a_reason(running: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeCluster, "forbidden", {"/api/v1/namespaces/shop/services/shop"})
    with pytest.raises(AdoptError, match=r"Service shop: may not \[adoption-list-forbidden\]\nNothing was changed"):
        run(runner := Recording(), settings())
    assert not runner.imported


def test_what_others_use_is_a_reason(running: None, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/api/v1/namespaces/shop/services/shop"
    owned = {**SERVICE, "metadata": {**SERVICE["metadata"], "ownerReferences": [{"kind": "Gateway", "name": "edge"}]}}
    monkeypatch.setattr(FakeCluster, "answers", {**FakeCluster.answers, path: owned})
    with pytest.raises(AdoptError, match="made by Gateway edge"):
        run(Recording(), settings())


def test_objects_are_imported_with_the_fields_that_people_set(running: None) -> None:
    run(runner := Recording(), settings())
    service = entries(runner)["shop-service"]
    assert (service["id"], service["parent"], service["provider"]) == ("shop/shop", "shop", "cluster-provider")
    assert entries(runner)["shop-namespace"]["id"] == "shop"
    assert "clusterIP" not in service["inputs"].get("spec", {}) and service["outputs"] == service["inputs"]


def test_the_provider_stays_strict_about_existing_objects(running: None) -> None:
    run(runner := Recording(), settings())
    assert entries(runner)["cluster-provider"]["inputs"] == {
        "kubeconfig": "encrypted",
        "upsertExistingObjects": "false",
    }


def test_all_reasons_are_reported_together_and_no_command_runs(running: None) -> None:
    runner = Recording(resources=["kubernetes:apps/v1:Deployment"])
    runner.version = "3.254.1"
    with pytest.raises(AdoptError) as raised:
        run(runner, settings(selector={}, servicePort=81))
    assert [
        word in str(raised.value)
        for word in (
            "selector: unset",
            "servicePort: 81",
            "already has a Deployment",
            "3.255.0 or later",
            "Nothing was changed.",
        )
    ] == [True] * 5
    assert runner.commands == []


def test_a_stack_with_an_embedded_cluster_has_nothing_to_adopt(running: None) -> None:
    own = Settings(cluster=LocalCluster(kind="local"), backend=backend())
    with pytest.raises(AdoptError, match="creates its own cluster"):
        run(Recording(), own)


@pytest.mark.parametrize("command", ["preview", "import", "refresh"])
def test_the_engine_s_errors_are_quoted(running: None, command: str) -> None:
    message = rf"pulumi {command} failed, and nothing on the cluster was changed:\n.*two of a kind \[adoption-failed\]$"
    with pytest.raises(AdoptError, match=message):
        run(Recording(fails=command), settings())


def test_an_interrupted_adoption_continues(running: None, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"nameTable": {"shop": f"{PREFIX.removesuffix('$')}::shop", "cluster-provider": "urn"}}
    rest = [entry for entry in LISTED["resources"] if entry["type"].startswith("kubernetes:")]
    monkeypatch.setitem(globals(), "LISTED", {**table, "resources": rest})
    run(runner := Recording(resources=["ha-backend:index:HighlyAvailableBackend"]), settings())
    assert runner.imported["nameTable"] == table["nameTable"]
    assert [words[0] for words in runner.commands].count("import") == 1
