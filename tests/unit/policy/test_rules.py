"""Every rule of the policy pack on what is right, on what is wrong, and where values are not known yet."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from policy.known import UNKNOWN
from policy.rules import RULES
from policy.stack import Stack
from tests.support import policy_violations
from tests.support.policy_stack import BY_NAME, Program, good, paths, put
from tests.support.policy_violations import SPOILED, Spoil

CASES = pytest.mark.parametrize(
    ("rule", "spoil", "says"), SPOILED, ids=[f"{rule}-{index}" for index, (rule, *_) in enumerate(SPOILED)]
)


def test_a_stack_as_it_should_be_is_left_alone() -> None:
    assert good().findings() == {}


def test_every_rule_is_tried() -> None:
    assert {rule for rule, *_ in SPOILED} == {rule.name for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)


@CASES
def test_what_is_wrong_is_found_and_the_message_says_what(rule: str, spoil: Spoil, says: str) -> None:
    program = good()
    spoil(program)
    found = program.findings()
    assert any(says in message for message in found.get(rule, [])), found


@CASES
def test_nothing_is_called_wrong_for_a_value_that_is_not_known(rule: str, spoil: Spoil, says: str) -> None:
    program = good()
    spoil(program)
    [found] = program.findings(rules=[BY_NAME[rule]]).values()
    for where, other in program.without_knowing():
        left = other.findings(rules=[BY_NAME[rule]]).get(rule, [])
        assert len(left) <= len(found), where


def test_nothing_is_called_wrong_in_a_stack_as_it_should_be_either() -> None:
    for where, other in good().without_knowing():
        assert other.findings() == {}, where


@CASES
def test_what_is_found_does_not_depend_on_the_order_in_which_resources_come(rule: str, spoil: Spoil, says: str) -> None:
    """Beside it are the same objects on a cluster that is not there yet: nobody knows what their autoscaler scales."""
    program = good()
    spoil(program)
    for name, kind in list(program.types.items()):
        props = copy.deepcopy(program.props[name])
        props["metadata"] = {**props["metadata"], "namespace": "later"}
        if "scaleTargetRef" in (props.get("spec") or {}):
            props["spec"]["scaleTargetRef"]["name"] = UNKNOWN
        program.types[f"later-{name}"], program.props[f"later-{name}"] = kind, props
    found = program.findings(rules=[BY_NAME[rule]]).get(rule, [])
    program.types = dict(reversed(program.types.items()))
    assert sorted(program.findings(rules=[BY_NAME[rule]]).get(rule, [])) == sorted(found)


WRONG_TYPES = ("text", -1, 0.5, True, [None], [[]], [{}], {"text": ["text"]})


@pytest.mark.parametrize("value", WRONG_TYPES, ids=repr)
def test_a_value_of_another_type_is_no_reason_to_fail(value: object) -> None:
    program = everything_spoiled()
    whole = program.props
    for name in whole:
        for path in list(paths(whole[name])):
            program.props = {**whole, name: copy.deepcopy(whole[name])}
            put(program.props[name], path, value)
            try:
                program.findings()
            except Exception as error:
                raise AssertionError(f"{name}: {'.'.join(map(str, path))}: {error!r}") from error


def everything_spoiled() -> Program:
    """A program that has what the good one lacks as well: a Job, a VerticalPodAutoscaler, a second budget, ..."""
    program = good()
    for spoil in (
        policy_violations.job,
        policy_violations.vertical,
        policy_violations.second,
        policy_violations.other,
        policy_violations.apart,
        policy_violations.named,
    ):
        spoil(program)
    policy_violations.shell(program, "sleep", "5")
    program.pod["volumes"] = [
        {"name": "a", "hostPath": {"path": "/a"}},
        {"projected": {"sources": [{"secret": {"name": "b"}}]}},
    ]
    program["web"]["spec"]["selector"]["matchExpressions"] = [{"key": "app", "operator": "In", "values": ["web"]}]
    return program


def test_no_message_says_what_may_be_secret() -> None:
    program = everything_spoiled()
    program.container.update(
        {"env": [{"name": "KEY", "value": "geheim"}], "args": ["--key=geheim"], "command": ["geheim"]}
    )
    program["settings"]["data"] = {"KEY": "geheim"}
    program.add("key", "core/v1:Secret", stringData={"KEY": "geheim"}, data={"KEY": "geheim"}, immutable=True)
    program.container["envFrom"].append({"secretRef": {"name": "key"}})
    found = program.findings()
    assert len(found["configuration-new-name"]) == 2
    assert "geheim" not in str(found)


def test_a_stack_of_which_nothing_is_known_is_left_alone() -> None:
    program = good()
    program.props = dict.fromkeys(program.props, UNKNOWN)
    assert program.findings() == {}


@CASES
def test_a_resource_may_be_excepted_by_its_name(rule: str, spoil: Spoil, says: str) -> None:
    program = good()
    spoil(program)
    everything = {rule: {"exceptions": dict.fromkeys(program.types, "for the sake of this test")}}
    assert rule not in program.findings(everything)
    assert rule in program.findings({rule: {"exceptions": {"somebody": "for the sake of this test"}}})


def test_what_is_only_looked_at_is_not_judged() -> None:
    for rule, spoil, _ in SPOILED:
        program = good()
        spoil(program)
        resources = [replace(resource, managed=False) for resource in program.resources()]
        judged = [
            message for one in RULES for resource in resources for message in one.judge(resource, {}, Stack(resources))
        ]
        assert judged == [], rule
