"""Downloads of releases: archives, files of sums, and failing networks."""

from __future__ import annotations

import io
import socket
import tarfile
from pathlib import Path

import pytest

from components.devcluster import binaries, catalog, download
from components.devcluster.errors import DevClusterError
from tests.support.download_server import PROGRAM, Mirror, sha256

ETCD = catalog.PROGRAMS["etcd"]


def archive(names: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in names.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def etcd_file() -> str:
    return download._address(ETCD.url, ETCD).rpartition("/")[2]


@pytest.mark.parametrize("line", ["{sum}  {file}", "{sum} *{file}", "{sum} {file}"])
def test_a_program_is_extracted_from_an_archive(mirror: Mirror, line: str) -> None:
    content = archive(
        {"etcd-v0/README.md": b"no", "etcd-v0/etcdctl": b"no", "etcd-v0/etcd": PROGRAM, "etcd-v0/etcd.md": b"no"}
    )
    sums = f"{sha256(b'other')}  other.tar.gz\n" + line.format(sum=sha256(content), file=etcd_file()) + "\n"
    mirror.serve("etcd", content, sums)
    assert binaries.ensure(print, ["etcd"])["etcd"].read_bytes() == PROGRAM
    assert [path.rpartition("/")[2] for path in mirror.requested] == [etcd_file(), "SHA256SUMS"]


def test_an_archive_with_a_wrong_sum_is_rejected(mirror: Mirror, tmp_path: Path) -> None:
    mirror.serve("etcd", archive({"etcd": PROGRAM}), f"{sha256(b'other')}  {etcd_file()}\n")
    with pytest.raises(DevClusterError, match="SHA-256"):
        download.fetch(ETCD, tmp_path / "etcd")
    assert not (tmp_path / "etcd").exists()


def test_an_archive_without_the_program_is_rejected(mirror: Mirror, tmp_path: Path) -> None:
    content = archive({"etcd-v0/etcdctl": PROGRAM})
    mirror.serve("etcd", content, f"{sha256(content)}  {etcd_file()}\n")
    with pytest.raises(DevClusterError, match="contains no file named etcd"):
        download.fetch(ETCD, tmp_path / "etcd")
    assert not (tmp_path / "etcd").exists()


def test_a_release_without_sums(mirror: Mirror, tmp_path: Path) -> None:
    mirror.serve("kwok", PROGRAM)
    host = download.fetch(catalog.PROGRAMS["kwok"], tmp_path / "kwok")
    assert host
    assert host.startswith("127.0.0.1:")
    assert (tmp_path / "kwok").read_bytes() == PROGRAM


def test_a_release_file_may_be_named_by_the_version_without_v(mirror: Mirror, tmp_path: Path) -> None:
    program = catalog.PROGRAMS["kube-score"]
    file = "_".join(("kube-score", program.version.removeprefix("v"), *catalog.target()))
    mirror.serve("kube-score", PROGRAM, f"{sha256(PROGRAM)}  {file}\n")
    assert download.fetch(program, tmp_path / "kube-score")
    assert [path.rpartition("/")[2] for path in mirror.requested] == [file, "checksums.txt"]


def test_a_program_without_a_release_is_not_downloaded(mirror: Mirror, tmp_path: Path) -> None:
    program = catalog.PROGRAMS["podinfo"]
    assert download.fetch(program, tmp_path / "podinfo") is None
    assert mirror.requested == []
    assert download.reason(program) == "no release is published"


def test_downloads_can_be_disabled(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_BACKEND_DOWNLOAD", "never")
    mirror.serve("kwok", PROGRAM)
    assert download.fetch(catalog.PROGRAMS["kwok"], tmp_path / "kwok") is None
    assert mirror.requested == []
    assert "disabled" in download.reason(catalog.PROGRAMS["kwok"])


def test_an_unreachable_host_is_tried_once(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("HA_BACKEND_MIRROR", f"http://{host}")
    assert download.fetch(catalog.PROGRAMS["kwok"], tmp_path / "kwok") is None
    assert "Connection refused" in download.reason(catalog.PROGRAMS["kwok"])
    monkeypatch.setattr(download, "_read", lambda _: pytest.fail("it was tried again"))
    assert download.fetch(catalog.PROGRAMS["kwok"], tmp_path / "kwok") is None
    with pytest.raises(DevClusterError, match=f"{host}: .*Connection refused"):
        binaries.ensure(print, ["kubectl"])


@pytest.mark.parametrize("name", ["kwok", "kubectl"])
def test_an_interrupted_download_is_an_error(mirror: Mirror, tmp_path: Path, name: str) -> None:
    mirror.cut = True
    mirror.serve(name, PROGRAM, sha256(PROGRAM))
    with pytest.raises(DevClusterError, match=f"{name} .* cannot be downloaded"):
        binaries.ensure(print, [name])
    assert not list((tmp_path / "cache").rglob(name))


def test_a_mirror_without_a_scheme_is_rejected(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HA_BACKEND_MIRROR", "mirror.example/releases")
    with pytest.raises(DevClusterError, match="HA_BACKEND_MIRROR"):
        binaries.ensure(print, ["kwok"])


def test_every_program_is_pinned_and_has_its_own_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HA_BACKEND_MIRROR", raising=False)
    others = [
        catalog.program(name, version)
        for name in catalog.VERSIONED
        for version in catalog.VERSIONS
        if version != catalog.DEFAULT_VERSION
    ]
    programs = [program for program in (*catalog.PROGRAMS.values(), *others) if program.url]
    assert {program.name for program in catalog.PROGRAMS.values()} - {p.name for p in programs} == {
        "podinfo",
        "naive",
        "pause",
        *catalog.CAPI_PROGRAMS,
    }, "published as images only, or built from our own sources"
    urls = [download._address(program.url, program) for program in programs]
    assert len(set(urls)) == len(urls)
    for program, url in zip(programs, urls, strict=True):
        assert url.startswith("https://")
        assert program.version in url
        assert "{" not in url
