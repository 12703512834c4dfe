"""Thousands of stack configurations, right and wrong: each is either refused in words or highly available."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from components import availability
from components.availability import timing
from components.settings import Settings, SettingsError, load
from tests.support.strategies import DRAWN, oracle
from tests.support.strategies.mistakes import SECRET, configurations, put
from tests.support.strategies.stacks import PATHS, said, stacks

# What the oracle judges as well; all other rules are of names and of what a cluster serves.
JUDGED = re.compile(
    r"^ha-backend:backend\.(replicas|survive|disruptionBudget\.|autoscaling\.(max|cpu|memory)"
    r"|rollout\.progressDeadlineSeconds|shutdown\.deregistrationSeconds|health\.livenessPath|resources\.requests\.|resources\.tmpSizeLimit)"
)


def outcome(config: dict[str, str], secret_keys: tuple[str, ...] = ()) -> Settings | SettingsError:
    try:
        return load(config, secret_keys, availability.stack_conflicts)
    except SettingsError as error:
        return error


def written(stack: dict[str, Any]) -> dict[str, str]:
    return {f"ha-backend:{key}": json.dumps(value) for key, value in stack.items()}


def each_right(stack: dict[str, Any]) -> Settings | None:
    """The settings if each is right by itself, whatever they are together."""
    with suppress(ValidationError):
        return Settings.model_validate(stack)
    return None


def test_whatever_is_written_is_refused_in_words_or_is_highly_available() -> None:
    tally, said_at_all = Counter[str](), set[tuple[str, ...]]()

    @settings(DRAWN, max_examples=3000)
    @given(configurations())
    def holds(drawn: tuple[dict[str, str], tuple[str, ...]]) -> None:
        config, secret_keys = drawn
        found = outcome(config, secret_keys)
        tally[type(found).__name__] += 1
        if isinstance(found, Settings):
            said_at_all.update(said(found))
            assert not secret_keys or not secret_keys[0].startswith(("ha-backend:", "kubernetes:"))
            assert oracle.broken(found) == {}
            end = found.backend.shutdown
            assert timing.grace_period(found.backend) > end.deregistration_seconds + end.drain_seconds
        else:
            told_in_words(found)

    holds()
    print(dict(tally))
    assert min(tally["Settings"], tally["SettingsError"]) >= 0.2 * sum(tally.values()), tally
    assert said_at_all == set(PATHS), "a setting that no accepted stack says is not tested"


def told_in_words(error: SettingsError) -> None:
    keys = [problem.key for problem in error.problems]
    assert keys
    assert len(set(keys)) == len(keys), f"told twice: {error}"
    for problem in error.problems:
        assert problem.key.startswith(("ha-backend:", "kubernetes:")), problem
        assert problem.text.strip()
        assert len(str(problem).splitlines()) == 1, problem
        str(problem).encode()  # can be printed
    assert not any(word in str(error) for word in ("Traceback", "pydantic.dev", "Input should be", "Value error"))
    assert SECRET not in f"{error} {error!r} {error.problems!r} {error.__context__!r}"


def test_a_stack_whose_settings_are_each_right_is_refused_only_for_a_reason() -> None:
    """The other way round: no rule refuses what the oracle finds highly available; and what a rule says to do helps."""
    tally = Counter[str]()

    @settings(DRAWN, max_examples=500)
    @given(stacks())
    def holds(stack: dict[str, Any]) -> None:
        found = outcome(written(stack))
        tally[type(found).__name__] += 1
        if isinstance(found, Settings):
            return
        assert str(found) == str(outcome(written(stack))), "told otherwise a second time"
        if all(JUDGED.match(problem.key) for problem in found.problems) and (each := each_right(stack)):
            assert oracle.broken(each), f"refused for nothing: {found}"
        for problem in found.problems:
            if advice := re.search(r"(?:lower|raise) it to (\d+)", problem.text):
                better = json.loads(json.dumps(stack))
                put(better, tuple(problem.key.removeprefix("ha-backend:").split(".")), int(advice[1]))
                words = problem.text.partition(" ")[2]  # without the value
                again = outcome(written(better))
                assert f"{problem.key}: {advice[1]} {words}" not in str(again), "it was done and did not help"

    holds()
    print(dict(tally))
    assert min(tally["Settings"], tally["SettingsError"]) >= 0.2 * sum(tally.values()), tally


@pytest.mark.parametrize("depth", [100, 600, 5000])
def test_however_deep_it_is_nested_it_is_refused_in_words(depth: int) -> None:
    config = written({"cluster": {"kind": "local"}, "backend": {"image": "a:1"}})
    for key in ("ha-backend:backend", "ha-backend:cluster", "ha-backend:unknown"):
        found = outcome({**config, key: "[" * depth + "]" * depth})
        assert isinstance(found, SettingsError)
        told_in_words(found)
