"""Skips tests marked ``slow`` in a short run, by name, so that nobody takes them for passed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.test import SHORT

_REASON = "slow: nothing it would prove is proved by this run. Run `make test SUITE={}`"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get(SHORT):
        for item in items:
            if item.get_closest_marker("slow"):
                suite = item.path.relative_to(Path(__file__).parent).parts[0]
                item.add_marker(pytest.mark.skip(reason=_REASON.format(suite)))
