"""The examples: deployed, previewed without a change, destroyed. The platform example owns the cluster of all.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi import automation as auto

from components.devcluster import processes
from components.inspection.client import Client
from lab.testbed import checkout
from tests.engine.conftest import stored_resources

PROJECT = Path(__file__).parent.parent.parent
PLATFORM = "organization/platform/dev"


class Examples:
    """A copy of the checkout with its examples, whose stacks share one state."""

    def __init__(self, folder: Path) -> None:
        self.folder = checkout.copy(PROJECT, folder)
        shutil.copytree(
            PROJECT / "examples", folder / "examples", ignore=shutil.ignore_patterns(".ha-backend", "__pycache__")
        )
        (folder / "state").mkdir()
        self.environment = {
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "only in this test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PYTHONPATH": str(folder),
        }

    def stack(self, example: str, name: str = "dev", **config: object) -> auto.Stack:
        """Return the stack of an example. ``config`` replaces values in its stack file."""
        folder = self.folder / "examples" / example
        if config:
            file = folder / f"Pulumi.{name}.yaml"
            content = yaml.safe_load(file.read_text())
            content["config"] |= {f"{example}:{key}": value for key, value in config.items()}
            file.write_text(yaml.safe_dump(content))  # keeps its salt
        options = auto.LocalWorkspaceOptions(env_vars=self.environment, secrets_provider="passphrase")
        return auto.create_or_select_stack(name, work_dir=str(folder), opts=options)

    def stored(self, project: str, stack: str) -> str:
        """Return the state as it is stored on disk."""
        return (self.folder / "state" / ".pulumi" / "stacks" / project / f"{stack}.json").read_text()

    def python(self, *words: str) -> str:
        """Run a module of the copy, and return its output."""
        done = subprocess.run(
            [str(self.folder / "venv" / "bin" / "python"), "-m", *words],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:]
        return done.stdout


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examples]:
    """The examples, whose clusters are stopped at the end."""
    made = Examples(tmp_path_factory.mktemp("examples"))
    yield made
    for cluster in (made.folder / "examples").glob("*/.ha-backend/clusters/*"):
        processes.kill(cluster)


@pytest.fixture(scope="module")
def platform(examples: Examples) -> auto.Stack:
    """The stack of the platform, deployed before all others and destroyed after them."""
    return examples.stack("platform")


def api(platform: auto.Stack) -> Client:
    return Client(platform.outputs()["kubeconfig"].value)


def items(client: Client, path: str) -> list[dict[str, Any]]:
    """Return the objects that the API server lists at a path."""
    return list((client.get_if_permitted(path) or {})["items"])


def namespaces(platform: auto.Stack) -> set[str]:
    return {one["metadata"]["name"] for one in items(api(platform), "/api/v1/namespaces")}


def rejected(stack: auto.Stack) -> str:
    """Return the output of a preview that fails."""
    with pytest.raises(auto.CommandError) as raised:
        stack.preview()
    text = str(raised.value)
    assert "Traceback" not in text, text
    assert {one["type"] for one in stored_resources(stack)} <= {"pulumi:pulumi:Stack"}
    return text


def assert_unchanged(stack: auto.Stack) -> None:
    assert set(stack.preview(expect_no_changes=True).change_summary) == {"same"}


def test_a_service_is_rejected_until_its_platform_is_deployed(examples: Examples) -> None:
    shop = examples.stack("service", "shop")
    assert f"cluster.stack: '{PLATFORM}' cannot be read (unknown stack" in rejected(shop)
    examples.stack("platform")
    assert f"'{PLATFORM}' has no outputs: it was never deployed" in rejected(shop)
    examples.stack("service", "shop", cluster={"kind": "stack-reference", "stack": "organization/service/shop"})
    assert "cannot be read (it is this very stack)" in rejected(shop)
    examples.stack("service", "shop", cluster={"kind": "stack-reference", "stack": PLATFORM})


def test_the_platform_owns_a_cluster_and_exports_how_to_reach_it(platform: auto.Stack) -> None:
    outputs = platform.up().outputs
    assert outputs["kubeconfig"].secret
    assert outputs["zones"].value == ["zone-a", "zone-b", "zone-c"] and outputs["identifier"].value
    assert_unchanged(platform)


def test_two_services_run_on_it_by_reference(examples: Examples, platform: auto.Stack) -> None:
    stacks = {name: examples.stack("service", name) for name in ("shop", "search")}
    with ThreadPoolExecutor() as teams:
        done = dict(zip(stacks, teams.map(lambda stack: stack.up(), stacks.values()), strict=True))
    assert {"shop", "search"} <= namespaces(platform)
    for name, result in done.items():
        assert result.outputs["endpoint"].value.startswith("http://")
        assert result.outputs["promise"].value["zone"]["survived"] is True
        assert_unchanged(stacks[name])
        provider = next(one for one in stored_resources(stacks[name]) if one["type"] == "pulumi:providers:kubernetes")
        assert provider["inputs"]["clusterIdentifier"] == platform.outputs()["identifier"].value


def test_the_kubeconfig_is_a_secret_in_every_state(examples: Examples, platform: auto.Stack) -> None:
    words = [word for word in platform.outputs()["kubeconfig"].value.split() if len(word) > 40]
    assert words
    for project, stack in (("platform", "dev"), ("service", "shop"), ("service", "search")):
        stored = examples.stored(project, stack)
        assert not [word for word in words if word in stored]


def test_a_wrong_reference_does_not_affect_a_running_service(examples: Examples, platform: auto.Stack) -> None:
    service = examples.stack("service", "search")
    for reference, text in (
        ("organization/platform/prod", "unknown stack"),
        ("organization/service/shop", "'kubeconfig' is missing"),
    ):
        examples.stack("service", "search", cluster={"kind": "stack-reference", "stack": reference})
        with pytest.raises(auto.CommandError, match=text):
            service.up()
    examples.stack("service", "search", cluster={"kind": "stack-reference", "stack": PLATFORM})
    assert_unchanged(service)


def test_the_root_program_runs_on_it_too(examples: Examples, platform: auto.Stack) -> None:
    """Use the commands behind make, which read the same outputs through the engine."""
    backend = yaml.safe_load((PROJECT / "Pulumi.dev.yaml").read_text())["config"]["ha-backend:backend"]
    (examples.folder / "Pulumi.team.yaml").write_text(
        yaml.safe_dump(
            {
                "config": {
                    "ha-backend:cluster": {"kind": "stack-reference", "stack": PLATFORM},
                    "ha-backend:backend": {**backend, "autoscaling": {"enabled": False}},
                }
            }
        )
    )
    assert "kind: Deployment" in examples.python("ops.render", "team")
    assert "highly available: 3 ready endpoints in 3 zones" in examples.python("ops.cli", "deploy", "team")
    assert "backend-service" in namespaces(platform)
    assert "no drift" in examples.python("ops.cli", "drift", "team")
    examples.python("ops.cli", "destroy", "team")
    assert "backend-service" not in namespaces(platform)


def test_several_backends_share_a_namespace(examples: Examples, platform: auto.Stack) -> None:
    stack = examples.stack("several-backends")
    assert set(stack.up().outputs["endpoints"].value) == {"front", "prices"}
    assert_unchanged(stack)
    client = api(platform)
    quotas = items(client, "/api/v1/namespaces/market/resourcequotas")
    assert [quota["metadata"]["name"] for quota in quotas] == ["market"]
    policies = items(client, "/apis/networking.k8s.io/v1/namespaces/market/networkpolicies")
    assert {policy["metadata"]["name"] for policy in policies} == {"market-default-deny", "front", "prices"}
    stack.destroy()
    assert "market" not in namespaces(platform)


def test_one_backend_runs_on_two_clusters_at_once(examples: Examples, platform: auto.Stack) -> None:
    stack = examples.stack("two-clusters")
    outputs = stack.up().outputs
    clusters, promise = outputs["clusters"].value, outputs["promise"].value["cluster"]
    assert {name: (one["weight"], one["healthPath"], len(one["zones"])) for name, one in clusters.items()} == {
        "east": (50, "/readyz", 3),
        "west": (50, "/readyz", 3),
    }
    assert all(one["endpoint"].startswith("http://") for one in clusters.values())
    assert (promise["survived"], promise["errorWindowSeconds"], promise["capacityLeftPercent"]) == (True, 90, 50)
    assert_unchanged(stack)
    stack.destroy()
    assert "checkout" not in namespaces(platform)


def test_destroy_leaves_nothing(examples: Examples, platform: auto.Stack) -> None:
    stacks = [examples.stack("service", name) for name in ("shop", "search")]
    with ThreadPoolExecutor() as teams:
        list(teams.map(lambda stack: stack.destroy(), stacks))
    assert not {"shop", "search"} & namespaces(platform)
    platform.destroy()
    for stack in (*stacks, platform):
        assert stored_resources(stack) == []
    for folder in (examples.folder / "examples").glob("*/.ha-backend/clusters"):
        assert list(folder.iterdir()) == []
        assert processes.of_cluster(folder) == []
