"""The steps of the workflows that are ours, taken out of their files and carried out as a runner does, one after the other."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.conftest import PROJECT, Project
from tests.support import workflows
from tests.support.code_hosts import TOKEN, Platform, serving

VALUES = {
    "matrix.stack": "dev",
    "inputs.accept || 'weaker'": "weaker",
    "vars.REVIEW_FAIL_ON || 'outage'": "outage",
    "github.token": TOKEN,
}
MARKER = "<!-- ha-backend review: ha-backend/dev -->"


class Checkout:
    """A runner with a checkout of the program, and a stand-in for the platform's API."""

    def __init__(self, project: Project, platform: Platform) -> None:
        self.project, self.platform = project, platform
        shutil.copytree(PROJECT / "comment", project.folder / "comment")
        self.temporary = project.folder / "runner"
        self.temporary.mkdir()
        event = {"pull_request": {"number": 7, "head": {"sha": "4f2a9c81d0e7b6355a1c2b3d4e5f60718293a4b5"}}}
        (self.temporary / "event.json").write_text(json.dumps(event))

    def carry_out(self, workflow: str, job: str, step: str) -> tuple[subprocess.CompletedProcess[str], str]:
        """One step; what became of it, and its part of the run's summary."""
        found, summary = workflows.step(workflow, job, step), self.temporary / "summary.md"
        summary.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found.run],
            cwd=self.project.folder,
            check=False,
            capture_output=True,
            text=True,
            env={
                **self.project._surroundings(),
                "NO_PROXY": "*",
                "GITHUB_ACTIONS": "true",
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_API_URL": self.platform.address,
                "GITHUB_REPOSITORY": "shop/web",
                "RUNNER_TEMP": str(self.temporary),
                "GITHUB_EVENT_PATH": str(self.temporary / "event.json"),
                **{name: workflows.filled(value, VALUES) for name, value in found.environment.items()},
            },
        )
        return done, summary.read_text()

    def hand_on(self) -> None:
        """The artifact, from one job to the next."""
        (self.temporary / "preview").mkdir(exist_ok=True)
        shutil.move(self.project.folder / "preview.json", self.temporary / "preview" / "preview.json")

    def reviewed(self) -> str:
        """The jobs of a pull request; its one comment."""
        done, summary = self.carry_out("pull-request.yml", "preview", "preview")
        assert done.returncode == 0, done.stderr
        assert summary.startswith(MARKER)
        self.hand_on()
        for step in ("comment", "judge"):
            done, summary = self.carry_out("pull-request.yml", "review", step)
            assert done.returncode == 0, done.stderr
        assert summary.startswith(MARKER)
        [body] = self.platform.bodies
        assert TOKEN not in done.stdout + done.stderr + body
        return body


@pytest.fixture(scope="module")
def checkout(project: Project) -> Iterator[Checkout]:
    project.impatient()
    project.write()
    with serving(Platform()) as platform:
        made = Checkout(project, platform)
        done, _ = made.carry_out("pull-request.yml", "preview", "base")
        assert done.returncode == 0, done.stderr
        yield made


def secrets(project: Project) -> list[str]:
    """What was generated for the backend, in clear, as only the cluster has it."""
    found = project.kubectl("get", "secret", "-o", "json")["items"]
    [encoded] = [one["data"]["SESSION_KEY"] for one in found if "SESSION_KEY" in (one.get("data") or {})]
    return [encoded, base64.b64decode(encoded).decode()]


def test_a_pull_request_is_previewed_and_commented_on(checkout: Checkout) -> None:
    project = checkout.project
    assert "`dev`: nothing changes" in checkout.reviewed()
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = "changed"
    project.write()
    body = checkout.reviewed()
    assert body.startswith(f"{MARKER}\n### 🔵 `dev`: **rolling restart**")
    assert "| `data.PODINFO_UI_MESSAGE` | `development` | `changed` |" in body
    assert (
        "| `spec.template.spec.containers[backend].envFrom[0].configMapRef.name`: `backend-service-environment-" in body
    )
    assert "Exit code 0: it stays below the threshold, *outage*" in body
    kept = (checkout.temporary / "preview" / "preview.json").read_text()
    assert not [value for value in secrets(project) if value in kept + body]


def test_a_change_that_the_program_refuses_is_said_on_the_pull_request(checkout: Checkout) -> None:
    project = checkout.project
    project.backend["replicas"] = 1
    project.write()
    done, _ = checkout.carry_out("pull-request.yml", "preview", "preview")
    assert done.returncode == 2 and "ha-backend:backend.replicas: 1 leaves no pod" in done.stderr
    assert "Traceback" not in done.stderr
    checkout.hand_on()
    assert checkout.carry_out("pull-request.yml", "review", "comment")[0].returncode == 0
    assert checkout.carry_out("pull-request.yml", "review", "judge")[0].returncode == 1
    [body] = checkout.platform.bodies
    assert "not known, the preview is not complete" in body and "backend.replicas: 1 leaves no pod" in body
    project.backend["replicas"] = 3
    project.write()


@pytest.mark.skipif("\nup deploy" not in Path(PROJECT / "Makefile").read_text(), reason="make deploy is not here yet")
def test_what_has_landed_is_deployed_and_does_not_drift_until_somebody_changes_it(checkout: Checkout) -> None:
    done, summary = checkout.carry_out("deploy.yml", "dev", "deploy")
    assert done.returncode == 0, done.stderr
    assert "**rolling restart**" in summary
    assert "`dev`: nothing changes" in checkout.reviewed()
    done, summary = checkout.carry_out("drift.yml", "drift", "drift")
    assert done.returncode == 0 and "no drift" in summary, done.stderr
    checkout.project.kubectl(
        "patch", "service", "backend-service", "-p", '{"spec": {"externalTrafficPolicy": "Cluster"}}'
    )
    done, summary = checkout.carry_out("drift.yml", "drift", "drift")
    assert done.returncode != 0 and "`spec.externalTrafficPolicy`" in summary, done.stderr
