"""Orders the files of a suite."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


def longest_first(items: list[pytest.Item], names: Sequence[str]) -> None:
    """Start the slowest files first, so that none runs alone at the end. ``names`` are file names without ``test_``."""
    ranks = {f"test_{name}": rank for rank, name in enumerate(names)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(ranks)))
