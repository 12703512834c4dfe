"""`make review`: how it calls the engine, what it prints and saves, and what it rejects."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops.cli import review, state
from ops.cli.pulumi_binary import Engine
from ops.cli.review import ReviewError, parse_options
from ops.cli.run import Runner
from ops.review.preview import read
from tests.support.review_previews import SCALED_TO_ZERO

PROJECT = Path(__file__).parent.parent.parent.parent.parent


def reviewing(folder: Path, output: Any, code: int, *words: str) -> int:
    """Review with an engine that prints this text, and that records how it is called."""
    program = folder / "pulumi"
    (folder / "output").write_text(output if isinstance(output, str) else json.dumps(output))
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {folder}/calls\n[ "$2" = preview ] || exit 0\n'
        f"echo 'plugins are being fetched' >&2\ncat {folder}/output\nexit {code}\n"
    )
    program.chmod(0o755)
    runner = Runner(Engine(str(program), "3.250.0"), state.choose(folder, "dev"), print)
    return review.review(runner, "dev", parse_options(list(words)), lambda text: print(text, file=sys.stderr))


def test_the_engine_is_called_once_and_only_the_review_is_printed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reviewing(project, SCALED_TO_ZERO, 0, "--refresh", "--target", "x") == 14
    [call] = (project / "calls").read_text().splitlines()
    assert call.startswith("--non-interactive preview --json --stack dev ")
    assert call.endswith(" --refresh --target x")
    printed = capsys.readouterr().out
    assert printed.startswith("<!-- ha-backend review: ha-backend/dev -->\n### 🔴 `dev`: **outage**\n")
    assert "--fail-on outage" in printed.splitlines()[-1]


def test_the_review_s_own_flags_do_not_reach_the_engine(project: Path) -> None:
    assert reviewing(project, SCALED_TO_ZERO, 0, "--fail-on", "never", "--diff", "--format=json") == 0
    assert (project / "calls").read_text().splitlines()[0].endswith(" --diff")


def test_a_preview_is_saved_only_on_request_and_for_its_owner_only(project: Path) -> None:
    def files() -> set[Path]:
        return {
            file for file in project.rglob("*") if file.is_file() and file.name not in ("pulumi", "output", "calls")
        }

    state.choose(project, "dev")
    before = files()
    reviewing(project, SCALED_TO_ZERO, 0)
    assert files() == before
    reviewing(project, SCALED_TO_ZERO, 0, "--save", str(project / "saved.json"))
    [saved] = files() - before
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert json.loads(saved.read_text()) == SCALED_TO_ZERO


def test_an_error_of_the_program_is_reported_and_saved(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = {
        "steps": [],
        "diagnostics": [{"severity": "error", "message": "ha-backend:backend.replicas: 0 is too low"}],
    }
    assert reviewing(project, output, 255, "--save", str(project / "saved.json")) == 1
    out, err = capsys.readouterr()
    assert "`dev`: not known, the preview is incomplete" in out
    assert "- `ha-backend:backend.replicas: 0 is too low`" in out
    assert "error: ha-backend:backend.replicas: 0 is too low\nerror: the preview is incomplete" in err
    assert read((project / "saved.json").read_text(), "it", ("ha-backend", "dev")).errors


def test_an_engine_that_fails_without_a_reason_is_an_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved, unchanged = project / "saved.json", {"steps": [SCALED_TO_ZERO["steps"][0] | {"op": "same"}]}
    assert reviewing(project, unchanged, 255, "--save", str(saved), "--fail-on", "never") == 1
    assert "ended with 255 and gave no reason" in capsys.readouterr().err
    assert "ended with 255" in read(saved.read_text(), "it").errors[0]


@pytest.mark.parametrize("output", ["", "error: no stack", "{}", '{"steps": []}'])
def test_a_missing_preview_is_one_message(project: Path, output: str) -> None:
    with pytest.raises(ReviewError, match="pulumi preview ended with 255, and its output"):
        reviewing(project, output, 255)


def test_a_preview_of_another_stack_is_rejected(project: Path) -> None:
    other = json.loads(json.dumps(SCALED_TO_ZERO).replace("urn:pulumi:dev", "urn:pulumi:prod"))
    with pytest.raises(ReviewError, match=r"a preview of ha-backend/prod\. Use a preview of ha-backend/dev"):
        reviewing(project, other, 0)


@pytest.mark.parametrize("words", [["--show-secrets"], ["--show-secrets=true"], ["--refresh", "--show-secrets"]])
def test_secrets_cannot_be_requested(words: list[str]) -> None:
    with pytest.raises(ReviewError, match="never shows secrets"):
        parse_options(words)


def test_a_missing_folder_is_named(project: Path) -> None:
    file = project / "none" / "saved.json"
    reason = r"No such file or directory\. Use a file in a writable folder\. \[review-file-not-writable\]"
    with pytest.raises(ReviewError, match=rf"--save {file}: {reason}"):
        reviewing(project, SCALED_TO_ZERO, 0, "--save", str(file))


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", "review", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_an_error_before_the_engine_runs_is_saved_too(tmp_path: Path) -> None:
    done = command("stging", "--save", str(tmp_path / "saved.json"))
    assert (
        done.returncode == 1
        and "use one of dev, prod [stack-file-missing]" in done.stderr
        and "Traceback" not in done.stderr
    )
    [error] = read((tmp_path / "saved.json").read_text(), "it", ("ha-backend", "stging")).errors
    assert "use one of dev, prod [stack-file-missing]" in error


@pytest.mark.parametrize("words", [("stging", "--save", "/none/saved.json"), ("dev", "--show-secrets")])
def test_an_error_is_one_message_without_a_traceback(words: tuple[str, ...]) -> None:
    done = command(*words)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1
