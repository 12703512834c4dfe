"""Thousands of stack configurations: each is either rejected with messages or highly available."""

from __future__ import annotations

import json
import os
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
from tests.support.strategies.stacks import PATHS, settings_of, stacks
from tools.test import SHORT

DRAWS = 1500 if os.environ.get(SHORT) else 3000  # a third of the suite's time
# The settings that the oracle judges. All other rules concern names and the APIs of a cluster.
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


def valid_one_by_one(stack: dict[str, Any]) -> Settings | None:
    """Return the settings if each is valid, even if they contradict one another."""
    with suppress(ValidationError):
        return Settings.model_validate(stack)
    return None


def test_every_configuration_is_rejected_with_a_message_or_highly_available() -> None:
    counts, set_by_any = Counter[str](), set[tuple[str, ...]]()

    @settings(DRAWN, max_examples=DRAWS)
    @given(configurations())
    def holds(drawn: tuple[dict[str, str], tuple[str, ...]]) -> None:
        config, secret_keys = drawn
        result = outcome(config, secret_keys)
        counts[type(result).__name__] += 1
        if isinstance(result, Settings):
            set_by_any.update(settings_of(result))
            assert not secret_keys or not secret_keys[0].startswith(("ha-backend:", "kubernetes:"))
            assert oracle.broken(result) == {}
            end = result.backend.shutdown
            assert timing.grace_period(result.backend) > end.deregistration_seconds + end.drain_seconds
        else:
            assert_has_messages(result)

    holds()
    print(dict(counts))
    assert min(counts["Settings"], counts["SettingsError"]) >= 0.2 * sum(counts.values()), counts
    assert set_by_any == set(PATHS), "no accepted stack sets some of the settings"


def assert_has_messages(error: SettingsError) -> None:
    keys = [problem.key for problem in error.problems]
    assert keys
    assert len(set(keys)) == len(keys), f"reported twice: {error}"
    for problem in error.problems:
        assert problem.key.startswith(("ha-backend:", "kubernetes:")), problem
        assert problem.text.strip()
        assert len(str(problem).splitlines()) == 1, problem
        str(problem).encode()  # can be printed
    assert not any(word in str(error) for word in ("Traceback", "pydantic.dev", "Input should be", "Value error"))
    assert SECRET not in f"{error} {error!r} {error.problems!r} {error.__context__!r}"


def test_valid_settings_are_rejected_only_for_a_reason() -> None:
    """No rule rejects settings that the oracle finds highly available, and every remedy in a message helps."""
    counts = Counter[str]()

    @settings(DRAWN, max_examples=500)
    @given(stacks())
    def holds(stack: dict[str, Any]) -> None:
        result = outcome(written(stack))
        counts[type(result).__name__] += 1
        if isinstance(result, Settings):
            return
        assert str(result) == str(outcome(written(stack))), "the second message differs"
        if all(JUDGED.match(problem.key) for problem in result.problems) and (each := valid_one_by_one(stack)):
            assert oracle.broken(each), f"rejected without a reason: {result}"
        for problem in result.problems:
            if advice := re.search(r"(?:lower|raise) it to (\d+)", problem.text):
                better = json.loads(json.dumps(stack))
                put(better, tuple(problem.key.removeprefix("ha-backend:").split(".")), int(advice[1]))
                words = problem.text.partition(" ")[2]  # without the value
                again = outcome(written(better))
                assert f"{problem.key}: {advice[1]} {words}" not in str(again), "the remedy did not help"

    holds()
    print(dict(counts))
    assert min(counts["Settings"], counts["SettingsError"]) >= 0.2 * sum(counts.values()), counts


@pytest.mark.parametrize("depth", [100, 600, 5000])
def test_deep_nesting_is_rejected_with_a_message(depth: int) -> None:
    config = written({"cluster": {"kind": "local"}, "backend": {"image": "a:1"}})
    for key in ("ha-backend:backend", "ha-backend:cluster", "ha-backend:unknown"):
        result = outcome({**config, key: "[" * depth + "]" * depth})
        assert isinstance(result, SettingsError)
        assert_has_messages(result)
