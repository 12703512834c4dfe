"""The small steps of the workflows, executed: what they write, with which permissions, and what they accept."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.support import workflows


def execute(home: Path, workflow: str, job: str, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Execute a step as a runner does, which stops at the first command that fails."""
    step_ = workflows.step(workflow, job, step)
    assert set(step_.environment) <= set(variables)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "RUNNER_TEMP": str(home),
        "GITHUB_ENV": str(home / "env"),
        "GITHUB_STEP_SUMMARY": str(home / "summary"),
        **variables,
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step_.run],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_kubeconfig_is_readable_by_its_owner_only_and_is_not_printed(tmp_path: Path) -> None:
    content = 'kind: Config\nusers: [{name: it\'s, token: "$(id) `id` %s"}]'
    done = execute(tmp_path, "cluster-access", "runs", "kubeconfig", CONTENT=content)
    file = tmp_path / ".kube" / "config"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (file.read_text(), mode(file), mode(file.parent)) == (f"{content}\n", 0o600, 0o700)


def test_a_passphrase_is_in_a_file_for_its_owner_only(tmp_path: Path) -> None:
    done = execute(tmp_path, "cluster-access", "runs", "state", BACKEND="s3://state", PASSPHRASE="only in this test")
    file = tmp_path / "passphrase"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (file.read_text(), mode(file)) == ("only in this test", 0o600)
    assert (tmp_path / "env").read_text() == f"PULUMI_BACKEND_URL=s3://state\nPULUMI_CONFIG_PASSPHRASE_FILE={file}\n"


def test_without_a_passphrase_the_cloud_s_key_is_used(tmp_path: Path) -> None:
    assert execute(tmp_path, "cluster-access", "runs", "state", BACKEND="gs://state", PASSPHRASE="").returncode == 0
    assert (tmp_path / "env").read_text() == "PULUMI_BACKEND_URL=gs://state\n"
    assert not (tmp_path / "passphrase").exists()


@pytest.mark.parametrize(
    ("results", "passes"),
    [
        ("success success", True),
        ("skipped skipped", True),
        ("failure success", False),
        ("success failure", False),
        ("success skipped", False),
        ("cancelled skipped", False),
        ("success cancelled", False),
        ("", False),
    ],
)
def test_a_pull_request_passes_if_both_jobs_pass_or_none_ran(tmp_path: Path, results: str, passes: bool) -> None:
    assert (execute(tmp_path, "pull-request.yml", "verdict", "verdict", RESULTS=results).returncode == 0) is passes


def test_a_fork_s_run_reports_that_there_is_no_preview(tmp_path: Path) -> None:
    done = execute(tmp_path, "pull-request.yml", "no-preview", "report")
    assert done.stdout.startswith("::warning::The preview did not run")
    assert "push the commit to a branch of this repository" in (tmp_path / "summary").read_text()
