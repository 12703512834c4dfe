"""`python -m ops.provider` prints the package's schema, as `pulumi package get-schema` does."""

from __future__ import annotations

import argparse
import json

from ops.provider.schema import schema


def main() -> None:
    """Print the schema."""
    argparse.ArgumentParser(prog="python -m ops.provider", description=__doc__).parse_args()
    print(json.dumps(schema(), indent=2))


if __name__ == "__main__":
    main()
