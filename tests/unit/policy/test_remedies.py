"""Remediation by the policy pack, and the wire format that it reads and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from policy.known import UNKNOWN
from policy.plain import changed, plain
from policy.rules import RULES
from tests.support.policy_stack import BY_NAME, good
from tests.support.policy_violations import Violation
from tests.support.violations import VIOLATIONS

TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # an unknown string in the wire format
REMEDIABLE = [(rule, violation) for rule, violation, _ in VIOLATIONS if BY_NAME[rule].remedy]
EXPLICIT = {"spec.unhealthyPodEvictionPolicy is IfHealthyBudget"}  # an explicit value is never overridden


class Secret:
    """A secret value, as the SDK marks it."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Wrapped(Mapping[str, Any]):
    """A mapping, as the SDK wraps it: reading an unknown value raises."""

    def __init__(self, inner: dict[str, Any]) -> None:
        self._inner = inner

    def __getitem__(self, key: str) -> Any:
        if key == "__target":
            return self._inner
        raise AssertionError(f"{key} was read")

    def __iter__(self) -> Any:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)


class WrappedList(Sequence[Any]):
    """A list, as the SDK wraps it."""

    def __init__(self, inner: list[Any]) -> None:
        self._inner = inner

    def __getitem__(self, key: Any) -> Any:
        assert key == "__target"
        return self._inner

    def __len__(self) -> int:
        return len(self._inner)


def test_the_wire_format_is_read_with_unknown_and_secret_values() -> None:
    wire = Wrapped(
        {
            "replicas": 3.0,
            "share": 0.5,
            "name": TEXT,
            "list": WrappedList([Wrapped({"a": "b"}), TEXT]),
            "hidden": Secret({"deep": 1.0}),
            "blinded": "[secret]",
            "on": True,
            "none": None,
        }
    )
    assert plain(wire) == {
        "replicas": 3,
        "share": 0.5,
        "name": UNKNOWN,
        "list": [{"a": "b"}, UNKNOWN],
        "hidden": {"deep": 1},
        "blinded": UNKNOWN,
        "on": True,
        "none": None,
    }


def test_a_change_keeps_everything_else_and_secrets_stay_secret() -> None:
    wire = Wrapped({"spec": Secret({"list": [{"a": TEXT}, {"a": "old"}]}), "name": TEXT})
    made = changed(wire, ("spec", "list", 1, "a"), "new")
    assert isinstance(made["spec"], Secret)
    assert (made["spec"].value, made["name"]) == ({"list": [{"a": TEXT}, {"a": "new"}]}, TEXT)
    assert wire["__target"]["spec"].value["list"][1] == {"a": "old"}
    assert changed({"a": 1}, ("b", "c"), 2) == {"a": 1, "b": {"c": 2}}
    assert changed({"a": 1, "b": 2}, ("a",), None) == {"b": 2}


def test_the_rules_with_a_remedy() -> None:
    assert {rule.name for rule in RULES if rule.remedy} == {
        "budget-unhealthy-pods",
        "spread-releases-apart",
        "end-without-shell",
        "privilege-no-token",
    }
    assert not any(rule.across for rule in RULES if rule.remedy)  # the engine cannot remediate a whole stack


@pytest.mark.parametrize(("rule", "violation"), REMEDIABLE)
def test_a_remedy_fixes_its_violation_and_causes_no_other(rule: str, violation: Violation) -> None:
    program = good()
    violation(program)
    for resource in program.resources():
        for patch in BY_NAME[rule].remedies(resource, {}):
            program.props[resource.name] = changed(program[resource.name], patch.path, patch.value)
    rest = program.findings()
    assert not rest or {message.partition(":")[0] for message in rest[rule]} <= EXPLICIT


@pytest.mark.parametrize(("rule", "violation"), REMEDIABLE)
def test_a_remedy_skips_exceptions_and_correct_resources(rule: str, violation: Violation) -> None:
    violating = good()
    violation(violating)
    excepted = {"exceptions": dict.fromkeys(violating.types, "for the sake of this test")}
    assert [patch for one in violating.resources() for patch in BY_NAME[rule].remedies(one, excepted)] == []
    assert [patch for one in good().resources() for patch in BY_NAME[rule].remedies(one, {})] == []


@pytest.mark.parametrize(("rule", "violation"), REMEDIABLE)
def test_a_remedy_never_overrides_an_unknown_value(rule: str, violation: Violation) -> None:
    program = good()
    violation(program)
    resources = program.resources()
    most = sum(len(list(BY_NAME[rule].remedies(one, {}))) for one in resources)
    for where, other in program.with_unknowns():
        patches = [(one, patch) for one in other.resources() for patch in BY_NAME[rule].remedies(one, {})]
        assert len(patches) <= most, where
