"""The example in Go on the real engine: its SDK generated, compiled, and run to the end."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cluster.crds import UNREACHABLE
from tests.engine.elsewhere import example, missing


def test_the_example_lives(tmp_path: Path) -> None:
    why = missing("pulumi-language-go", "go")
    if not why:
        asked = subprocess.run(["go", "list", "-m", "-versions", "github.com/pulumi/pulumi/sdk/v3"], cwd=tmp_path,
                               capture_output=True, text=True, check=False)
        if asked.returncode and UNREACHABLE.search(asked.stderr):
            why = f"Go's modules cannot be had ({' '.join(asked.stderr.split())[:200]})"
        else:
            assert asked.returncode == 0, asked.stderr
    if why:
        pytest.skip(f"{why}: that a program in Go works is not proved by this run")
    shop = example("go", tmp_path)
    shop.done("install")
    shop.done("stack", "init", "dev")
    try:
        shop.up()
        assert shop.outputs()["proven"] is True
        shop.unchanged()
        program = shop.folder / "main.go"
        good = program.read_text()
        program.write_text(good.replace("Autoscaling:  &habackend.AutoscalingArgs{Enabled: pulumi.BoolRef(false)},",
                                        "Replicas: pulumi.IntRef(0), Port: pulumi.IntRef(80),"))
        done = shop.pulumi("preview", "--stack", "dev")
        said = done.stdout + done.stderr
        assert done.returncode != 0
        assert "web.replicas: 0 is wrong; right would be a whole number" in said and "web.port: 80 is wrong" in said
        program.write_text(good)
    finally:
        shop.done("destroy", "--yes", "--stack", "dev")
    assert not shop.resources() and not (shop.folder / ".ha-backend").exists()
