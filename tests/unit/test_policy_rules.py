"""Every rule of the policy pack on what is right, on what is wrong, and where values are not known yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policy.known import UNKNOWN
from policy.rules import RULES
from policy.stack import Stack
from tests.unit.judged import BY_NAME, good
from tests.unit.spoiled import SPOILED, Spoil

CASES = pytest.mark.parametrize(
    ("rule", "spoil", "says"), SPOILED, ids=[f"{rule}-{index}" for index, (rule, *_) in enumerate(SPOILED)])


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
        judged = [message for one in RULES for resource in resources for message in one.judge(resource, {}, Stack(resources))]
        assert judged == [], rule
