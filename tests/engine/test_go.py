"""The example in Go on the real engine: its SDK generated, compiled, and run to the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.crds import UNREACHABLE
from tests.engine.elsewhere import example, lives, missing, silent

SDK = ["go", "list", "-m", "-versions", "github.com/pulumi/pulumi/sdk/v3"]


def test_the_example_lives(tmp_path: Path) -> None:
    if why := missing("pulumi-language-go", "go") or silent(SDK, UNREACHABLE, tmp_path):
        pytest.skip(f"{why}: that a program in Go works is not proved by this run")
    lives(
        example("go", tmp_path),
        "main.go",
        "Autoscaling:  &habackend.AutoscalingArgs{Enabled: pulumi.BoolRef(false)},",
        "Replicas: pulumi.IntRef(0), Port: pulumi.IntRef(80),",
        "0",
    )
