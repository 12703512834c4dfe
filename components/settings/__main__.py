"""`python -m components.settings write` writes settings.schema.json; `check` fails if it is out of date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .generated_files import keep
from .json_schema import SCHEMA, schema_file

COMMAND = "venv/bin/python -m components.settings write"


def main() -> int:
    """Return the exit code: 1 if ``check`` finds the file out of date."""
    parser = argparse.ArgumentParser(prog="python -m components.settings", description=__doc__)
    parser.add_argument("command", choices=("write", "check"))
    folder = Path(__file__).parent.parent.parent
    return keep(parser.parse_args().command, {folder / SCHEMA: schema_file()}, COMMAND)


sys.exit(main())
