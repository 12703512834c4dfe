"""The example in TypeScript on the real engine: its SDK generated, compiled, and run to the end."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.engine.elsewhere import example, missing

# Codes of npm where there is no network, or no registry.
UNREACHABLE = re.compile(r"ENOTFOUND|ECONN(?:REFUSED|RESET)|E(?:AI_AGAIN|TIMEDOUT)|EHOSTUNREACH|E50[234]")


def test_the_example_lives(tmp_path: Path) -> None:
    why = missing("pulumi-language-nodejs", "node", "npm")
    if not why:
        asked = subprocess.run(["npm", "view", "@pulumi/pulumi", "version"], capture_output=True, text=True, check=False)
        if asked.returncode and UNREACHABLE.search(asked.stderr):
            why = f"npm's registry does not answer ({' '.join(asked.stderr.split())[:200]})"
        else:
            assert asked.returncode == 0, asked.stderr
    if why:
        pytest.skip(f"{why}: that a program in TypeScript works is not proved by this run")
    shop = example("typescript", tmp_path)
    shop.done("install")
    shop.done("stack", "init", "dev")
    try:
        shop.up()
        assert shop.outputs()["proven"] is True
        shop.unchanged()
        bad = shop.folder / "index.ts"
        good = bad.read_text()
        bad.write_text(good.replace("autoscaling: { enabled: false }", "replicas: 3.5, port: 80"))
        done = shop.pulumi("preview", "--stack", "dev")
        said = done.stdout + done.stderr
        assert done.returncode != 0
        assert "web.replicas: 3.5 is wrong; right would be a whole number" in said and "web.port: 80 is wrong" in said
        bad.write_text(good)
    finally:
        shop.done("destroy", "--yes", "--stack", "dev")
    assert not shop.resources() and not (shop.folder / ".ha-backend").exists()
