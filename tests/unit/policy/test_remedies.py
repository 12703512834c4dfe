"""What the policy pack puts right where a stack asks for it; and the wire's form, which it is read from and written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from policy.known import UNKNOWN
from policy.plain import changed, plain
from policy.rules import RULES
from tests.support.policy_stack import BY_NAME, good
from tests.support.policy_violations import SPOILED, Spoil

TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"  # how the wire says that a text is not known
REMEDIED = [(rule, spoil) for rule, spoil, _ in SPOILED if BY_NAME[rule].remedy]
LEFT = {"spec.unhealthyPodEvictionPolicy is IfHealthyBudget"}  # said on purpose, so that nobody overrules it


class Secret:
    """As the SDK marks a secret value."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Wrapped(Mapping[str, Any]):
    """As the SDK wraps what it hands out: looking at something that is not known raises."""

    def __init__(self, inner: dict[str, Any]) -> None:
        self._inner = inner

    def __getitem__(self, key: str) -> Any:
        if key == "__target":
            return self._inner
        raise AssertionError(f"{key} was looked at")

    def __iter__(self) -> Any:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)


class WrappedList(Sequence[Any]):
    def __init__(self, inner: list[Any]) -> None:
        self._inner = inner

    def __getitem__(self, key: Any) -> Any:
        assert key == "__target"
        return self._inner

    def __len__(self) -> int:
        return len(self._inner)


def test_the_wire_is_read_with_what_is_not_known_and_what_is_secret() -> None:
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


def test_a_change_leaves_all_else_as_it_is_and_a_secret_one() -> None:
    wire = Wrapped({"spec": Secret({"list": [{"a": TEXT}, {"a": "old"}]}), "name": TEXT})
    made = changed(wire, ("spec", "list", 1, "a"), "new")
    assert isinstance(made["spec"], Secret)
    assert (made["spec"].value, made["name"]) == ({"list": [{"a": TEXT}, {"a": "new"}]}, TEXT)
    assert wire["__target"]["spec"].value["list"][1] == {"a": "old"}
    assert changed({"a": 1}, ("b", "c"), 2) == {"a": 1, "b": {"c": 2}}
    assert changed({"a": 1, "b": 2}, ("a",), None) == {"b": 2}


def test_there_are_remedies() -> None:
    assert {rule.name for rule in RULES if rule.remedy} == {
        "budget-unhealthy-pods",
        "spread-releases-apart",
        "end-without-shell",
        "privilege-no-token",
    }
    assert not any(rule.across for rule in RULES if rule.remedy)  # the engine has none for a whole stack


@pytest.mark.parametrize(("rule", "spoil"), REMEDIED)
def test_a_remedy_puts_right_what_its_rule_finds_and_breaks_nothing(rule: str, spoil: Spoil) -> None:
    program = good()
    spoil(program)
    for resource in program.resources():
        for patch in BY_NAME[rule].remedies(resource, {}):
            program.props[resource.name] = changed(program[resource.name], patch.path, patch.value)
    left = program.findings()
    assert not left or {message.partition(":")[0] for message in left[rule]} <= LEFT


@pytest.mark.parametrize(("rule", "spoil"), REMEDIED)
def test_a_remedy_leaves_alone_what_is_excepted_and_what_is_right(rule: str, spoil: Spoil) -> None:
    spoiled = good()
    spoil(spoiled)
    excepted = {"exceptions": dict.fromkeys(spoiled.types, "for the sake of this test")}
    assert [patch for one in spoiled.resources() for patch in BY_NAME[rule].remedies(one, excepted)] == []
    assert [patch for one in good().resources() for patch in BY_NAME[rule].remedies(one, {})] == []


@pytest.mark.parametrize(("rule", "spoil"), REMEDIED)
def test_a_remedy_overrules_nothing_that_is_not_known(rule: str, spoil: Spoil) -> None:
    program = good()
    spoil(program)
    resources = program.resources()
    most = sum(len(list(BY_NAME[rule].remedies(one, {}))) for one in resources)
    for where, other in program.without_knowing():
        patches = [(one, patch) for one in other.resources() for patch in BY_NAME[rule].remedies(one, {})]
        assert len(patches) <= most, where
