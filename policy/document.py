"""`python -m policy.document write` writes the table of rules into docs/policy.md; `check` tells whether it is up to date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from policy.rule import Rule
from policy.rules import RULES

PAGE = Path(__file__).parent.parent / "docs" / "policy.md"
BEGIN, END = "<!-- policy:begin -->", "<!-- policy:end -->"
COMMAND = "venv/bin/python -m policy.document write"


def table() -> str:
    """A Markdown table with a row for every rule, in the pack's order."""
    rows = [f"| `{rule.name}` | {rule.level} | {rule.what} | {_more(rule)} |" for rule in RULES]
    return "\n".join(["| rule | level | says | can be set |", "|---|---|---|---|", *rows]) + "\n"


def _more(rule: Rule) -> str:
    values = [
        f"`{key}`: {parameter.what.rstrip('.').lower()}; {_default(parameter.default)}"
        for key, parameter in rule.parameters.items()
    ]
    return ", ".join([*values, *(["`remediate`"] if rule.remedy else [])])


def _default(value: object) -> str:
    return f"`[{', '.join(value)}]`" if isinstance(value, list) else f"`{value}`"


def document(text: str) -> str:
    """The page with the table as it should be. Raises ValueError where it has no place for it."""
    before, rest = text.split(f"{BEGIN}\n")
    _, after = rest.split(f"{END}\n")
    return f"{before}{BEGIN}\n{table()}{END}\n{after}"


def main() -> int:
    """Exit code 1 where the page is stale, or has no place for the table."""
    parser = argparse.ArgumentParser(prog="python -m policy.document", description=__doc__)
    parser.add_argument("command", choices=("write", "check"))
    command, text = parser.parse_args().command, PAGE.read_text()
    try:
        wanted = document(text)
    except ValueError:
        print(f"{PAGE.name}: must hold the lines {BEGIN} and {END}, once and in this order", file=sys.stderr)
        return 1
    if wanted == text:
        return 0
    if command == "check":
        print(f"{PAGE.name}: not what the rules say any more; run: {COMMAND}", file=sys.stderr)
        return 1
    PAGE.write_text(wanted)
    print(f"{PAGE.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
