"""`make deploy`: what it refuses, what it holds the engine to, when it goes back, and with which exit code it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.runtime import folders, stack_file
from ops.cli import deploy as deploying
from ops.cli import state
from ops.cli.deploy import Deploy
from ops.cli.preview_plan import DeployError
from ops.cli.pulumi_binary import Engine
from ops.cli.run import Runner
from ops.review.preview import UNKNOWN
from tests.support.fake_pulumi import Pretended
from tests.unit.ops.review.test_effects import BACKEND, BEFORE, DEPLOYMENT, changed, step

PROJECT = Path(__file__).parent.parent.parent.parent.parent
GOOD, BAD = "shop/web:1", "shop/web:2"
PROVIDER = {"op": "create", "urn": "urn:pulumi:prod::shop::pulumi:providers:kubernetes::p"}


def configured(image: str, **cluster: Any) -> dict[str, Any]:
    return {"ha-backend:cluster": {"kind": "local", **cluster}, "ha-backend:backend": {"image": image}}


def update(image: str, result: str = "succeeded", kind: str = "update", **cluster: Any) -> dict[str, Any]:
    """An entry of the engine's history."""
    config = {key: {"value": json.dumps(value), "secret": False} for key, value in configured(image, **cluster).items()}
    return {
        "kind": kind,
        "result": result,
        "config": config,
        "startTime": "2026-01-02T03:04:05.000Z",
        "environment": {"git.head": "0123456789abcdef"},
    }


def preview(path: str = f"{BACKEND}image", value: Any = BAD, *more: dict[str, Any]) -> str:
    return json.dumps(
        {"steps": [step(DEPLOYMENT, "update", BEFORE[DEPLOYMENT], changed(DEPLOYMENT, path, value)), *more]}
    )


class Stack:
    """A stack whose file says BAD, of which GOOD was the last good release."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.engine = folder, Pretended(folder)
        self.logged: list[str] = []

    def write(self, image: str, **more: Any) -> None:
        (self.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": {**configured(image), **more}}))

    def deploy(self, *words: str) -> int:
        chosen = state.choose(self.folder, "dev")
        runner = Runner(Engine(str(self.engine.path), "3.260.0"), chosen, self.logged.append)
        chosen.refresh_copy()
        return Deploy(runner, chosen, stack_file.settings(self.folder, "dev"), list(words), self.logged.append).run()

    @property
    def said(self) -> str:
        return "\n".join(self.logged)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stack:
    for name in list(os.environ):
        if name.startswith("PULUMI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    made = Stack(tmp_path)
    made.write(BAD)
    made.engine.tells(history=[update(GOOD)], preview=preview())
    return made


def test_exactly_the_preview_that_was_reviewed_is_carried_out(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.engine.tells(ups=[{"code": 0}])
    assert stack.deploy() == 0
    [previewed], [up] = stack.engine.calls("preview"), stack.engine.calls("up")
    plan = previewed[previewed.index("--save-plan") + 1]
    assert up[up.index("--plan") + 1] == plan and "--skip-preview" in up and "--yes" in up
    assert "rolling restart" in capsys.readouterr().out


def test_the_plan_is_private_and_gone_afterwards(stack: Stack) -> None:
    stack.engine.tells(ups=[{"code": 0}])
    stack.deploy()
    [previewed] = stack.engine.calls("preview")
    plan = Path(previewed[previewed.index("--save-plan") + 1])
    assert plan.is_relative_to(folders.own(stack.folder)) and "--show-secrets" not in previewed
    assert stack.engine.told["modes"] == ["600", "700"] and not plan.parent.exists()


@pytest.mark.parametrize(
    ("path", "value", "words", "code"),
    [
        ("spec.replicas", 0, (), 14),
        ("spec.replicas", 0, ("--accept", "outage"), 0),
        ("spec.replicas", 2, (), 0),
        ("spec.replicas", 2, ("--accept", "restart"), 12),
        (f"{BACKEND}image", BAD, ("--accept", "none"), 11),
        (f"{BACKEND}readinessProbe", None, ("--accept", "lower"), 13),
    ],
)
def test_an_effect_that_is_worse_than_accepted_is_refused(
    stack: Stack, path: str, value: Any, words: tuple[str, ...], code: int
) -> None:
    stack.engine.tells(preview=preview(path, value), ups=[{"code": 0}])
    assert stack.deploy(*words) == code
    assert bool(stack.engine.calls("up")) is (code == 0)
    assert ("Refused, and nothing was changed" in stack.said) is (code != 0)


def test_a_refusal_says_how_to_deploy_it_all_the_same(stack: Stack) -> None:
    stack.engine.tells(preview=preview("spec.replicas", 0))
    assert stack.deploy("--refresh") == 14
    assert 'make deploy STACK=dev ARGS="--refresh --accept outage"' in stack.said


def test_a_release_that_fails_is_taken_back_by_the_engine(stack: Stack) -> None:
    stack.write(BAD, **{"other:key": {"secure": "abc"}, "ha-backend:protect": False})
    stack.engine.tells(ups=[{"code": 255}, {"code": 0}])
    assert stack.deploy() == deploying.RETURNED == 20
    restored = yaml.safe_load(stack.engine.read)
    assert restored == {"config": {"other:key": {"secure": "abc"}, **configured(GOOD)}}
    assert "commit 0123456789ab, was deployed again and keeps its promise" in stack.said
    assert "Who serves cannot be told" in stack.said, "there is no cluster in this test"
    assert not folders.deployment(stack.folder, "dev").exists()
    assert yaml.safe_load((stack.folder / "Pulumi.dev.yaml").read_text())["config"]["ha-backend:backend"] == {
        "image": BAD
    }


def test_the_salt_of_a_local_state_stays_when_a_release_is_taken_back(stack: Stack) -> None:
    copy = state.choose(stack.folder, "dev").file
    copy.write_text("encryptionsalt: v1:abc\n")
    stack.engine.tells(ups=[{"code": 255}, {"code": 0}])
    stack.deploy()
    assert yaml.safe_load(stack.engine.read)["encryptionsalt"] == "v1:abc"


def test_a_way_back_that_fails_as_well_has_a_code_of_its_own(stack: Stack) -> None:
    stack.engine.tells(ups=[{"code": 255}, {"code": 255}])
    assert stack.deploy() == deploying.NOT_RETURNED == 21
    assert "and so did the way back" in stack.said


@pytest.mark.parametrize(
    ("history", "why"),
    [
        ([], "no release of this stack has been good yet"),
        ([update(GOOD, "failed")], "no release of this stack has been good yet"),
        ([update(GOOD, kind="destroy"), update(GOOD)], "no release of this stack has been good yet"),
        ([update(GOOD, nodesPerZone=2)], "the cluster's own settings are others"),
        ([update("")], "the settings of the last good release do not hold for the program as it is now"),
    ],
)
def test_where_there_is_no_way_back_it_is_said_before_and_nothing_is_taken_back(
    stack: Stack, history: list[dict[str, Any]], why: str
) -> None:
    stack.engine.tells(history=history, ups=[{"code": 255}])
    assert stack.deploy() == 21
    assert len(stack.engine.calls("up")) == 1
    assert f"If this fails, nothing will be taken back: {why}" in stack.said
    assert "nothing is taken back" in stack.logged[-1]


def test_a_release_with_the_settings_of_the_last_good_one_is_not_taken_back(stack: Stack) -> None:
    stack.write(GOOD)
    stack.engine.tells(ups=[{"code": 255}])
    assert stack.deploy() == 21
    assert len(stack.engine.calls("up")) == 1 and "make drift" in stack.said


def test_what_failed_since_does_not_count_as_good(stack: Stack) -> None:
    failed = [update("shop/web:9", "failed") for _ in range(45)]  # more than a page of the history
    part = {**update("shop/web:8"), "environment": {"pulumi.flag.target": "[a]"}}
    stack.engine.tells(
        history=[*failed, part, update("x:1", kind="refresh"), update(GOOD), update("shop/web:0")],
        ups=[{"code": 255}, {"code": 0}],
    )
    assert stack.deploy() == 20
    assert yaml.safe_load(stack.engine.read)["config"] == configured(GOOD)


REJECTION = """    pulumi:providers:kubernetes p  error: resource urn:p violates plan: properties changed: =~x[{&{{very-secret
    pulumi:providers:kubernetes p **failed** 1 error
Diagnostics:
  pulumi:providers:kubernetes (cluster-provider):
    error: resource urn:p violates plan: properties changed: ~~kubeconfig[{&{{users: a
  token: very-secret
}}}!={&{{token: also-secret}}}], ++context[{x}]

  pulumi:pulumi:Stack (ha-backend-dev):
    error: update failed
"""


def test_a_rejected_plan_has_a_code_of_its_own_and_shows_no_value(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.engine.tells(ups=[{"code": 255, "changes": {"same": 3}, "says": REJECTION}])
    assert stack.deploy() == deploying.REJECTED == 22
    everything = capsys.readouterr().out + stack.said
    assert "violates plan: properties changed: kubeconfig" in everything
    assert "secret" not in everything and "update failed" in everything
    assert len(stack.engine.calls("up")) == 1


@pytest.mark.parametrize(
    "half",
    [
        {"changes": {"same": 3, "update": 1}, "says": REJECTION},
        {
            "changes": {"same": 3},
            "says": f" ~  kubernetes:apps/v1:Deployment web **updating failed** [diff: ~spec]\n{REJECTION}",
        },
    ],
)
def test_a_plan_that_is_rejected_half_way_is_taken_back(stack: Stack, half: dict[str, Any]) -> None:
    stack.engine.tells(ups=[{"code": 255, **half}, {"code": 0}])
    assert stack.deploy() == 20


def test_what_the_engine_did_not_come_to_because_a_release_failed_is_no_rejected_plan(stack: Stack) -> None:
    says = "    kubernetes:core/v1:Service web  error: expected resource operations for urn:s but none were seen"
    stack.engine.tells(ups=[{"code": 255, "changes": {"same": 3}, "says": says}, {"code": 0}])
    assert stack.deploy() == 20


def test_an_update_that_never_began_is_not_taken_back(stack: Stack) -> None:
    stack.engine.tells(ups=[{"code": 255, "begun": False, "says": "error: the stack is currently locked"}])
    with pytest.raises(DeployError, match="Nothing was begun, and nothing was changed"):
        stack.deploy()
    assert len(stack.engine.calls("up")) == 1


def test_where_nobody_may_see_the_history_nothing_is_deployed(stack: Stack) -> None:
    stack.engine.tells(**{"no history": True})
    with pytest.raises(SystemExit, match="pulumi stack history dev failed: error: not allowed"):
        stack.deploy()
    assert not stack.engine.calls("up")


def test_a_preview_that_fails_is_told_and_nothing_is_changed(stack: Stack) -> None:
    stack.engine.tells(
        **{
            "preview code": 255,
            "preview": json.dumps(
                {
                    "diagnostics": [
                        {"severity": "error", "message": "ha-backend:backend.port: wrong\n"},
                        {"severity": "info"},
                    ]
                }
            ),
        }
    )
    with pytest.raises(DeployError, match=r"nothing was changed:\nha-backend:backend.port: wrong$"):
        stack.deploy()
    assert not stack.engine.calls("up")


def test_a_field_that_somebody_holds_on_the_cluster_is_explained(stack: Stack) -> None:
    said = 'managed by field manager "pulumi" had an apply conflict: conflict with "lens" using v1: .spec.type'
    told = json.dumps({"diagnostics": [{"severity": "error", "message": said}]})
    stack.engine.tells(**{"preview code": 255, "preview": told})
    with pytest.raises(DeployError, match=r"\.spec\.type\nSomebody has changed .*ARGS=--refresh takes them back"):
        stack.deploy()


def test_a_plan_that_was_not_written_is_not_carried_out(stack: Stack) -> None:
    stack.engine.tells(plan="", ups=[{"code": 0}])
    with pytest.raises(DeployError, match="wrote no plan of its preview, so that nothing was changed"):
        stack.deploy()
    assert not stack.engine.calls("up")


MADE = {**PROVIDER, "newState": {"inputs": {"clusterIdentifier": UNKNOWN}}}
GENERATED = {
    "op": "create",
    "urn": "urn:pulumi:prod::shop::random:index/randomPassword:RandomPassword::s",
    "newState": {"inputs": {"length": 32}},
}


@pytest.mark.parametrize(
    ("step", "words", "planned"),
    [
        (MADE, (), False),
        (GENERATED, (), False),
        ({**GENERATED, "op": "same"}, (), True),
        ({**MADE, "newState": {}}, (), True),
        ({**GENERATED, "op": "same"}, ("--unplanned",), False),
    ],
)
def test_what_no_plan_can_hold_is_deployed_without_one_and_says_so(
    stack: Stack, step: dict[str, Any], words: tuple[str, ...], planned: bool
) -> None:
    stack.engine.tells(preview=preview(f"{BACKEND}image", BAD, step), ups=[{"code": 0}])
    assert stack.deploy(*words) == 0
    [up] = stack.engine.calls("up")
    assert ("--plan" in up) is planned and ("going on without a plan" in stack.said) is not planned


@pytest.mark.parametrize(("begun", "planned"), [("creating", [True, False]), ("updating", [True])])
def test_an_interrupted_run_is_resumed(stack: Stack, begun: str, planned: list[bool]) -> None:
    stack.engine.tells(
        deployment={"pending_operations": [{"type": begun, "resource": {"urn": "a::b"}}]},
        ups=[{"code": 0}, {"code": 0}],
    )
    assert stack.deploy() == 0
    [refresh], ups = stack.engine.calls("refresh"), stack.engine.calls("up")
    assert "--clear-pending-creates" in refresh
    # Where it was creating, what exists is adopted, and then once more without.
    assert ["--plan" in up for up in ups] == planned


def test_ctrl_c_leaves_the_engine_its_time_and_takes_nothing_back(stack: Stack) -> None:
    stack.engine.tells(ups=[{"code": 1, "until interrupted": True}, {"code": 0}])
    driver = (
        "import sys; from pathlib import Path; from tests.unit.ops.cli.test_deploy import Stack; "
        f"stack = Stack(Path({str(stack.folder)!r})); code = stack.deploy(); print(stack.said); sys.exit(code)"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", driver], cwd=PROJECT, start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    while not (stack.folder / "waits").exists():
        assert running.poll() is None
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    assert running.returncode == deploying.INTERRUPTED == 130 and "no release was taken back" in said
    assert (stack.folder / "ended").exists() and len(stack.engine.calls("up")) == 1


def test_words_that_are_not_known_are_refused(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        stack.deploy("--accept", "everything")
    assert refused.value.code == 2 and "'none', 'restart', 'lower', 'weaker', 'outage'" in capsys.readouterr().err
    assert not stack.engine.calls("preview")


@pytest.mark.parametrize("command", ["deploy", "drift"])
def test_without_pulumi_it_is_refused_with_one_message(command: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": str(tmp_path), "https_proxy": "http://127.0.0.1:9", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", command, "dev"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (
        done.returncode == 1 and f"error: make {command} needs pulumi" in done.stderr and "Traceback" not in done.stderr
    )
