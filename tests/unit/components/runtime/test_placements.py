"""Check the program on several clusters: names, order, look-ups and messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
import yaml

from components import FoundCluster, HighlyAvailableBackend, folders
from components.availability import UNKNOWN
from components.preflight import ClusterAccess, KnownCluster, PreflightError, Problem
from components.runtime import placements
from ops.cli.report import across_lines
from ops.render.__main__ import as_yaml
from ops.render.evaluate import evaluate
from ops.review.context import ReviewContext
from ops.review.effect import Effect
from ops.review.judge import judge, worst
from ops.review.preview import read
from ops.review.promise import rows
from policy.resource import Resource
from policy.stack import Stack
from tests.support.fake_engine import IMAGE
from tests.support.policy_stack import BY_NAME, good
from tests.unit.components.settings.test_placements import EAST, WEST, loaded

PROJECT = Path(__file__).parent.parent.parent.parent.parent
FOLDER = Path("/checkout")


def stack_file(folder: Path, **more: Any) -> Path:
    west = {"name": "west", "cluster": {"kind": "local"}, "backend": {"replicas": 4}}
    said = {
        "placements": [{**EAST, "adoptedFromCluster": True}, west],
        "balancer": {"healthCheckSeconds": 5},
        "backend": {"image": IMAGE, "autoscaling": {"cpuPercent": 40}},
        **more,
    }
    file = folder / "Pulumi.two.yaml"
    file.write_text(yaml.safe_dump({"config": {f"ha-backend:{key}": value for key, value in said.items()}}))
    return file


def access(server: str) -> str:
    return yaml.safe_dump({"clusters": [{"cluster": {"server": server}}]})


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Set the result of each placement's look-up, by name: an address, or an error."""
    found: dict[str, Any] = {}

    def look_up(key: str, *_: Any, **__: Any) -> FoundCluster:
        name = key.split(".")[1]
        if isinstance(answer := found.get(name, f"https://{name}"), PreflightError):
            raise answer
        return FoundCluster(KnownCluster(ClusterAccess(access(answer), None, name)), UNKNOWN)

    monkeypatch.setattr(placements, "look_up", look_up)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    yield found


@pytest.mark.usefixtures("there")
def test_the_cluster_that_was_there_keeps_its_names_and_its_folder() -> None:
    east, west = placements.places(loaded(({**EAST, "adoptedFromCluster": True}, WEST)), FOLDER)
    assert (east.cluster_name, east.backend_name) == ("cluster", "backend-service")
    assert (west.cluster_name, west.backend_name) == ("west-cluster", "west-backend-service")
    assert east.found.folder == str(folders.cluster(FOLDER, "dev"))
    assert west.found.folder == str(FOLDER / ".ha-backend" / "clusters" / "dev+west")
    aliases: list[Any] = list(east.renamed("cluster").aliases or ())
    assert [alias.name for alias in aliases] == ["east-cluster"]
    assert not west.renamed("cluster").aliases


def test_the_problems_of_all_clusters_are_reported_together(there: dict[str, Any]) -> None:
    there |= {
        name: PreflightError(Problem("cluster", text)) for name, text in (("east", "is down"), ("west", "is old"))
    }
    with pytest.raises(PreflightError) as caught:
        placements.places(loaded(), FOLDER)
    assert str(caught.value) == "east: cluster: is down\nwest: cluster: is old"


def test_two_placements_on_one_cluster_are_rejected(there: dict[str, Any]) -> None:
    there |= {"east": "https://one", "west": "https://one"}
    with pytest.raises(
        PreflightError,
        match=r"placements\.west\.cluster: has the same API server as east, https://one: name another cluster",
    ):
        placements.places(loaded(), FOLDER)


def verified(value: bool, *, known: bool = True) -> Any:
    """Return a backend with this verification."""

    async def soon(answer: bool) -> bool:
        return answer

    return SimpleNamespace(
        verified=pulumi.Output(set(), asyncio.ensure_future(soon(value)), asyncio.ensure_future(soon(known)))
    )


def waited(before: Any) -> Any:
    async def wait() -> Any:
        there = [before()]
        found: Any = placements.after(there).depends_on
        there.append("the one that waits, as the program adds it")
        return await found.future()

    return asyncio.run(wait())


@pytest.mark.parametrize("value", [True, False])
def test_the_next_cluster_waits_for_the_verification_of_the_one_before(value: bool) -> None:
    assert waited(lambda: verified(value)) == []


def test_an_unknown_verification_stops_the_release() -> None:
    with pytest.raises(pulumi.RunError, match="The release stops here"):
        waited(lambda: verified(True, known=False))


def test_the_first_cluster_waits_for_nothing() -> None:
    none: list[HighlyAvailableBackend] = []
    assert placements.after(none).depends_on is None


def test_a_rendering_has_each_cluster_by_itself(tmp_path: Path) -> None:
    rendered = evaluate(PROJECT, "two", stack_file(tmp_path))
    assert list(rendered.places) == ["east", "west"]
    numbers = {
        name: next(m["spec"]["replicas"] for m in place.manifests if m["kind"] == "Deployment")
        for name, place in rendered.places.items()
    }
    assert numbers == {"east": 3, "west": 4}
    text = as_yaml(rendered)
    assert [line for line in text.splitlines() if line.startswith("# Placement")] == [
        "# Placement east:",
        "# Placement west:",
    ]
    assert len([one for one in yaml.safe_load_all(text) if one]) == len(rendered.manifests)


def test_a_placement_alone_is_rendered_as_a_stack_of_its_own_would_be(tmp_path: Path) -> None:
    placed = evaluate(PROJECT, "two", stack_file(tmp_path)).places["west"]
    alone = tmp_path / "Pulumi.one.yaml"
    alone.write_text(
        yaml.safe_dump(
            {
                "config": {
                    "ha-backend:cluster": {"kind": "local"},
                    "ha-backend:backend": {"image": IMAGE, "autoscaling": {"cpuPercent": 40}, "replicas": 4},
                }
            }
        )
    )
    assert placed.manifests == evaluate(PROJECT, "one", alone).manifests


def test_the_promise_over_the_clusters_is_among_what_a_change_is_judged_by() -> None:
    def state(left: int) -> dict[str, Any]:
        return {
            "inputs": {
                "promise": {"cluster": {"survived": True, "errorWindowSeconds": 10, "capacityLeftPercent": left}}
            }
        }

    urn = "urn:pulumi:dev::ha-backend::ha-backend:index:Placements::placements"
    preview = read(
        json.dumps({"steps": [{"op": "update", "urn": urn, "oldState": state(66), "newState": state(50)}]}), "it"
    )
    (row,) = rows(preview)["placements"]
    assert (row.failure, row.worse) == ("cluster", True)


def test_what_is_made_on_a_cluster_that_is_added_weakens_nothing() -> None:
    provider = "urn:pulumi:dev::p::pulumi:providers:kubernetes::west-provider"
    policy = {
        "op": "create",
        "urn": "urn:pulumi:dev::p::kubernetes:networking.k8s.io/v1:NetworkPolicy::west",
        "newState": {
            "provider": f"{provider}::id",
            "inputs": {
                "kind": "NetworkPolicy",
                "metadata": {"name": "west", "namespace": "n"},
                "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
            },
        },
    }
    made = {"op": "create", "urn": provider, "newState": {"inputs": {}}}
    assert worst(judge(read(json.dumps({"steps": [made, policy]}), "it"))) is Effect.NONE
    assert worst(judge(read(json.dumps({"steps": [policy]}), "it"))) is Effect.WEAKER, "there, nobody knows what runs"


def test_what_is_on_another_cluster_is_not_near() -> None:
    def step(cluster: str) -> dict[str, Any]:
        return {
            "op": "same",
            "urn": f"urn:pulumi:dev::p::kubernetes:apps/v1:Deployment::{cluster}",
            "oldState": {
                "provider": f"urn:pulumi:dev::p::pulumi:providers:kubernetes::{cluster}::id",
                "inputs": {"metadata": {"name": cluster, "namespace": "n"}},
            },
        }

    steps = read(json.dumps({"steps": [step("east"), step("west")]}), "it").steps
    around = ReviewContext(steps, cluster=steps[1].provider)
    assert [one.before["metadata"]["name"] for one in around.running({"metadata": {"namespace": "n"}})] == ["west"]


def test_the_end_of_make_up_says_what_the_balancer_is_to_do() -> None:
    promise = {
        "cluster": {
            "errorWindowSeconds": 10.0,
            "capacityLeftPercent": 50.0,
            "why": "the other serves on",
            "errorWindowSources": ["10 s a", "0 s b"],
        }
    }
    lines = across_lines(
        promise, {"east": {"weight": 50.0, "healthPath": "/readyz"}, "west": {"weight": 50.0, "healthPath": "/readyz"}}
    )
    assert "requests fail for 10 s, 50 % of the capacity left" in lines[0]
    assert lines[2].endswith("requests spread east 50 %, west 50 %, and health checks of each cluster at /readyz")


def test_the_policy_pack_judges_each_cluster_by_itself() -> None:
    def judged(rule: str, *resources: Resource) -> list[str]:
        return [message for one in resources for message in BY_NAME[rule].judge(one, {}, Stack(resources))]

    def on(cluster: str, *kinds: str) -> list[Resource]:
        return [replace(one, cluster=cluster) for one in good().resources() if not kinds or one.kind in kinds]

    assert judged("budget-one-each", *on("east"), *on("west")) == []
    assert judged("budget-present", *on("east"), *on("west")) == []
    (missing,) = judged("budget-present", *on("east", "PodDisruptionBudget"), *on("west", "Deployment"))
    assert "no disruption budget in this stack" in missing
