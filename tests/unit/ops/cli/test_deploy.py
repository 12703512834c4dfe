"""`make deploy`: what it rejects, how it calls the engine, and its exit codes."""

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

from components import folders
from ops.cli.preview_plan import DeployError
from ops.cli.run import StackError
from ops.exit_codes import ExitCode
from tests.support.fake_stack import BAD, FakeStack, preview
from tests.support.review_previews import BACKEND

PROJECT = Path(__file__).parent.parent.parent.parent.parent


def test_the_update_is_constrained_to_the_reviewed_preview(
    stack: FakeStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.engine.set(ups=[{"code": 0}])
    assert stack.deploy() == 0
    [previewed], [up] = stack.engine.calls("preview"), stack.engine.calls("up")
    plan = previewed[previewed.index("--save-plan") + 1]
    assert up[up.index("--plan") + 1] == plan and "--skip-preview" in up and "--yes" in up
    assert "rolling restart" in capsys.readouterr().out


def test_the_plan_is_private_and_deleted_afterwards(stack: FakeStack) -> None:
    stack.engine.set(ups=[{"code": 0}])
    stack.deploy()
    [previewed] = stack.engine.calls("preview")
    plan = Path(previewed[previewed.index("--save-plan") + 1])
    assert plan.is_relative_to(folders.own(stack.folder)) and "--show-secrets" not in previewed
    assert stack.engine.answers["modes"] == ["600", "700"] and not plan.parent.exists()


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
def test_an_effect_worse_than_accepted_is_rejected(
    stack: FakeStack, path: str, value: Any, words: tuple[str, ...], code: int
) -> None:
    stack.engine.set(preview=preview(path, value), ups=[{"code": 0}])
    assert stack.deploy(*words) == code
    assert bool(stack.engine.calls("up")) is (code == 0)
    assert ("Rejected, and nothing was changed" in stack.log) is (code != 0)


def test_a_rejection_names_the_flag_to_deploy_anyway(stack: FakeStack) -> None:
    stack.engine.set(preview=preview("spec.replicas", 0))
    assert stack.deploy("--refresh") == 14
    assert 'make deploy STACK=dev ARGS="--refresh --accept outage"' in stack.log


def test_without_the_history_nothing_is_deployed(stack: FakeStack) -> None:
    stack.engine.set(**{"no history": True})
    with pytest.raises(StackError, match=r"pulumi stack history dev failed: error: not allowed \[history-unreadable\]"):
        stack.deploy()
    assert not stack.engine.calls("up")


def test_a_failed_preview_is_reported_and_changes_nothing(stack: FakeStack) -> None:
    stack.engine.set(
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
    with pytest.raises(DeployError, match=r"nothing was changed:\nha-backend:backend.port: wrong \[preview-failed\]$"):
        stack.deploy()
    assert not stack.engine.calls("up")


def test_a_field_conflict_is_explained(stack: FakeStack) -> None:
    said = 'managed by field manager "pulumi" had an apply conflict: conflict with "lens" using v1: .spec.type'
    told = json.dumps({"diagnostics": [{"severity": "error", "message": said}]})
    stack.engine.set(**{"preview code": 255, "preview": told})
    with pytest.raises(DeployError, match=r"\.spec\.type\nSomebody changed .*ARGS=--refresh reverts them"):
        stack.deploy()


@pytest.mark.parametrize(("begun", "planned"), [("creating", [True, False]), ("updating", [True])])
def test_an_interrupted_run_is_resumed(stack: FakeStack, begun: str, planned: list[bool]) -> None:
    stack.engine.set(
        deployment={"pending_operations": [{"type": begun, "resource": {"urn": "a::b"}}]},
        ups=[{"code": 0}, {"code": 0}],
    )
    assert stack.deploy() == 0
    [refresh], ups = stack.engine.calls("refresh"), stack.engine.calls("up")
    assert "--clear-pending-creates" in refresh
    # Where it was creating, what exists is adopted, and then once more without.
    assert ["--plan" in up for up in ups] == planned


def test_ctrl_c_waits_for_the_engine_and_rolls_nothing_back(stack: FakeStack) -> None:
    stack.engine.set(ups=[{"code": 1, "until interrupted": True}, {"code": 0}])
    driver = (
        "import sys; from pathlib import Path; from tests.support.fake_stack import FakeStack; "
        f"stack = FakeStack(Path({str(stack.folder)!r})); code = stack.deploy(); print(stack.log); sys.exit(code)"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", driver], cwd=PROJECT, start_new_session=True, stdout=subprocess.PIPE, text=True
    )
    while not (stack.folder / "waits").exists():
        assert running.poll() is None
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    output, _ = running.communicate(timeout=30)
    assert running.returncode == ExitCode.INTERRUPTED and "nothing was rolled back" in output
    assert (stack.folder / "ended").exists() and len(stack.engine.calls("up")) == 1


def test_unknown_arguments_are_rejected(stack: FakeStack, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        stack.deploy("--accept", "everything")
    assert exit_.value.code == 2 and "'none', 'restart', 'lower', 'weaker', 'outage'" in capsys.readouterr().err
    assert not stack.engine.calls("preview")


@pytest.mark.parametrize("command", ["deploy", "drift"])
def test_without_pulumi_there_is_one_message(command: str, tmp_path: Path) -> None:
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
        done.returncode == 1 and f"error: make {command} needs Pulumi" in done.stderr and "Traceback" not in done.stderr
    )
