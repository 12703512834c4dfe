"""The wheel on the real engine, installed outside the checkout next to a module named like one of its packages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.conftest import PROJECT
from tests.engine.user_program import Program, own_virtualenv

pytestmark = pytest.mark.slow

MAIN = """\
import pulumi

import settings  # the program's own
from ha_backend import Cluster, HighlyAvailableBackend

cluster = Cluster("cluster", {"kind": "local"})
backend = HighlyAvailableBackend(
    "web", {"image": settings.IMAGE, "autoscaling": {"enabled": False}, "loadBalancer": {"healthCheckSeconds": 5},
            "shutdown": {"deregistrationSeconds": 8, "drainSeconds": 1}},
    cluster=cluster.facts, connection=cluster.connection, opts=pulumi.ResourceOptions(providers=[cluster.provider]))
pulumi.export("verified", backend.verified)
"""


def test_a_program_with_the_wheel_works(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(wheels), str(PROJECT)],
        capture_output=True,
        text=True,
        check=False,
    )
    # "none": no index answers. If other versions exist, the required one is wrong.
    if built.returncode and re.search(r"requirement hatchling.*\(from versions: none\)", built.stdout + built.stderr):
        pytest.skip("no package index gives hatchling: that the wheel works is not tested by this run")
    assert built.returncode == 0, built.stderr[-3000:]
    (wheel,) = wheels.glob("ha_backend-*.whl")

    folder = tmp_path / "user"
    folder.mkdir()
    own_virtualenv(folder)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "venv")]
    subprocess.run([*pip, "install", "--no-deps", "--quiet", str(wheel)], check=True)
    (folder / "Pulumi.yaml").write_text(
        "name: user\nruntime: {name: python, options: {toolchain: pip, virtualenv: venv}}\n"
    )
    (folder / "settings.py").write_text('IMAGE = "ghcr.io/stefanprodan/podinfo:6.9.1"\n')
    (folder / "__main__.py").write_text(MAIN)
    program = Program(folder, tmp_path / "state")
    program.output("stack", "init", "dev")
    try:
        program.up()
        assert program.outputs()["verified"] is True
        program.assert_unchanged()
    finally:
        program.output("destroy", "--yes", "--stack", "dev")
    assert not program.resources() and not list((folder / ".ha-backend" / "clusters").glob("dev*"))
