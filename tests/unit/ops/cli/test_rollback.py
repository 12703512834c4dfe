"""`make deploy` when a release fails: when it rolls back, and to which release."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from components import folders
from ops.cli import state
from ops.cli.preview_plan import DeployError
from ops.exit_codes import ExitCode
from tests.support.fake_stack import BAD, GOOD, FakeStack, configured, update


def test_a_failed_release_is_rolled_back(stack: FakeStack) -> None:
    stack.write(BAD, **{"other:key": {"secure": "abc"}, "ha-backend:protect": False})
    stack.engine.set(ups=[{"code": 255}, {"code": 0}])
    assert stack.deploy() == ExitCode.ROLLED_BACK
    restored = yaml.safe_load(stack.engine.config)
    assert restored == {"config": {"other:key": {"secure": "abc"}, **configured(GOOD)}}
    assert "commit 0123456789ab, was deployed again and keeps its promise" in stack.log
    assert "Which pods serve is unknown" in stack.log, "there is no cluster in this test"
    assert not folders.deployment(stack.folder, "dev").exists()
    assert yaml.safe_load((stack.folder / "Pulumi.dev.yaml").read_text())["config"]["ha-backend:backend"] == {
        "image": BAD
    }


def test_a_rollback_keeps_the_salt_of_a_local_state(stack: FakeStack) -> None:
    copy = state.choose(stack.folder, "dev").file
    copy.write_text("encryptionsalt: v1:abc\n")
    stack.engine.set(ups=[{"code": 255}, {"code": 0}])
    stack.deploy()
    assert yaml.safe_load(stack.engine.config)["encryptionsalt"] == "v1:abc"


def test_a_failed_rollback_has_its_own_exit_code(stack: FakeStack) -> None:
    stack.engine.set(ups=[{"code": 255}, {"code": 255}])
    assert stack.deploy() == ExitCode.NOT_ROLLED_BACK
    assert "and so did the rollback" in stack.log


@pytest.mark.parametrize(
    ("history", "why"),
    [
        ([], "no release of this stack has succeeded yet"),
        ([update(GOOD, "failed")], "no release of this stack has succeeded yet"),
        ([update(GOOD, kind="destroy"), update(GOOD)], "no release of this stack has succeeded yet"),
        ([update(GOOD, nodesPerZone=2)], "the cluster's settings differ"),
        ([update("")], "this version of the program rejects the settings of the last good release"),
    ],
)
def test_a_missing_rollback_target_is_reported_before_the_update(
    stack: FakeStack, history: list[dict[str, Any]], why: str
) -> None:
    stack.engine.set(history=history, ups=[{"code": 255}])
    assert stack.deploy() == 21
    assert len(stack.engine.calls("up")) == 1
    assert f"If this release fails, it cannot be rolled back: {why}" in stack.log
    assert "It was not rolled back" in stack.messages[-1]


def test_a_release_with_the_last_good_settings_is_not_rolled_back(stack: FakeStack) -> None:
    stack.write(GOOD)
    stack.engine.set(ups=[{"code": 255}])
    assert stack.deploy() == 21
    assert len(stack.engine.calls("up")) == 1 and "make drift" in stack.log


def test_failed_and_partial_updates_are_not_rollback_targets(stack: FakeStack) -> None:
    failed = [update("shop/web:9", "failed") for _ in range(45)]  # more than a page of the history
    part = {**update("shop/web:8"), "environment": {"pulumi.flag.target": "[a]"}}
    stack.engine.set(
        history=[*failed, part, update("x:1", kind="refresh"), update(GOOD), update("shop/web:0")],
        ups=[{"code": 255}, {"code": 0}],
    )
    assert stack.deploy() == 20
    assert yaml.safe_load(stack.engine.config)["config"] == configured(GOOD)


def test_an_update_that_did_not_start_is_not_rolled_back(stack: FakeStack) -> None:
    stack.engine.set(ups=[{"code": 255, "started": False, "output": "error: the stack is currently locked"}])
    with pytest.raises(DeployError, match="The update did not start, and nothing was changed"):
        stack.deploy()
    assert len(stack.engine.calls("up")) == 1
