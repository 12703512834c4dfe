"""In which order the files of a suite are begun."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


def longest_first(items: list[pytest.Item], names: Sequence[str]) -> None:
    """Those that take longest first, so that none is left running alone at the end; ``names`` of files without ``test_``."""
    order = {f"test_{name}": place for place, name in enumerate(names)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))
