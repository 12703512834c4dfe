"""The reference of the policy rules: generated from the rules, with a row and a sentence for each."""

from __future__ import annotations

import pytest

from policy import document
from policy.rule import Rule
from policy.rules import RULES


def test_the_page_states_the_number_of_rules() -> None:
    page = document.policy_page()
    assert page.startswith(f"The policy pack has {len(RULES)} rules.")
    assert page.endswith(document.table())
    assert len([line for line in page.splitlines() if line.startswith("| `")]) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_a_row_and_a_sentence(rule: Rule) -> None:
    [row] = [line for line in document.table().splitlines() if line.startswith(f"| `{rule.name}` | ")]
    assert row.split(" | ")[1:3] == [rule.level, rule.description]
    assert rule.description.endswith(".") and len(rule.description) > 15
