"""`python -m tools.contract write` records the contract; `check` compares this tree with the record."""

from __future__ import annotations

import argparse
import json
import sys

from .compare import breaches, unrecorded
from .record import RECORD, contract


def main() -> int:
    """Return 1 if the contract is broken, or if something new is not recorded."""
    parser = argparse.ArgumentParser(prog="python -m tools.contract", description=__doc__)
    parser.add_argument("command", choices=("write", "check"))
    now = contract()
    if parser.parse_args().command == "write":
        RECORD.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
        return 0
    recorded = json.loads(RECORD.read_text())
    problems = [*breaches(recorded, now), *unrecorded(recorded, now)]
    print("\n".join(problems) or "the contract holds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
