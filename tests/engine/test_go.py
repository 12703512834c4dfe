"""The example in Go on the real engine: its SDK is generated and compiled, and the program runs to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster.crds import UNREACHABLE
from tests.engine.user_program import assert_example_works, example, missing, no_registry

pytestmark = pytest.mark.slow

SDK = ["go", "list", "-m", "-versions", "github.com/pulumi/pulumi/sdk/v3"]


def test_the_example_works(tmp_path: Path) -> None:
    if why := missing("pulumi-language-go", "go") or no_registry(SDK, UNREACHABLE, tmp_path):
        pytest.skip(f"{why}: that a program in Go works is not tested by this run")
    assert_example_works(
        example("go", tmp_path),
        "main.go",
        "Autoscaling:  &habackend.AutoscalingArgs{Enabled: pulumi.BoolRef(false)},",
        "Replicas: pulumi.IntRef(0), Port: pulumi.IntRef(70000),",
        "0",
    )
