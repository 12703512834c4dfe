"""`make review`: what the engine is asked, what is said of its answer, what is kept of it, and what is refused."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops.cli import review, state
from ops.cli.pulumi_binary import Engine
from ops.cli.review import ReviewError, asked
from ops.cli.run import Runner
from ops.review.preview import read
from tests.unit.ops.review.test_effects import BEFORE, DEPLOYMENT, changed

PROJECT = Path(__file__).parent.parent.parent.parent.parent
URN = f"urn:pulumi:dev::ha-backend::kubernetes:{DEPLOYMENT}::web"
FEWER = {
    "steps": [
        {
            "op": "update",
            "urn": URN,
            "oldState": {"inputs": BEFORE[DEPLOYMENT]},
            "newState": {"inputs": changed(DEPLOYMENT, "spec.replicas", 0)},
        }
    ]
}


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Somebody who has chosen no backend."""
    for name in list(os.environ):
        if name.startswith("PULUMI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    return tmp_path


def reviewing(folder: Path, answer: Any, code: int, *words: str) -> int:
    """A review by an engine that gives this answer and writes down how it was called."""
    program = folder / "pulumi"
    (folder / "answer").write_text(answer if isinstance(answer, str) else json.dumps(answer))
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {folder}/calls\n[ "$2" = preview ] || exit 0\n'
        f"echo 'plugins are being fetched' >&2\ncat {folder}/answer\nexit {code}\n"
    )
    program.chmod(0o755)
    runner = Runner(Engine(str(program), "3.250.0"), state.choose(folder, "dev"), print)
    return review.review(runner, "dev", asked(list(words)), lambda text: print(text, file=sys.stderr))


def test_the_engine_is_asked_once_and_the_review_is_what_is_printed(
    nobody: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reviewing(nobody, FEWER, 0, "--refresh", "--target", "x") == 14
    [call] = (nobody / "calls").read_text().splitlines()
    assert call.startswith("--non-interactive preview --json --stack dev ")
    assert call.endswith(" --refresh --target x")
    printed = capsys.readouterr().out
    assert printed.startswith("<!-- ha-backend review: ha-backend/dev -->\n### 🔴 `dev`: **outage**\n")
    assert "--fail-on outage" in printed.splitlines()[-1]


def test_our_own_flags_do_not_reach_the_engine(nobody: Path) -> None:
    assert reviewing(nobody, FEWER, 0, "--fail-on", "never", "--diff", "--format=json") == 0
    assert (nobody / "calls").read_text().splitlines()[0].endswith(" --diff")


def test_nothing_is_kept_unless_asked_and_then_only_for_oneself(nobody: Path) -> None:
    def files() -> set[Path]:
        return {file for file in nobody.rglob("*") if file.is_file() and file.name not in ("pulumi", "answer", "calls")}

    state.choose(nobody, "dev")
    before = files()
    reviewing(nobody, FEWER, 0)
    assert files() == before
    reviewing(nobody, FEWER, 0, "--save", str(nobody / "kept.json"))
    [kept] = files() - before
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text()) == FEWER


def test_what_a_program_refuses_is_told_and_kept(nobody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = {
        "steps": [],
        "diagnostics": [{"severity": "error", "message": "ha-backend:backend.replicas: 0 is too low"}],
    }
    assert reviewing(nobody, answer, 255, "--save", str(nobody / "kept.json")) == 1
    out, err = capsys.readouterr()
    assert "`dev`: not known, the preview is not complete" in out
    assert "- `ha-backend:backend.replicas: 0 is too low`" in out
    assert "error: ha-backend:backend.replicas: 0 is too low\nerror: the preview is not complete" in err
    assert read((nobody / "kept.json").read_text(), "it", ("ha-backend", "dev")).errors


def test_an_engine_that_fails_without_a_reason_is_never_fine(nobody: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept, same = nobody / "kept.json", {"steps": [FEWER["steps"][0] | {"op": "same"}]}
    assert reviewing(nobody, same, 255, "--save", str(kept), "--fail-on", "never") == 1
    assert "ended with 255 and gave no reason" in capsys.readouterr().err
    assert "ended with 255" in read(kept.read_text(), "it").errors[0]


@pytest.mark.parametrize("answer", ["", "error: no stack", "{}", '{"steps": []}'])
def test_no_preview_at_all_is_one_message(nobody: Path, answer: str) -> None:
    with pytest.raises(ReviewError, match="pulumi preview ended with 255, and its answer"):
        reviewing(nobody, answer, 255)


def test_a_preview_of_another_stack_is_refused(nobody: Path) -> None:
    other = json.loads(json.dumps(FEWER).replace("urn:pulumi:dev", "urn:pulumi:prod"))
    with pytest.raises(ReviewError, match=r"a preview of ha-backend/prod\. Right would be one of ha-backend/dev"):
        reviewing(nobody, other, 0)


@pytest.mark.parametrize("words", [["--show-secrets"], ["--show-secrets=true"], ["--refresh", "--show-secrets"]])
def test_secrets_cannot_be_asked_for(words: list[str]) -> None:
    with pytest.raises(ReviewError, match="never shows secrets"):
        asked(words)


def test_a_folder_that_is_not_there_is_named(nobody: Path) -> None:
    with pytest.raises(
        ReviewError, match=rf"--save {nobody}/none/kept.json: No such file or directory\. Right would be"
    ):
        reviewing(nobody, FEWER, 0, "--save", str(nobody / "none" / "kept.json"))


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", "review", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_what_ends_before_the_engine_is_asked_is_kept_too(tmp_path: Path) -> None:
    done = command("stging", "--save", str(tmp_path / "kept.json"))
    assert done.returncode == 1 and "Stacks here: dev, prod" in done.stderr and "Traceback" not in done.stderr
    [error] = read((tmp_path / "kept.json").read_text(), "it", ("ha-backend", "stging")).errors
    assert "Stacks here: dev, prod" in error


@pytest.mark.parametrize("words", [("stging", "--save", "/none/kept.json"), ("dev", "--show-secrets")])
def test_a_refusal_is_one_message_and_no_traceback(words: tuple[str, ...]) -> None:
    done = command(*words)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1
