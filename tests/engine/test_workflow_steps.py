"""Our own steps of the workflows, executed as a runner does, one after the other."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.engine.conftest import Project
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
    """A runner with a checkout of the program, and a server that stands in for the platform's API."""

    def __init__(self, project: Project, platform: Platform) -> None:
        self.project, self.platform = project, platform
        self.temporary = project.folder / "runner"
        self.temporary.mkdir()
        event = {"pull_request": {"number": 7, "head": {"sha": "4f2a9c81d0e7b6355a1c2b3d4e5f60718293a4b5"}}}
        (self.temporary / "event.json").write_text(json.dumps(event))

    def execute(self, workflow: str, job: str, step: str) -> tuple[subprocess.CompletedProcess[str], str]:
        """Execute one step, and return its result and its part of the run's summary."""
        step_, summary = workflows.step(workflow, job, step), self.temporary / "summary.md"
        summary.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step_.run],
            cwd=self.project.folder,
            check=False,
            capture_output=True,
            text=True,
            env={
                **self.project.environment(),
                "NO_PROXY": "*",
                "GITHUB_ACTIONS": "true",
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_API_URL": self.platform.address,
                "GITHUB_REPOSITORY": "shop/web",
                "RUNNER_TEMP": str(self.temporary),
                "GITHUB_EVENT_PATH": str(self.temporary / "event.json"),
                **{name: workflows.filled(value, VALUES) for name, value in step_.environment.items()},
            },
        )
        return done, summary.read_text()

    def pass_artifact(self) -> None:
        """Pass the preview from one job to the next."""
        (self.temporary / "preview").mkdir(exist_ok=True)
        shutil.move(self.project.folder / "preview.json", self.temporary / "preview" / "preview.json")

    def review(self) -> str:
        """Run the jobs of a pull request, and return its one comment."""
        done, summary = self.execute("pull-request.yml", "preview", "preview")
        assert done.returncode == 0, done.stderr
        assert summary.startswith(MARKER)
        self.pass_artifact()
        for step in ("comment", "judge"):
            done, summary = self.execute("pull-request.yml", "review", step)
            assert done.returncode == 0, done.stderr
        assert summary.startswith(MARKER)
        [body] = self.platform.bodies
        assert TOKEN not in done.stdout + done.stderr + body
        return body


@pytest.fixture(scope="module")
def checkout(project: Project) -> Iterator[Checkout]:
    """A runner that has deployed the target branch."""
    project.use_short_deadlines()
    project.write()
    with serving(Platform()) as platform:
        runner = Checkout(project, platform)
        done, _ = runner.execute("pull-request.yml", "preview", "base")
        assert done.returncode == 0, done.stderr
        yield runner


def secrets(project: Project) -> list[str]:
    """Return the generated value of the backend, encoded and in plain text."""
    items = project.kubectl("get", "secret", "-o", "json")["items"]
    [encoded] = [one["data"]["SESSION_KEY"] for one in items if "SESSION_KEY" in (one.get("data") or {})]
    return [encoded, base64.b64decode(encoded).decode()]


def test_a_pull_request_gets_a_preview_and_a_comment(checkout: Checkout) -> None:
    project = checkout.project
    assert "`dev`: nothing changes" in checkout.review()
    project.backend["environment"]["PODINFO_UI_MESSAGE"] = "changed"
    project.write()
    body = checkout.review()
    assert body.startswith(f"{MARKER}\n### 🔵 `dev`: **rolling restart**")
    assert "| `data.PODINFO_UI_MESSAGE` | `development` | `changed` |" in body
    assert (
        "| `spec.template.spec.containers[backend].envFrom[0].configMapRef.name`: `backend-service-environment-" in body
    )
    assert "Exit code 0: the effect stays below the threshold, *outage*" in body
    artifact = (checkout.temporary / "preview" / "preview.json").read_text()
    assert not [value for value in secrets(project) if value in artifact + body]


def test_a_rejected_change_is_reported_on_the_pull_request(checkout: Checkout) -> None:
    project = checkout.project
    project.backend["replicas"] = 1
    project.write()
    done, _ = checkout.execute("pull-request.yml", "preview", "preview")
    assert done.returncode == 2 and "ha-backend:backend.replicas: 1 leaves no pod" in done.stderr
    assert "Traceback" not in done.stderr
    checkout.pass_artifact()
    assert checkout.execute("pull-request.yml", "review", "comment")[0].returncode == 0
    assert checkout.execute("pull-request.yml", "review", "judge")[0].returncode == 1
    [body] = checkout.platform.bodies
    assert "not known, the preview is incomplete" in body and "backend.replicas: 1 leaves no pod" in body
    project.backend["replicas"] = 3
    project.write()


def test_main_is_deployed_and_does_not_drift_until_somebody_changes_the_cluster(checkout: Checkout) -> None:
    done, summary = checkout.execute("deploy.yml", "dev", "deploy")
    assert done.returncode == 0, done.stderr
    assert "**rolling restart**" in summary
    assert "`dev`: nothing changes" in checkout.review()
    done, summary = checkout.execute("drift.yml", "drift", "drift")
    assert done.returncode == 0 and "no drift" in summary, done.stderr
    checkout.project.kubectl(
        "patch", "service", "backend-service", "-p", '{"spec": {"externalTrafficPolicy": "Cluster"}}'
    )
    done, summary = checkout.execute("drift.yml", "drift", "drift")
    assert done.returncode != 0 and "`spec.externalTrafficPolicy`" in summary, done.stderr
