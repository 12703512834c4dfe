"""A recording shows a part of a command's output, with colors, and nothing that identifies the machine."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from tools.docs import recording


def test_a_command_runs_in_a_terminal(tmp_path: Path) -> None:
    code, output = recording.capture(["sh", "-c", "test -t 1 && echo terminal; exit 3"], tmp_path)
    assert (code, output) == (3, "terminal\n")


def test_paths_are_replaced(tmp_path: Path) -> None:
    text = f"state: file://{tmp_path}/.ha-backend, {recording.PROJECT}/x, engine: pulumi 3.260.0 (/opt/bin/pulumi)"
    assert recording.anonymous(text, tmp_path) == (
        "state: file://~/ha-backend/.ha-backend, ~/ha-backend/x, engine: pulumi 3.260.0"
    )


def test_what_identifies_the_machine_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="contains"):
        recording.anonymous(f"owner: {getpass.getuser()}", tmp_path)


def test_an_excerpt_is_chosen_by_its_first_and_last_line() -> None:
    text = "noise\n   state: ok\n  a\n  b\nend\nmore\nend\n"
    assert recording.excerpt(text, "state", "^end") == "state: ok\n  a\n  b\nend"
    with pytest.raises(ValueError, match="no line of the output matches 'absent'"):
        recording.excerpt(text, "absent", "end")


def test_the_picture_has_the_lines_and_loads_nothing() -> None:
    picture = recording.svg("\x1b[32msecond\x1b[0m\nthird\n", "$ make up", 12.3)
    assert "second" in picture and "third" in picture and "(12" in picture
    assert "cdnjs" not in picture and "@font-face" not in picture
    assert picture.startswith("<svg")


def test_the_copy_has_what_git_tracks(tmp_path: Path) -> None:
    recording.copy_project(tmp_path / "copy")
    assert (tmp_path / "copy" / "Makefile").is_file()
    assert (tmp_path / "copy" / "venv").is_symlink()
    assert not (tmp_path / "copy" / ".git").exists()
