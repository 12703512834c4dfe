"""The example in TypeScript on the real engine: its SDK is generated and compiled, and the program runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.engine.user_program import assert_example_works, example, missing, no_registry

# Error codes of npm without a network or a registry.
UNREACHABLE = re.compile(r"ENOTFOUND|ECONN(?:REFUSED|RESET)|E(?:AI_AGAIN|TIMEDOUT)|EHOSTUNREACH|E50[234]")
SDK = ["npm", "view", "@pulumi/pulumi", "version"]

pytestmark = pytest.mark.slow


def test_the_example_works(tmp_path: Path) -> None:
    if why := missing("pulumi-language-nodejs", "node", "npm") or no_registry(SDK, UNREACHABLE, tmp_path):
        pytest.skip(f"{why}: that a program in TypeScript works is not tested by this run")
    assert_example_works(
        example("typescript", tmp_path),
        "index.ts",
        "autoscaling: { enabled: false }",
        "replicas: 3.5, port: 70000",
        "3.5",
    )
