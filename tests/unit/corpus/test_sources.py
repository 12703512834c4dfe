"""A repository of the corpus is skipped only without git or a network. Everything else is a failure."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.corpus import sources
from tests.corpus.services import services
from tests.corpus.sources import Source, UnavailableError, manifests
from tools.test import CORPUS


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    done = subprocess.run(["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """Return a source in a repository on this machine."""
    monkeypatch.delenv(CORPUS, raising=False)
    repository = tmp_path / "owner" / "name"
    repository.mkdir(parents=True)
    git(repository, "init", "--quiet")
    (repository / "web.yaml").write_text("kind: ConfigMap\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "one")
    monkeypatch.setattr(sources, "URL", f"file://{tmp_path}/{{}}")
    return Source("owner/name", git(repository, "rev-parse", "HEAD"), ("web.yaml",))


def test_the_pinned_commit_is_read(source: Source, tmp_path: Path) -> None:
    assert [name for name, _ in manifests(source, tmp_path / "clones")] == ["web"]


def test_a_commit_that_the_repository_lacks_is_a_failure(source: Source, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="git -C"):
        list(manifests(source._replace(commit="0" * 40), tmp_path / "clones"))


def test_a_host_that_does_not_answer_is_named(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "URL", "http://127.0.0.1:9/{}.git")
    for _ in range(2):  # what a failed clone leaves is not taken for a checkout
        with pytest.raises(UnavailableError, match=r"127\.0\.0\.1"):
            list(manifests(source, tmp_path / "clones"))


def test_without_git_it_is_said(source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UnavailableError, match="git is not on PATH"):
        list(manifests(source, tmp_path / "clones"))


def test_a_folder_without_the_repository_is_named(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CORPUS, str(tmp_path))
    with pytest.raises(UnavailableError, match=r"has no folder owner\+name"):
        list(manifests(source, tmp_path))


def test_a_repository_without_a_service_is_a_failure(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / source.folder).mkdir()
    monkeypatch.setenv(CORPUS, str(tmp_path))
    with pytest.raises(AssertionError, match="no Deployment with a Service"):
        services(source, tmp_path)
