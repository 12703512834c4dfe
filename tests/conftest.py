"""Skips tests marked ``slow`` in a short run, by name, so that nobody takes them for passed."""

from __future__ import annotations

import os

import pytest

from tools.test import SHORT

_SKIPPED = pytest.mark.skip(reason="slow: nothing it would prove is proved by this run. Run `make test SUITE=engine`")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get(SHORT):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(_SKIPPED)
