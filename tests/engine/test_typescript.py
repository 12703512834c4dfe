"""The example in TypeScript on the real engine: its SDK generated, compiled, and run to the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.engine.elsewhere import example, lives, missing, silent

# Codes of npm where there is no network, or no registry.
UNREACHABLE = re.compile(r"ENOTFOUND|ECONN(?:REFUSED|RESET)|E(?:AI_AGAIN|TIMEDOUT)|EHOSTUNREACH|E50[234]")
SDK = ["npm", "view", "@pulumi/pulumi", "version"]


def test_the_example_lives(tmp_path: Path) -> None:
    if why := missing("pulumi-language-nodejs", "node", "npm") or silent(SDK, UNREACHABLE, tmp_path):
        pytest.skip(f"{why}: that a program in TypeScript works is not proved by this run")
    lives(
        example("typescript", tmp_path), "index.ts", "autoscaling: { enabled: false }", "replicas: 3.5, port: 80", "3.5"
    )
