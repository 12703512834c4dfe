"""Write the reference page of the rules. The documentation is built from it."""

from __future__ import annotations

from policy.rule import Rule
from policy.rules import RULES


def policy_page() -> str:
    """Return the reference of the rules as Markdown: their number, and a table with a row for every rule."""
    intro = (
        f"The policy pack has {len(RULES)} rules. `remediate` in the last column marks a rule that can fix a resource."
    )
    return f"{intro}\n\n{table()}"


def table() -> str:
    """Return a Markdown table with a row for every rule, in the order of the pack."""
    rows = [f"| `{rule.name}` | {rule.level} | {rule.description} | {_options(rule)} |" for rule in RULES]
    return "\n".join(["| Rule | Level | Requirement | Configurable |", "|---|---|---|---|", *rows]) + "\n"


def _options(rule: Rule) -> str:
    values = [
        f"`{key}`: {parameter.description.rstrip('.').lower()}; default {_default(parameter.default)}"
        for key, parameter in rule.parameters.items()
    ]
    return ", ".join([*values, *(["`remediate`"] if rule.remedy else [])])


def _default(value: object) -> str:
    return f"`[{', '.join(value)}]`" if isinstance(value, list) else f"`{value}`"
