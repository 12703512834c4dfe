"""The folder of the clones, and the cluster of the cluster suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.conftest import cluster, kubectl, pytest_generate_tests

__all__ = ["clones", "cluster", "kubectl", "pytest_generate_tests"]


@pytest.fixture(scope="session")
def clones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the clones."""
    return tmp_path_factory.mktemp("corpus")
