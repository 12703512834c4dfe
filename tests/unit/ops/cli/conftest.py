"""Fixtures of the commands: a project without a configured backend, and a stack with a recording engine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.fake_stack import BAD, GOOD, FakeStack, preview, update


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with a stack file, of a user who has configured no backend."""
    for name in list(os.environ):
        if name.startswith("PULUMI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    return tmp_path


@pytest.fixture
def stack(project: Path) -> FakeStack:
    """A stack with a good release, whose stack file has another image."""
    stack = FakeStack(project)
    stack.write(BAD)
    stack.engine.set(history=[update(GOOD)], preview=preview())
    return stack
