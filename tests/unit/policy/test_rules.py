"""Every rule of the policy pack on correct programs, on violations, and on unknown values."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from policy.known import UNKNOWN
from policy.rules import RULES
from policy.stack import Stack
from tests.support import policy_violations
from tests.support.policy_stack import BY_NAME, Program, good, paths, put
from tests.support.policy_violations import Violation
from tests.support.violations import VIOLATIONS

CASES = pytest.mark.parametrize(
    ("rule", "violation", "text"), VIOLATIONS, ids=[f"{rule}-{index}" for index, (rule, *_) in enumerate(VIOLATIONS)]
)


def test_a_correct_stack_has_no_violation() -> None:
    assert good().findings() == {}


def test_every_rule_is_covered() -> None:
    assert {rule for rule, *_ in VIOLATIONS} == {rule.name for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)


@CASES
def test_a_violation_is_reported(rule: str, violation: Violation, text: str) -> None:
    program = good()
    violation(program)
    found = program.findings()
    assert any(text in message for message in found.get(rule, [])), found


@CASES
def test_an_unknown_value_never_adds_a_violation(rule: str, violation: Violation, text: str) -> None:
    program = good()
    violation(program)
    [found] = program.findings(rules=[BY_NAME[rule]]).values()
    for where, other in program.with_unknowns():
        left = other.findings(rules=[BY_NAME[rule]]).get(rule, [])
        assert len(left) <= len(found), where


def test_a_correct_stack_with_an_unknown_value_has_no_violation() -> None:
    for where, other in good().with_unknowns():
        assert other.findings() == {}, where


@CASES
def test_the_order_of_resources_does_not_matter(rule: str, violation: Violation, text: str) -> None:
    """Next to them are the same objects in another namespace, where the autoscaler's target is unknown."""
    program = good()
    violation(program)
    for name, kind in list(program.types.items()):
        props = copy.deepcopy(program.props[name])
        props["metadata"] = {**props["metadata"], "namespace": "later"}
        if "scaleTargetRef" in (props.get("spec") or {}):
            props["spec"]["scaleTargetRef"]["name"] = UNKNOWN
        program.types[f"later-{name}"], program.props[f"later-{name}"] = kind, props
    found = program.findings(rules=[BY_NAME[rule]]).get(rule, [])
    program.types = dict(reversed(program.types.items()))
    assert sorted(program.findings(rules=[BY_NAME[rule]]).get(rule, [])) == sorted(found)


WRONG_TYPES: tuple[object, ...] = ("text", -1, 0.5, True, [None], [[]], [{}], {"text": ["text"]})


@pytest.mark.parametrize("value", WRONG_TYPES, ids=repr)
def test_a_value_of_another_type_raises_nothing(value: object) -> None:
    program = violating_everything()
    whole = program.props
    for name in whole:
        for path in list(paths(whole[name])):
            program.props = {**whole, name: copy.deepcopy(whole[name])}
            put(program.props[name], path, value)
            try:
                program.findings()
            except Exception as error:
                raise AssertionError(f"{name}: {'.'.join(map(str, path))}: {error!r}") from error


def violating_everything() -> Program:
    """Return a program with what the good one lacks: a Job, a VerticalPodAutoscaler, a second budget, ..."""
    program = good()
    for violation in (
        policy_violations.add_job,
        policy_violations.add_vertical_autoscaler,
        policy_violations.add_second,
        policy_violations.add_overlapping_deployment,
        policy_violations.one_pod_per_node,
        policy_violations.fixed_name,
    ):
        violation(program)
    policy_violations.shell_sleep(program, "sleep", "5")
    program.pod["volumes"] = [
        {"name": "a", "hostPath": {"path": "/a"}},
        {"projected": {"sources": [{"secret": {"name": "b"}}]}},
    ]
    program["web"]["spec"]["selector"]["matchExpressions"] = [{"key": "app", "operator": "In", "values": ["web"]}]
    return program


def test_no_message_contains_a_secret() -> None:
    program = violating_everything()
    program.container.update(
        {"env": [{"name": "KEY", "value": "geheim"}], "args": ["--key=geheim"], "command": ["geheim"]}
    )
    program["settings"]["data"] = {"KEY": "geheim"}
    program.add("key", "core/v1:Secret", stringData={"KEY": "geheim"}, data={"KEY": "geheim"}, immutable=True)
    program.container["envFrom"].append({"secretRef": {"name": "key"}})
    found = program.findings()
    assert len(found["configuration-new-name"]) == 2
    assert "geheim" not in str(found)


def test_a_stack_of_unknown_values_has_no_violation() -> None:
    program = good()
    program.props = dict.fromkeys(program.props, UNKNOWN)
    assert program.findings() == {}


@CASES
def test_a_resource_can_be_excepted_by_its_name(rule: str, violation: Violation, text: str) -> None:
    program = good()
    violation(program)
    everything = {rule: {"exceptions": dict.fromkeys(program.types, "for the sake of this test")}}
    assert rule not in program.findings(everything)
    assert rule in program.findings({rule: {"exceptions": {"somebody": "for the sake of this test"}}})


def test_a_resource_that_is_only_read_is_not_judged() -> None:
    for rule, violation, _ in VIOLATIONS:
        program = good()
        violation(program)
        resources = [replace(resource, managed=False) for resource in program.resources()]
        judged = [
            message for one in RULES for resource in resources for message in one.judge(resource, {}, Stack(resources))
        ]
        assert judged == [], rule
