"""`python -m ops.provider write` writes docs/components.md; `check` tells whether it is up to date; `schema` prints the schema."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from components.settings.generated_files import keep
from ops.provider.reference import COMMAND, COMPONENTS, document
from ops.provider.schema import schema


def main() -> int:
    """Returns the exit code: 1 where the page is stale."""
    parser = argparse.ArgumentParser(prog="python -m ops.provider", description=__doc__)
    parser.add_argument("command", choices=("write", "check", "schema"))
    command = parser.parse_args().command
    if command == "schema":
        print(json.dumps(schema(), indent=2))
        return 0
    return keep(command, {Path(__file__).parent.parent.parent / COMPONENTS: document()}, COMMAND)


if __name__ == "__main__":
    sys.exit(main())
