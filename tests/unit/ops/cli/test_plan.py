"""`make deploy` and its plan: what is constrained, what is rejected, and what cannot be planned."""

from __future__ import annotations

from typing import Any

import pytest

from ops.cli.preview_plan import DeployError
from ops.exit_codes import ExitCode
from ops.review.preview import UNKNOWN
from tests.support.fake_stack import BAD, FakeStack, preview
from tests.support.review_previews import BACKEND

PROVIDER = {"op": "create", "urn": "urn:pulumi:prod::shop::pulumi:providers:kubernetes::p"}

REJECTION = """    pulumi:providers:kubernetes p  error: resource urn:p violates plan: properties changed: \
=~x[{&{{very-secret
    pulumi:providers:kubernetes p **failed** 1 error
Diagnostics:
  pulumi:providers:kubernetes (cluster-provider):
    error: resource urn:p violates plan: properties changed: ~~kubeconfig[{&{{users: a
  token: very-secret
}}}!={&{{token: also-secret}}}], ++context[{x}]

  pulumi:pulumi:Stack (ha-backend-dev):
    error: update failed
"""


def test_a_rejected_plan_has_its_own_exit_code_and_reveals_no_value(
    stack: FakeStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.engine.set(ups=[{"code": 255, "changes": {"same": 3}, "output": REJECTION}])
    assert stack.deploy() == ExitCode.PLAN_REJECTED
    everything = capsys.readouterr().out + stack.log
    assert "violates plan: properties changed: kubeconfig" in everything
    assert "secret" not in everything and "update failed" in everything
    assert len(stack.engine.calls("up")) == 1


@pytest.mark.parametrize(
    "half",
    [
        {"changes": {"same": 3, "update": 1}, "output": REJECTION},
        {
            "changes": {"same": 3},
            "output": f" ~  kubernetes:apps/v1:Deployment web **updating failed** [diff: ~spec]\n{REJECTION}",
        },
    ],
)
def test_a_plan_rejected_after_the_first_change_is_rolled_back(stack: FakeStack, half: dict[str, Any]) -> None:
    stack.engine.set(ups=[{"code": 255, **half}, {"code": 0}])
    assert stack.deploy() == 20


def test_operations_that_a_failure_prevented_are_not_a_rejected_plan(stack: FakeStack) -> None:
    output = "    kubernetes:core/v1:Service web  error: expected resource operations for urn:s but none were seen"
    stack.engine.set(ups=[{"code": 255, "changes": {"same": 3}, "output": output}, {"code": 0}])
    assert stack.deploy() == 20


def test_a_missing_plan_stops_the_deployment(stack: FakeStack) -> None:
    stack.engine.set(plan="", ups=[{"code": 0}])
    with pytest.raises(DeployError, match="wrote no plan for its preview, so nothing was changed"):
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
def test_an_unplannable_change_is_deployed_without_a_plan(
    stack: FakeStack, step: dict[str, Any], words: tuple[str, ...], planned: bool
) -> None:
    stack.engine.set(preview=preview(f"{BACKEND}image", BAD, step), ups=[{"code": 0}])
    assert stack.deploy(*words) == 0
    [up] = stack.engine.calls("up")
    assert ("--plan" in up) is planned and ("continuing without a plan" in stack.log) is not planned
