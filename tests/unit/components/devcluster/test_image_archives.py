"""Image archives: which images they contain, and whether the backend's is among them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from components.clusters import local_checks
from components.devcluster import image_archives, images
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.errors import DevClusterError
from components.preflight import LookUp, PreflightError
from components.settings import BackendSettings, LocalCluster

ANNOTATION = "io.containerd.image.name"


def packed(path: Path, **files: Any) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            data = json.dumps(content).encode()
            entry = tarfile.TarInfo(f"{name}.json")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.29", "docker.io/library/nginx:1.29"),
        ("shop/web:1", "docker.io/shop/web:1"),
        ("localhost/web:1", "localhost/web:1"),
        ("host:5000/web", "host:5000/web:latest"),
        ("ghcr.io/a/b:1@sha256:00", "ghcr.io/a/b:1@sha256:00"),
        ("ghcr.io/a/b@sha256:00", "ghcr.io/a/b@sha256:00"),
    ],
)
def test_full_names(given: str, whole: str) -> None:
    assert image_archives.canonical(given) == whole
    assert image_archives.canonical(whole) == whole


def test_names_in_a_docker_archive(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.tar",
        manifest=[{"RepoTags": ["nginx:1.29", "ghcr.io/a/b:1"]}, {"RepoTags": None}],
        index={"manifests": []},
    )
    assert image_archives.names(path) == {"docker.io/library/nginx:1.29", "ghcr.io/a/b:1"}
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert image_archives.names(tmp_path / "a.tar.gz") == image_archives.names(path)


def test_names_in_an_oci_archive(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.tar", index={"manifests": [{"annotations": {ANNOTATION: "docker.io/library/a:1"}}, {}]})
    assert image_archives.names(path) == {"docker.io/library/a:1"}


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({}, "is not an image archive: use an archive that `docker save` wrote"),
        ({"manifest": ["x"]}, "is not an image archive"),
        ({"index": []}, "is not an image archive"),
        ({"manifest": 5}, "is not an image archive"),
        ({"manifest": [{"RepoTags": None}]}, "no image in .* has a name: save it by its name"),
    ],
)
def test_a_tar_file_without_named_images_is_rejected(tmp_path: Path, files: dict[str, Any], text: str) -> None:
    with pytest.raises(DevClusterError, match=text):
        image_archives.names(packed(tmp_path / "a.tar", **files))


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8b\x08broken"])
def test_a_file_that_is_not_a_tar_file_is_rejected(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(content)
    with pytest.raises(DevClusterError, match=r"cluster.images: .*a.tar "):
        image_archives.names(tmp_path / "a.tar")


def test_a_missing_file_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(DevClusterError, match=r"none.tar cannot be read \(No such file or directory\): use an archive"):
        image_archives.names(tmp_path / "none.tar")


def test_variables_in_paths_are_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("WHERE", "/data")
    monkeypatch.chdir(tmp_path)
    assert image_archives.paths(["~/a.tar", "$WHERE/b.tar", "c/d.tar"]) == (
        Path("/home/me/a.tar"),
        Path("/data/b.tar"),
        tmp_path / "c" / "d.tar",
    )


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a machine that supports real nodes."""
    monkeypatch.setattr("components.devcluster.binaries.ensure", lambda *_: {})
    monkeypatch.setattr("components.devcluster.nodes.requirements.check", lambda *_: None)


def checked(folder: Path, image: str, *given: Path, nodes: str = "real") -> None:
    settings = LocalCluster.model_validate({"kind": "local", "nodes": nodes, "images": [str(path) for path in given]})
    local_checks.check(settings, LookUp(folder=folder, log=print, backend=BackendSettings(image=image)))


@pytest.mark.usefixtures("able")
def test_an_image_that_real_nodes_have_is_accepted(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.tar", manifest=[{"RepoTags": ["shop/web:1"]}])
    for image in (images.SAMPLES["podinfo"], images.next_release(images.SAMPLES["naive"])):
        checked(tmp_path / "c", image)
    for image in ("shop/web:1", "docker.io/shop/web:1"):
        checked(tmp_path / "c", image, archive)
    checked(tmp_path / "c", "ghcr.io/any/thing:1", nodes="simulated")


@pytest.mark.usefixtures("able")
def test_an_image_that_real_nodes_lack_is_rejected(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.tar", manifest=[{"RepoTags": ["shop/web:1"]}])
    with pytest.raises(PreflightError) as caught:
        checked(tmp_path / "c", "shop/web:2", archive)
    assert str(caught.value) == (
        "ha-backend:backend.image: 'shop/web:2' is in no archive of cluster.images, and real nodes reach no registry: "
        "save it (`docker save --output FILE shop/web:2`) and list the file there, or use one of "
        f"{images.SAMPLES['podinfo']}, {images.SAMPLES['naive']}, docker.io/shop/web:1 [image-not-on-nodes]"
    )
    with pytest.raises(PreflightError, match=r"shop/web:1@sha256:0+' names a digest.* omit the digest"):
        checked(tmp_path / "c", f"shop/web:1@sha256:{'0' * 64}", archive)
    assert not (tmp_path / "c").exists()


def test_a_machine_without_support_for_real_nodes_is_rejected_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.devcluster.nodes.requirements.platform.system", lambda: "Linux")
    monkeypatch.setattr("components.devcluster.nodes.requirements.os.geteuid", lambda: 1000)
    monkeypatch.setattr("components.devcluster.binaries.ensure", lambda *_: pytest.fail("a program was obtained"))
    with pytest.raises(PreflightError, match=r"Real nodes cannot run on this machine: they need root"):
        checked(tmp_path / "c", images.SAMPLES["podinfo"])
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("real", [False, True])
def test_a_path_with_spaces_is_rejected(tmp_path: Path, real: bool) -> None:
    with pytest.raises(DevClusterError, match="the path must not contain spaces"):
        EmbeddedCluster(tmp_path / "a b", ["a"], real_nodes=real).check()
