"""`python -m ops.review.publish`: from a saved preview to a comment, and the input that it rejects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.review.publish.ci_context import CiContextError, detect
from tests.support.code_hosts import TOKEN, Platform, serving
from tests.support.review_previews import SCALED_TO_ZERO

PROJECT = Path(__file__).parent.parent.parent.parent.parent.parent
SHA = "4f2a9c81d0e7b6355a1c2b3d4e5f60718293a4b5"


@pytest.fixture
def platform() -> Iterator[Platform]:
    with serving(Platform(login="github-actions[bot]")) as platform:
        yield platform


def on_github(platform: Platform, folder: Path) -> dict[str, str]:
    """Return the variables of a run of GitHub Actions for pull request 7."""
    event = folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": SHA}}}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": "shop/web",
        "GITHUB_RUN_ID": "99",
        "GITHUB_API_URL": platform.address,
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_SERVER_URL": "https://github.example",
    }


def on_gitlab(platform: Platform, _: Path) -> dict[str, str]:
    return {
        "GITLAB_CI": "true",
        "GITLAB_TOKEN": TOKEN,
        "CI_API_V4_URL": platform.address,
        "CI_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_PROJECT_URL": "https://gitlab.example/shop/web",
        "CI_COMMIT_SHA": SHA,
        "CI_PIPELINE_URL": "https://github.example/shop/web/actions/runs/99",
    }


def run(variables: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ops.review.publish", *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*", **variables},
    )
    assert TOKEN not in done.stdout + done.stderr and "Traceback" not in done.stderr
    return done


def saved(folder: Path, content: object = SCALED_TO_ZERO) -> str:
    file = folder / "preview.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(file)


@pytest.mark.parametrize("on", [on_github, on_gitlab])
def test_the_review_is_published_and_updated(
    platform: Platform, tmp_path: Path, on: Callable[[Platform, Path], dict[str, str]]
) -> None:
    variables = on(platform, tmp_path)
    done = run(variables, "--stack", "dev", saved(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("the comment on dev: https://")
    [body] = platform.bodies
    assert body.startswith("<!-- ha-backend review: ha-backend/dev -->\n### 🔴 `dev`: **outage**\n")
    assert "<sub>commit `4f2a9c81d0` · [the run](https://github.example/shop/web/actions/runs/99)</sub>" in body
    assert (
        run(
            variables, "--stack", "dev", saved(tmp_path, json.dumps(SCALED_TO_ZERO).replace("update", "same"))
        ).returncode
        == 0
    )
    assert len(platform.bodies) == 1 and "`dev`: nothing changes\n\n<sub>commit" in platform.bodies[0]


def test_a_missing_preview_replaces_an_old_comment(platform: Platform, tmp_path: Path) -> None:
    variables = on_github(platform, tmp_path)
    run(variables, "--stack", "dev", saved(tmp_path))
    done = run(variables, "--stack", "dev", str(tmp_path / "none.json"))
    assert done.returncode == 1 and done.stderr == (
        "error: none.json cannot be read, so there is no preview: No such file or directory [review-file-unreadable]\n"
    )
    [body] = platform.bodies
    assert "`dev`: not known, the preview is incomplete" in body and "outage" not in body


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "preview.json is not a preview: line 1"),
        ("[" * 100_000, "preview.json is not a preview"),
        (
            '{"steps": [{"op": "update", "urn": "urn:pulumi:dev::ha-backend::kubernetes:apps/v1:Deployment::web", '
            '"oldState": {"inputs": [1]}, "newState": {"inputs": 7}}]}',
            "preview.json is not a valid preview",
        ),
        (
            json.dumps(SCALED_TO_ZERO).replace("pulumi:dev", "pulumi:prod"),
            "preview.json is a preview of ha-backend/prod",
        ),
        (json.dumps(SCALED_TO_ZERO).replace("::ha-backend::", "::shop::"), "preview.json is a preview of shop/dev"),
        (
            json.dumps(SCALED_TO_ZERO) + " " * 20_000_000,
            "Use a file of at most 20000000 bytes. [preview-file-rejected]",
        ),
    ],
)
def test_an_invalid_file_cannot_influence_the_comment(
    platform: Platform, tmp_path: Path, content: str, reason: str
) -> None:
    done = run(on_github(platform, tmp_path), "--stack", "dev", saved(tmp_path, content))
    assert done.returncode == 1 and reason in done.stderr
    [body] = platform.bodies
    assert (
        body.startswith("<!-- ha-backend review: ha-backend/dev -->\n### ⚪ `dev`: not known") and "outage" not in body
    )


def test_a_link_is_not_followed(platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(saved(tmp_path))
    done = run(on_github(platform, tmp_path), "--stack", "dev", str(tmp_path / "link.json"))
    assert done.returncode == 1 and "link.json is a symbolic link. Use a regular file" in done.stderr


def test_a_token_without_permission_is_reported_with_the_permission(platform: Platform, tmp_path: Path) -> None:
    platform.faults.append(("POST", (403, {}, {"message": "Resource not accessible by integration"})))
    done = run(on_github(platform, tmp_path), "--stack", "dev", saved(tmp_path))
    assert done.returncode == 1 and done.stderr.startswith("error: 127.0.0.1:")
    assert "POST with 403: Resource not accessible by integration. Use a token that may write" in done.stderr
    assert "a fork's run never gets such a token" in done.stderr


def test_all_wrong_variables_are_reported_together_without_the_token() -> None:
    with pytest.raises(CiContextError) as raised:
        detect(
            {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": "two words", "GITHUB_API_URL": "http://api.example"}, None, None
        )
    assert str(raised.value).splitlines() == [
        "GITHUB_API_URL is 'http://api.example': set it to an address that begins with https://",
        "GITHUB_TOKEN is not a token: set it to a token that may write comments",
        "GITHUB_REPOSITORY is unset: set it to OWNER/NAME",
        "--number is unset: set it to the number of a pull request, or omit it to use the event in GITHUB_EVENT_PATH"
        " [ci-variable-invalid]",
    ]
    with pytest.raises(CiContextError) as raised:
        detect({"GITLAB_CI": "true"}, None, None)
    assert [line.split()[0] for line in str(raised.value).splitlines()] == [
        "CI_API_V4_URL",
        "GITLAB_TOKEN",
        "CI_PROJECT_ID",
        "CI_MERGE_REQUEST_IID",
    ]


@pytest.mark.parametrize(
    "address", ["http://api.example", "https://a:b@api.example", "ftp://127.0.0.1", "api.example", ""]
)
def test_a_token_is_sent_only_to_an_encrypted_address(address: str) -> None:
    with pytest.raises(CiContextError, match="set it to an address that begins with https://"):
        detect({"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": "shop/web", "GITHUB_API_URL": address}, 7, None)


@pytest.mark.parametrize("repository", ["shop", "shop/web/pulls", "shop/web?x=1", "../web", "shop/.."])
def test_a_repository_is_not_a_path(repository: str) -> None:
    with pytest.raises(CiContextError, match="set it to OWNER/NAME"):
        detect({"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": repository}, 7, None)


def test_outside_ci_there_is_no_pull_request(tmp_path: Path) -> None:
    done = run({}, "--stack", "dev", saved(tmp_path))
    assert (
        done.returncode == 1
        and "neither a run of GitHub Actions" in done.stderr
        and "`make review` prints the same review" in done.stderr
    )
