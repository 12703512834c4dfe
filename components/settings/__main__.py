"""`python -m components.settings write` writes what is generated from the settings; `check` tells whether it is up to date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .generated_files import keep
from .reference import DocumentError, documents

COMMAND = "venv/bin/python -m components.settings write"


def main() -> int:
    """Returns the exit code: 1 where a generated file is stale or cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m components.settings", description=__doc__)
    parser.add_argument("command", choices=("write", "check"))
    command = parser.parse_args().command
    try:
        wanted = documents(Path(__file__).parent.parent.parent)
    except DocumentError as error:
        print(error, file=sys.stderr)
        return 1
    return keep(command, wanted, COMMAND)


sys.exit(main())
