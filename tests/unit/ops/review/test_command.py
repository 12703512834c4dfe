"""`python -m ops.review`: its output, its errors, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.review_previews import (
    BEFORE,
    DEPLOYMENT,
    component,
    preview,
    step,
    updated,
    written,
)

PROJECT = Path(__file__).parent.parent.parent.parent.parent


def run(text: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops.review", *words],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        env={"PATH": ""},
    )


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ((), "Exit code 0: the effect stays below the threshold, *outage* (`--fail-on outage`)."),
        (
            ("--fail-on", "restart"),
            "Exit code 11: the effect reaches the threshold, *rolling restart* (`--fail-on restart`).",
        ),
        (("--fail-on", "never"), "Exit code 0: no effect is an error (`--fail-on never`)."),
    ],
)
def test_the_last_line_explains_the_exit_code(words: tuple[str, ...], last: str) -> None:
    assert run(preview(updated()), *words).stdout.rstrip().splitlines()[-1] == last


def test_secrets_are_never_shown() -> None:
    old = {"stringData": {"KEY": "old-in-plain"}, "type": "Opaque"}
    text = written(preview(step("core/v1:Secret", "update", old, {**old, "stringData": {"KEY": "new-in-plain"}})))
    assert "in-plain" not in text
    assert "*secret*" in text
    assert "in-plain" not in json.dumps(
        json.loads(
            run(
                preview(step("core/v1:Secret", "update", old, {**old, "stringData": {"KEY": "new-in-plain"}})),
                "--format",
                "json",
            ).stdout
        )
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 0),
        (("--fail-on", "restart"), 11),
        (("--fail-on", "lower"), 0),
        (("--fail-on", "never"), 0),
        (("--fail-on", "x"), 2),
    ],
)
def test_the_exit_code_follows_the_threshold(words: tuple[str, ...], code: int) -> None:
    assert run(preview(updated()), *words).returncode == code


def test_a_reader_that_closes_the_pipe_is_not_an_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "ops.review", "--fail-on", "restart"],
        input=preview(updated()),
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        cwd=PROJECT,
        env={"PATH": ""},
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (11, "")


def test_the_exit_code_of_each_effect() -> None:
    assert run(preview(updated("spec.replicas", 2)), "--fail-on", "restart").returncode == 12
    assert run(preview(component(survived=False)), "--fail-on", "restart").returncode == 13
    assert run(preview(step(DEPLOYMENT, "delete", BEFORE[DEPLOYMENT]))).returncode == 14


def test_an_incomplete_preview_always_fails() -> None:
    done = run(preview(updated(), diagnostics=[{"severity": "error", "message": "the cluster <b>does not</b> answer"}]))
    assert done.returncode == 1
    assert "incomplete" in done.stdout
    assert done.stderr.endswith("create it again [preview-incomplete]\n")
    assert "`the cluster <b>does not</b> answer`" in done.stdout


def test_a_missing_file(tmp_path: Path) -> None:
    done = run("", str(tmp_path / "none.json"))
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {tmp_path}/none.json cannot be read: No such file or directory. Use a file that "
        "`pulumi preview --json` wrote. [review-file-unreadable]\n"
    )


def test_several_stacks_in_one_run(tmp_path: Path) -> None:
    for name, text in (("dev", preview(updated())), ("prod", preview(component(survived=False)))):
        (tmp_path / f"{name}.json").write_text(text.replace("urn:pulumi:prod", f"urn:pulumi:{name}"))
    done = run("", str(tmp_path / "dev.json"), str(tmp_path / "prod.json"), "--fail-on", "weaker")
    assert done.returncode == 13
    assert "<!-- ha-backend review: shop/dev -->" in done.stdout
    assert "<!-- ha-backend review: shop/prod -->" in done.stdout
