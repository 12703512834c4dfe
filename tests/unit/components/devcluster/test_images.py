"""Images built without Docker: the content of their archives, and when they are rebuilt."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from components.devcluster import binaries, catalog, images
from components.devcluster.errors import DevClusterError
from components.settings.backend import BackendSettings

CONTENT = b"\x7fELF and so on"


@pytest.fixture
def naive(tmp_path: Path) -> Path:
    path = tmp_path / "naive"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Replace the programs that a test would have to build with existing files."""

    def ensure(_: binaries.Log, names: Any) -> dict[str, Path]:
        return {name: tmp_path / name for name in names}

    for name in images.SAMPLES:
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.setattr(binaries, "ensure", ensure)
    return tmp_path


def opened(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {entry.name: source.read() for entry in tar if (source := tar.extractfile(entry))}


def test_an_archive_describes_itself(naive: Path, tmp_path: Path) -> None:
    target = tmp_path / "naive.tar"
    assert images.write_archive(naive, "ha-backend.local/naive:1", target) == target
    files = opened(target)
    [manifest] = json.loads(files["manifest.json"])
    assert manifest["RepoTags"] == ["ha-backend.local/naive:1", "ha-backend.local/naive:1-next"]
    config = json.loads(files[manifest["Config"]])
    assert manifest["Config"] == f"{hashlib.sha256(files[manifest['Config']]).hexdigest()}.json"
    assert (config["os"], config["architecture"]) == catalog.target()
    assert config["config"]["Entrypoint"] == ["/naive"]
    assert "User" not in config["config"]
    assert config["rootfs"]["diff_ids"] == [
        f"sha256:{hashlib.sha256(files[name]).hexdigest()}" for name in manifest["Layers"]
    ]
    assert set(files) == {"manifest.json", manifest["Config"], *manifest["Layers"]}


def test_the_layer_contains_the_binary_for_every_user(naive: Path, tmp_path: Path) -> None:
    naive.chmod(0o600)
    files = opened(images.write_archive(naive, "ha-backend.local/naive:1", tmp_path / "naive.tar"))
    [layer] = json.loads(files["manifest.json"])[0]["Layers"]
    with tarfile.open(fileobj=io.BytesIO(files[layer])) as tar:
        [entry] = tar.getmembers()
        source = tar.extractfile(entry)
        assert source
        assert source.read() == CONTENT
        assert (entry.name, entry.mode, entry.uid, entry.gid, entry.mtime) == ("naive", 0o755, 0, 0, 0)


def test_the_same_binary_gives_the_same_bytes(naive: Path, tmp_path: Path) -> None:
    first = images.write_archive(naive, "ha-backend.local/naive:1", tmp_path / "first.tar").read_bytes()
    os.utime(naive, (1, 1))
    assert images.write_archive(naive, "ha-backend.local/naive:1", tmp_path / "second.tar").read_bytes() == first
    naive.write_bytes(CONTENT + b"!")
    assert images.write_archive(naive, "ha-backend.local/naive:1", tmp_path / "third.tar").read_bytes() != first


def test_samples_are_built_once(cache: Path) -> None:
    lines: list[str] = []
    made = images.samples(lines.append)
    assert list(made) == list(images.SAMPLES)
    for name, path in made.items():
        assert path.parent == cache
        reference = images.SAMPLES[name]
        assert json.loads(opened(path)["manifest.json"])[0]["RepoTags"] == [reference, images.next_release(reference)]
    assert lines == [f"{name}: packing the image {reference}" for name, reference in images.SAMPLES.items()]
    stamps = {name: path.stat().st_mtime_ns for name, path in made.items()}
    assert images.samples(lines.append) == made
    assert {name: path.stat().st_mtime_ns for name, path in made.items()} == stamps
    assert len(lines) == len(images.SAMPLES)
    assert {path.name for path in cache.iterdir()} == {*images.SAMPLES, *(path.name for path in made.values())}


def test_a_sample_is_rebuilt_when_its_program_changes(cache: Path) -> None:
    before = images.samples(print)
    (cache / "naive").write_bytes(b"edited")
    after = images.samples(print)
    assert {name for name in after if after[name] != before[name]} == {"naive"}
    files = opened(after["naive"])
    with tarfile.open(fileobj=io.BytesIO(files[json.loads(files["manifest.json"])[0]["Layers"][0]])) as tar:
        source = tar.extractfile("naive")
        assert source
        assert source.read() == b"edited"


def test_a_cache_that_is_not_writable_is_an_error(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(images, "write_archive", refused)
    with pytest.raises(
        DevClusterError, match=r"podinfo-\w+\.tar cannot be written \(Permission denied\): set HA_BACKEND_CACHE"
    ):
        images.samples(print)


@pytest.mark.parametrize("name", list(images.SAMPLES))
def test_a_sample_is_a_valid_image_setting(name: str) -> None:
    assert BackendSettings(image=images.SAMPLES[name]).image == images.SAMPLES[name]


def test_the_tag_of_a_sample_is_the_version_of_its_program() -> None:
    assert images.SAMPLES["podinfo"] == f"ha-backend.local/podinfo:{catalog.PROGRAMS['podinfo'].version[1:]}"
