"""An upgrade on the real engine: this tree neither replaces nor deletes what the last release created."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lab.testbed import checkout
from tests.engine.conftest import PROJECT, Project


def git(*words: str) -> bytes | None:
    """Return the output of git, or None if it fails or there is no repository."""
    done = subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Project]:
    """A checkout of the last release with its own stack."""
    tag = (
        os.environ.get("HA_BACKEND_UPGRADE_FROM", "")
        or (git("describe", "--tags", "--abbrev=0", "HEAD^") or b"").decode()
    )
    tag = tag.strip()
    archive = git("archive", tag) if tag else None
    assert archive or not os.environ.get("HA_BACKEND_UPGRADE_FROM"), (
        f"HA_BACKEND_UPGRADE_FROM: there is no commit {tag!r} here"
    )
    if archive is None:
        pytest.skip(
            f"there is no release to upgrade from ({tag or 'no tag'}): name a commit in HA_BACKEND_UPGRADE_FROM. That "
            "an upgrade replaces nothing is tested by tests/unit/tools/test_contract.py alone"
        )
    made = Project(tmp_path / "project")
    for package in checkout.PACKAGES:  # the old release must not use packages of this tree
        shutil.rmtree(made.folder / package)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        tree.extractall(made.folder, filter="data")
    made.settings = yaml.safe_load((made.folder / "Pulumi.dev.yaml").read_text())["config"]
    yield made
    made.cluster.delete()


def test_nothing_is_replaced_or_deleted(older: Project) -> None:
    older.use_short_deadlines()
    stack = older.stack()
    stack.up()
    try:
        checkout.copy(PROJECT, older.folder)
        older.write()
        assert set(stack.preview().change_summary) <= {"same", "update", "create"}
    finally:
        stack.destroy()
