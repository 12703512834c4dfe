"""`make deploy` on the real engine: it does what was reviewed, and rolls back a release that fails.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import Project

GOOD = "ghcr.io/stefanprodan/podinfo:6.9.1"
BAD = "registry.invalid/backend:1"
# A pulumi that runs a command just before a plan is carried out, as another user might.
MEANWHILE = """#!/bin/sh
case "$*" in *--plan*) {meanwhile};; esac
exec {pulumi} "$@"
"""


@pytest.fixture(scope="module")
def first(project: Project) -> Iterator[subprocess.CompletedProcess[str]]:
    """The result of the first deployment of the stack."""
    project.use_short_deadlines()
    project.backend["image"] = GOOD
    project.write()
    result = project.command("deploy", "dev")
    assert result.returncode == 0, result.stdout[-5000:] + result.stderr[-5000:]
    yield result
    project.make("destroy")


@pytest.fixture(autouse=True)
def good_release(first: subprocess.CompletedProcess[str]) -> None:
    """Start each test with a good release. Each test leaves one, too."""


def release(project: Project, image: str) -> None:
    project.backend["image"] = image
    project.write()


def assert_unchanged(project: Project) -> None:
    """Assert that a preview with the good image shows no change."""
    release(project, GOOD)
    result = project.command("preview", "dev", "--expect-no-changes")
    assert result.returncode == 0, result.stdout
    assert re.search(r"18 unchanged", result.stdout), result.stdout
    assert not list((project.folder / ".ha-backend").glob("deploy-*"))


def deployment(project: Project) -> Any:
    return project.kubectl("get", "deployment", "backend-service", "-o", "json")


def updates(project: Project) -> list[Path]:
    return sorted((project.folder / ".ha-backend" / "state" / ".pulumi" / "history").rglob("*.history.json"))


def test_the_first_deployment_has_no_rollback_target_and_reports_it(
    project: Project, first: subprocess.CompletedProcess[str]
) -> None:
    assert "If this release fails, it cannot be rolled back: no release of this stack has succeeded yet" in first.stderr
    assert "continuing without a plan" in first.stderr and "3/3 Available" in first.stdout
    assert_unchanged(project)


@pytest.mark.parametrize(
    ("setting", "code", "message"),
    [
        (("ha-backend:backend", "replicas", 1), 1, "replicas: 1 leaves no pod when one is lost"),
        (("ha-backend:cluster", "nodesPerZone", 2), 14, "Rejected, and nothing was changed: outage"),
    ],
)
def test_invalid_settings_and_an_outage_are_rejected_before_anything_changes(
    project: Project, setting: tuple[str, str, Any], code: int, message: str
) -> None:
    group, key, value = setting
    before = updates(project)
    project.settings[group][key] = value
    project.write()
    result = project.command("deploy", "dev")
    del project.settings[group][key]
    assert result.returncode == code and message in result.stderr, result.stdout + result.stderr
    assert updates(project) == before
    assert_unchanged(project)


def test_a_failed_release_is_rolled_back_while_the_old_one_serves(project: Project) -> None:
    before = deployment(project)["metadata"]["uid"]
    release(project, BAD)
    with project.watching() as watch:
        result = project.command("deploy", "dev")
    output = result.stdout + result.stderr
    assert result.returncode == 20, output
    assert watch.least_endpoints >= 3
    assert re.search(r"pod backend-service-\w+-\w+: ImagePullBackOff", output) and "Traceback" not in output
    assert "violates plan" not in output
    assert f"was deployed again and keeps its promise. Serving now: 3 pods of {GOOD}." in output
    now = deployment(project)
    assert now["metadata"]["uid"] == before and now["spec"]["template"]["spec"]["containers"][0]["image"] == GOOD
    assert_unchanged(project)


@pytest.mark.slow
def test_a_killed_rollback_is_completed_by_the_next_run(project: Project) -> None:
    release(project, BAD)
    with project.watching() as watch:
        running = project.start_command("deploy", "dev")
        for line in running.stdout or ():
            if "Rolling back to the last good one" in line:
                break
        time.sleep(4)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        release(project, GOOD)
        result = project.command("deploy", "dev")
    assert result.returncode == 0, result.stdout + result.stderr
    assert watch.least_endpoints >= 3
    assert deployment(project)["spec"]["template"]["spec"]["containers"][0]["image"] == GOOD
    assert_unchanged(project)


@pytest.mark.slow
def test_a_killed_deployment_can_be_reverted_manually(project: Project) -> None:
    before = deployment(project)["metadata"]["generation"]
    release(project, BAD)
    running = project.start_command("deploy", "dev")
    deadline = time.monotonic() + 120
    while deployment(project)["metadata"]["generation"] == before:
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    release(project, GOOD)  # the engine's state still has this image, so it would see no change
    result = project.command("deploy", "dev")
    assert result.returncode == 0, result.stdout + result.stderr
    assert deployment(project)["spec"]["template"]["spec"]["containers"][0]["image"] == GOOD
    assert_unchanged(project)


@pytest.mark.slow
def test_a_plan_is_rejected_if_the_cluster_changed_since_the_preview(project: Project, tmp_path: Path) -> None:
    folder = project.cluster.folder
    (tmp_path / "pulumi").write_text(
        MEANWHILE.format(
            pulumi=shutil.which("pulumi"),
            meanwhile=f"'{project.folder}/venv/bin/python' -c 'from pathlib import Path; "
            f'from components.devcluster import processes; processes.kill(Path("{folder}"))\' || exit 99',
        )
    )
    (tmp_path / "pulumi").chmod(0o755)
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = "planned"
    project.write()
    result = project.command("deploy", "dev", pulumi=tmp_path)
    assert result.returncode == 22, result.stdout + result.stderr
    assert "The plan was rejected, and nothing was changed" in result.stderr
    again = project.command("deploy", "dev")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "3/3 Available" in again.stdout
    assert_unchanged(project)
