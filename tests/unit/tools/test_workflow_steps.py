"""The small steps of the workflows, carried out: what they write, with which permissions, what they let through."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.support import workflows


def carry_out(home: Path, workflow: str, job: str, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """As a runner does, which stops at the first command that fails."""
    found = workflows.step(workflow, job, step)
    assert set(found.environment) <= set(variables)
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "RUNNER_TEMP": str(home),
        "GITHUB_ENV": str(home / "env"),
        "GITHUB_STEP_SUMMARY": str(home / "summary"),
        **variables,
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found.run],
        cwd=home,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_kubeconfig_is_its_owner_s_alone_and_is_not_printed(tmp_path: Path) -> None:
    content = 'kind: Config\nusers: [{name: it\'s, token: "$(id) `id` %s"}]'
    done = carry_out(tmp_path, "cluster-access", "runs", "kubeconfig", CONTENT=content)
    file = tmp_path / ".kube" / "config"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (file.read_text(), mode(file), mode(file.parent)) == (f"{content}\n", 0o600, 0o700)


def test_a_passphrase_lies_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    done = carry_out(tmp_path, "cluster-access", "runs", "state", BACKEND="s3://state", PASSPHRASE="only in this test")
    file = tmp_path / "passphrase"
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (file.read_text(), mode(file)) == ("only in this test", 0o600)
    assert (tmp_path / "env").read_text() == f"PULUMI_BACKEND_URL=s3://state\nPULUMI_CONFIG_PASSPHRASE_FILE={file}\n"


def test_without_a_passphrase_the_cloud_s_key_is_used(tmp_path: Path) -> None:
    assert carry_out(tmp_path, "cluster-access", "runs", "state", BACKEND="gs://state", PASSPHRASE="").returncode == 0
    assert (tmp_path / "env").read_text() == "PULUMI_BACKEND_URL=gs://state\n"
    assert not (tmp_path / "passphrase").exists()


@pytest.mark.parametrize(
    ("results", "fine"),
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
def test_a_pull_request_is_fine_when_both_jobs_are_or_none_ran(tmp_path: Path, results: str, fine: bool) -> None:
    assert (carry_out(tmp_path, "pull-request.yml", "verdict", "verdict", RESULTS=results).returncode == 0) is fine


def test_a_fork_is_told_that_there_is_no_preview(tmp_path: Path) -> None:
    done = carry_out(tmp_path, "pull-request.yml", "no-preview", "say")
    assert done.stdout.startswith("::warning::The preview was not run")
    assert "pushing the commit to a branch of this repository" in (tmp_path / "summary").read_text()
