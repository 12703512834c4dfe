"""docs/policy.md says what the policy pack's rules are, and its example of a configuration is right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policy import configured, document
from policy.rules import RULES

PAGE = document.PAGE.read_text()
README = (Path(__file__).parent.parent.parent.parent / "README.md").read_text()


def test_the_table_is_what_the_rules_say() -> None:
    assert document.document(PAGE) == PAGE
    assert f"a pack of {len(RULES)} rules" in README


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_a_row_and_a_sentence(rule) -> None:
    [row] = [line for line in document.table().splitlines() if line.startswith(f"| `{rule.name}` | ")]
    assert row.split(" | ")[1:3] == [rule.level, rule.what]
    assert rule.what.endswith(".") and len(rule.what) > 15


def test_the_examples_of_a_configuration_are_right() -> None:
    examples = re.findall(r"```json\n(.*?)```", PAGE, re.S)
    assert examples
    assert [configured.problems(example) for example in examples] == [[]] * len(examples)


def test_a_page_without_a_place_for_it_is_refused() -> None:
    with pytest.raises(ValueError):
        document.document("# Something else\n")
