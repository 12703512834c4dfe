"""Check a cluster that another stack owns: what that stack must export, and the messages if it does not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from components import Cluster, preflight
from components.availability import ClusterFacts
from components.clusters import engine_outputs
from components.preflight import KnownCluster, LookUp, Outputs, PreflightError, UnreadableError
from components.settings import Settings, StackReferenceCluster
from ops.cli.live_status import serving
from ops.cli.pulumi_binary import Engine
from ops.cli.rollback import Release, rollback_target
from ops.cli.run import Runner
from ops.cli.state import State
from ops.cli.trial import Trial, TrialError
from tests.support.fake_engine import IMAGE, SECRET, SIGNATURE, Monitor, backend
from tests.support.problems import REFERENCE
from tests.support.problems import config as config_of
from tests.unit.components.preflight.test_preflight import config

STACK = "organization/platform/dev"
KUBECONFIG = {**config(), "current-context": "prod"}
OUTPUTS = {"kubeconfig": yaml.safe_dump(KUBECONFIG), "identifier": "uid-1", "zones": ["a", "b"]}
CLUSTER = StackReferenceCluster.model_validate(REFERENCE)


def located(**values: Any) -> KnownCluster:
    return CLUSTER.locate(LookUp(outputs=lambda _: Outputs(values)))


def rejected(read: Callable[[str], Outputs]) -> str:
    with pytest.raises(PreflightError) as caught:
        CLUSTER.locate(LookUp(outputs=read))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kubeconfig", [yaml.safe_dump(KUBECONFIG), KUBECONFIG, json.dumps(KUBECONFIG)])
def test_the_outputs_lead_to_the_cluster(kubeconfig: Any) -> None:
    found = located(**{**OUTPUTS, "kubeconfig": kubeconfig})
    assert (found.access.context, found.access.identifier, found.zones) == ("prod", "uid-1", ("a", "b"))
    kept = yaml.safe_load(found.access.kubeconfig)
    assert kept["current-context"] == "prod" and [user["name"] for user in kept["users"]] == ["me"]
    assert "yours" not in found.access.kubeconfig, "credentials of another context"


def test_zones_may_be_left_out() -> None:
    assert located(kubeconfig=KUBECONFIG, identifier="x").zones == ()


def test_nothing_that_is_kept_shows_the_kubeconfig() -> None:
    found = located(**OUTPUTS)
    assert "mine" in found.access.kubeconfig
    assert "mine" not in repr(found) and "mine" not in repr(Outputs(OUTPUTS))


def test_a_stack_that_is_not_there() -> None:
    def read(stack: str) -> Outputs:
        raise UnreadableError(f"unknown stack {stack!r}")

    text = rejected(read)
    assert text.startswith(
        f"ha-backend:cluster.stack: '{STACK}' cannot be read (unknown stack '{STACK}'): name the stack"
    )
    assert "pulumi stack ls --all" in text


def test_a_stack_that_was_never_deployed() -> None:
    text = rejected(lambda _: Outputs({}))
    assert f"'{STACK}' has no outputs: it was never deployed" in text
    assert f"pulumi up --stack {STACK}" in text


WITHOUT = {"kind": "Config", "contexts": [], "clusters": [], "users": []}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"kubeconfig": None}, "output 'kubeconfig' is missing: must be a kubeconfig, as a string or an object"),
    ({"kubeconfig": 5}, "output 'kubeconfig' is a number"),
    ({"kubeconfig": ""}, "output 'kubeconfig' is an empty string"),
    ({"kubeconfig": {}}, "is an empty object, as if that stack encrypts its secrets with a passphrase"),
    ({"kubeconfig": ["x"]}, "output 'kubeconfig' is a list that contains a string"),
    ({"kubeconfig": "just text"}, "output 'kubeconfig' is not a kubeconfig"),
    ({"kubeconfig": "a: ["}, "output 'kubeconfig' is not a kubeconfig"),
    ({"kubeconfig": WITHOUT}, "output 'kubeconfig' has no current-context"),
    (
        {"kubeconfig": {**WITHOUT, "current-context": "x"}},
        "is incomplete: context 'x' is not in it: use one of its contexts: it has none",
    ),
    (
        {"kubeconfig": {**KUBECONFIG, "users": []}},
        "context 'prod' in it refers to the user 'me', which is not among its users",
    ),
    ({"identifier": None}, "output 'identifier' is missing: must be a string that is not empty"),
    ({"identifier": ""}, "output 'identifier' is an empty string"),
    ({"identifier": {"id": 1}}, "output 'identifier' is an object"),
    ({"zones": "eu-1"}, "output 'zones' is a string: must be a list of strings, each the name of a zone"),
    ({"zones": ["eu-1", 2]}, "output 'zones' is a list that contains a number"),
    ({"zones": True}, "output 'zones' is true or false"),
]


@pytest.mark.parametrize(("values", "text"), WRONG, ids=[text[:50] for _, text in WRONG])
def test_an_output_that_is_missing_or_something_else(values: dict[str, Any], text: str) -> None:
    given = {key: value for key, value in {**OUTPUTS, **values}.items() if value is not None}
    message = rejected(lambda _: Outputs(given))
    assert text in message
    assert message.startswith(f"ha-backend:cluster.stack: '{STACK}' lacks what a stack on its cluster needs: ")
    assert f"Its outputs are {', '.join(sorted(given))} (pulumi stack output --stack {STACK})" in message
    assert "mine" not in message, "a credential is shown"


def test_all_of_them_at_once() -> None:
    message = rejected(lambda _: Outputs({"zones": 3, "endpoint": "http://x"}))
    assert [f"output '{name}'" in message for name in ("kubeconfig", "identifier", "zones")] == [True] * 3


def test_an_api_server_that_does_not_answer_names_the_stack() -> None:
    found = located(
        **{
            **OUTPUTS,
            "kubeconfig": {**KUBECONFIG, "clusters": [{"name": "one", "cluster": {"server": "https://127.0.0.1:9"}}]},
        }
    )
    with pytest.raises(PreflightError, match=rf"API server of stack '{STACK}', .* start it or deploy that stack again"):
        preflight.answers(found)


class Engines:
    """Stands in for the engine's side of a program: what is asked, and the answer or an error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
        self.asked: list[Any] = []
        self.warned: list[str] = []

        def invoke(token: str, args: Any) -> Any:
            self.asked.append((token, args))
            if isinstance(answer, Exception):
                raise answer
            return type("Result", (), {"value": answer})

        monkeypatch.setattr(pulumi.runtime, "invoke", invoke)
        monkeypatch.setattr(pulumi.log, "warn", self.warned.append)
        for name, said in (("organization", "organization"), ("project", "ha-backend"), ("stack", "test")):
            monkeypatch.setattr(pulumi, f"get_{name}", lambda said=said: said)


def test_a_program_reads_the_outputs_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engines(monkeypatch, {"outputs": OUTPUTS, "secretOutputNames": ["kubeconfig"]})
    assert engine_outputs.outputs(STACK).values == OUTPUTS
    assert engine.asked == [("pulumi:pulumi:readStackOutputs", {"name": STACK})]
    assert engine.warned == []


def test_a_kubeconfig_that_is_no_secret_over_there_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engines(monkeypatch, {"outputs": OUTPUTS, "secretOutputNames": []})
    engine_outputs.outputs(STACK)
    (warning,) = engine.warned
    assert STACK in warning and "in plain text" in warning and "mine" not in warning


def test_what_the_engine_says_is_told_without_its_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "invoke of pulumi:pulumi:readStackOutputs failed: invocation of pulumi:pulumi:readStackOutputs returned an "
        "error: "
        f'unknown stack "{STACK}" ()'
    )
    Engines(monkeypatch, Exception(said))
    with pytest.raises(UnreadableError, match=rf'^unknown stack "{STACK}"$'):
        engine_outputs.outputs(STACK)


def test_a_stack_cannot_be_on_the_cluster_of_its_own_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engines(monkeypatch, {})
    with pytest.raises(UnreadableError, match="it is this very stack"):
        engine_outputs.outputs("organization/ha-backend/test")
    assert engine.asked == []


def on_it(monitor: Monitor, monkeypatch: pytest.MonkeyPatch, facts: ClusterFacts) -> list[Cluster]:
    """A program on the cluster of another stack, which answers."""
    Engines(monkeypatch, {"outputs": OUTPUTS, "secretOutputNames": ["kubeconfig"]})
    monkeypatch.setattr(preflight, "inspected", lambda *_: facts)
    made: list[Cluster] = []
    monitor.run(lambda: made.append(Cluster("cluster", REFERENCE)))
    return made


def test_the_cluster_is_used_and_its_kubeconfig_stays_a_secret(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = on_it(monitor, monkeypatch, ClusterFacts(("a", "b", "c"), 3))
    provider = monitor.inputs("providers:kubernetes")
    assert provider["kubeconfig"] == {SIGNATURE: SECRET, "value": located(**OUTPUTS).access.kubeconfig}
    assert (provider["clusterIdentifier"], provider["context"]) == ("uid-1", "prod")
    for key in ("upsertExistingObjects", "deleteUnreachable"):
        assert provider.get(key) in (None, "false"), "others live there"
    assert made.facts.zones == ("a", "b", "c")
    assert not any("mine" in str(request.object) for request in monitor.requests if "providers:" not in request.type)
    assert monitor.inputs("index:Cluster") == REFERENCE


def test_nothing_is_registered_where_it_cannot_be_used(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    Engines(monkeypatch, {"outputs": {"zones": []}, "secretOutputNames": []})
    with pytest.raises(pulumi.RunError, match=r"^cluster\.stack: .* output 'kubeconfig' is missing"):
        monitor.run(lambda: Cluster("cluster", REFERENCE))
    assert monitor.requests == []


def test_a_cluster_of_wrong_settings_is_told_by_its_name_without_frames(monitor: Monitor) -> None:
    with pytest.raises(pulumi.RunError, match=r"east\.stack: 'dev' is invalid: must be a stack's full name"):
        monitor.run(lambda: Cluster("east", {"kind": "stack-reference", "stack": "dev"}))
    assert monitor.requests == []


def runner(tmp_path: Path, code: int, out: str, err: str) -> tuple[Runner, list[Any]]:
    asked: list[Any] = []

    class Quiet(Runner):
        def _call(self, *words: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
            asked.append((words, quiet))
            return subprocess.CompletedProcess(words, code, out, err)

    return Quiet(Engine("pulumi", "3.260.0"), State(tmp_path, "dev", True, {}), print), asked


def test_the_commands_read_them_through_the_engine_and_show_nothing(tmp_path: Path) -> None:
    made, asked = runner(tmp_path, 0, json.dumps(OUTPUTS), "")
    assert made.outputs_of(STACK).values == OUTPUTS
    assert asked == [(("stack", "output", "--json", "--show-secrets", "--stack", STACK), True)]


def test_what_serves_is_asked_on_that_cluster_or_told_to_be_unknown(tmp_path: Path) -> None:
    made, _ = runner(tmp_path, 255, "", f"error: no stack named '{STACK}' found\n")
    settings = Settings(cluster=CLUSTER, backend=backend())
    assert serving(settings, lambda _: tmp_path, made.outputs_of).startswith(
        f"Which pods serve is unknown: ha-backend:cluster.stack: '{STACK}' cannot be read (no stack named '{STACK}' "
        "found)"
    )


@pytest.mark.parametrize(("stack", "goes"), [(STACK, True), ("organization/platform/prod", False)])
def test_there_is_a_way_back_only_on_the_cluster_of_the_same_stack(stack: str, goes: bool) -> None:
    told = config_of({"image": IMAGE}, {"kind": "stack-reference", "stack": stack})
    update = {"result": "succeeded", "kind": "update", "config": {key: {"value": value} for key, value in told.items()}}
    found = rollback_target([update], Settings(cluster=CLUSTER, backend=backend()))
    assert isinstance(found, Release) if goes else "the cluster's settings differ" in str(found)


def test_without_an_engine_nobody_can_read_them(tmp_path: Path) -> None:
    with pytest.raises(TrialError, match=r"[Ii]nstall [Pp]ulumi"):
        Trial(tmp_path, "team", Settings(cluster=CLUSTER, backend=backend()), print)
