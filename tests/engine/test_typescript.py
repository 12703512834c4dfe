"""The example in TypeScript on the real engine: its SDK generated, compiled, and run to the end."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.engine.elsewhere import example, missing


def test_the_example_lives(tmp_path: Path) -> None:
    why = missing("pulumi-language-nodejs", "node", "npm")
    if not why and subprocess.run(["npm", "view", "@pulumi/pulumi", "version"], capture_output=True, check=False).returncode:
        why = "npm's registry does not answer"
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
