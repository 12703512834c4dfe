"""The cache of the cluster's programs: how they are stored, and replaced if they are damaged."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from components.devcluster import binaries, catalog
from components.devcluster.errors import DevClusterError
from tests.support.download_server import PROGRAM, Mirror, sha256


def cached(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.name != ".lock")


def test_downloaded_once_and_cached(mirror: Mirror, tmp_path: Path) -> None:
    lines: list[str] = []
    mirror.serve("kubectl", PROGRAM, sha256(PROGRAM))
    path = binaries.ensure(lines.append, ["kubectl"])["kubectl"]
    assert path.read_bytes() == PROGRAM
    assert os.access(path, os.X_OK)
    assert path.is_relative_to(tmp_path / "cache")
    assert cached(tmp_path) == ["kubectl", "kubectl.json"]
    assert any("[1/1] kubectl" in line and "downloaded from 127.0.0.1" in line for line in lines)
    count, lines[:] = len(mirror.requested), []
    assert binaries.ensure(lines.append, ["kubectl"]) == {"kubectl": path}
    assert (len(mirror.requested), lines) == (count, [])


def test_another_version_has_its_own_control_plane_and_shares_the_rest(mirror: Mirror, tmp_path: Path) -> None:
    names, lines = ["kubectl", "kube-scheduler"], list[str]()
    mirror.serve("kubectl", PROGRAM, sha256(PROGRAM))
    for version in ("1.36", "1.37"):
        content = PROGRAM + version.encode()
        mirror.serve("kube-scheduler", content, sha256(content), version)
    main = binaries.ensure(lines.append, names)
    other = binaries.ensure(lines.append, names, "1.37")
    assert other["kubectl"] == main["kubectl"]
    assert other["kube-scheduler"].parent != main["kube-scheduler"].parent
    assert main["kube-scheduler"].read_bytes().endswith(b"1.36")
    assert other["kube-scheduler"].read_bytes().endswith(b"1.37")
    assert cached(tmp_path) == sorted([*["kube-scheduler", "kube-scheduler.json"] * 2, "kubectl", "kubectl.json"])
    assert [" ".join(line.split()[:2]) for line in lines] == [
        "[1/2] kubectl",
        "[2/2] kube-scheduler",
        "[1/1] kube-scheduler",
    ]


def test_linters_have_a_separate_cache_directory(mirror: Mirror) -> None:
    mirror.serve("kube-score", PROGRAM, f"{sha256(PROGRAM)}  {'_'.join(('kube-score', '1.20.0', *catalog.target()))}")
    assert binaries.ensure(print, ["kube-score"])["kube-score"].parent.name.startswith("lint-")
    assert not {"kube-score", "kubeconform"} & set(catalog.CLUSTER_PROGRAMS)


def test_an_unsupported_version_is_rejected(mirror: Mirror) -> None:
    with pytest.raises(
        DevClusterError,
        match=r"Kubernetes 1\.34 is not supported: use one of 1\.35, 1\.36, 1\.37\. \[unsupported-kubernetes-version\]",
    ):
        binaries.ensure(print, kubernetes="1.34")
    assert mirror.requested == []


def test_a_wrong_sum_is_rejected_and_nothing_is_cached(mirror: Mirror, tmp_path: Path) -> None:
    mirror.serve("kubectl", PROGRAM, sha256(b"another"))
    with pytest.raises(DevClusterError, match="does not match its published SHA-256 sum") as caught:
        binaries.ensure(print, ["kubectl"])
    assert sha256(PROGRAM) in str(caught.value)
    assert cached(tmp_path) == []


@pytest.mark.parametrize("sums", ["", "\n", f"{sha256(PROGRAM)}  another-file\n"])
def test_sums_without_the_file_are_rejected(mirror: Mirror, tmp_path: Path, sums: str) -> None:
    mirror.serve("kubectl", PROGRAM, sums)
    with pytest.raises(DevClusterError, match="SHA-256"):
        binaries.ensure(print, ["kubectl"])
    assert cached(tmp_path) == []


def test_a_program_without_its_sum_is_not_used(mirror: Mirror, tmp_path: Path) -> None:
    mirror.serve("kubectl", PROGRAM)
    with pytest.raises(DevClusterError, match="no Go compiler"):
        binaries.ensure(print, ["kubectl"])
    assert cached(tmp_path) == []


@pytest.mark.parametrize("damage", [b"short", PROGRAM[:-1] + b"X"])
def test_a_damaged_program_is_obtained_again(mirror: Mirror, damage: bytes) -> None:
    mirror.serve("kubectl", PROGRAM, sha256(PROGRAM))
    path = binaries.ensure(print, ["kubectl"])["kubectl"]
    path.write_bytes(damage)
    lines: list[str] = []
    binaries.ensure(lines.append, ["kubectl"])
    assert path.read_bytes() == PROGRAM
    assert f"{path} is damaged" in lines[0]
    assert "downloaded" in lines[1]


@pytest.mark.parametrize("record", ["", "[]", "{}", "null"])
def test_a_program_with_a_damaged_record_is_obtained_again(mirror: Mirror, record: str) -> None:
    mirror.serve("kubectl", PROGRAM, sha256(PROGRAM))
    path = binaries.ensure(print, ["kubectl"])["kubectl"]
    path.with_name("kubectl.json").write_text(record)
    binaries.ensure(print, ["kubectl"])
    assert json.loads(path.with_name("kubectl.json").read_text())["sha256"] == sha256(PROGRAM)
    assert path.read_bytes() == PROGRAM


def test_a_program_with_another_time_stamp_is_still_valid(mirror: Mirror) -> None:
    mirror.serve("kubectl", PROGRAM, sha256(PROGRAM))
    path = binaries.ensure(print, ["kubectl"])["kubectl"]
    os.utime(path, (1, 1))
    count, lines = len(mirror.requested), list[str]()
    binaries.ensure(lines.append, ["kubectl"])
    assert (len(mirror.requested), lines) == (count, [])


def test_a_program_that_is_not_executable_is_obtained_again(mirror: Mirror) -> None:
    mirror.serve("kubectl", PROGRAM, sha256(PROGRAM))
    path = binaries.ensure(print, ["kubectl"])["kubectl"]
    path.chmod(0o644)
    assert os.access(binaries.ensure(print, ["kubectl"])["kubectl"], os.X_OK)


def test_without_a_download_and_a_compiler_it_fails(mirror: Mirror, tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(DevClusterError) as caught:
        binaries.ensure(lines.append, ["kubectl"])
    text = str(caught.value)
    assert f"kubectl {catalog.PROGRAMS['kubectl'].version} cannot be downloaded" in text
    assert "no Go compiler on PATH" in text
    assert "install Go" in text
    assert any("building from its Go module" in line for line in lines)
    assert cached(tmp_path) == []


@pytest.mark.parametrize("name", ["podinfo", "naive"])
def test_a_program_without_a_release_needs_a_compiler_and_no_network(mirror: Mirror, name: str) -> None:
    with pytest.raises(DevClusterError) as caught:
        binaries.ensure(print, [name])
    text = str(caught.value)
    assert f"{name} {catalog.PROGRAMS[name].version} cannot be downloaded" in text
    assert "(no release is published)" in text
    assert text.endswith("install Go 1.26 or later. [program-unavailable]")
    assert mirror.requested == []


def test_a_build_reads_its_additional_sums(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = tmp_path / "bin" / "go"  # "compiles" to the sums that Go would read
    compiler.parent.mkdir()
    compiler.write_text("""#!/bin/sh
sums=go.sum
while [ $# -gt 1 ]; do
  case "$1" in -modfile) sums=${2%.mod}.sum; [ -s "$2" ] || exit 1;; -o) program=$2;; esac
  shift
done
while read -r line; do echo "$line"; done < "$sums" > "$program"
""")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(compiler.parent))
    built = binaries.ensure(print, ["kubelet", "kube-proxy", "kube-scheduler"], "1.37")
    pins = catalog.TOOLS_MODULE / "kubernetes-1.37"
    own = (pins / "go.sum").read_bytes()
    assert built["kube-scheduler"].read_bytes() == own
    assert built["kubelet"].read_bytes() == built["kube-proxy"].read_bytes() == own + (pins / "nodes.sum").read_bytes()


def test_a_host_is_still_tried_after_a_missing_file(mirror: Mirror) -> None:
    with pytest.raises(DevClusterError):
        binaries.ensure(print, ["kwok"])
    mirror.serve("kubectl", PROGRAM, sha256(PROGRAM))
    assert binaries.ensure(print, ["kubectl"])["kubectl"].exists()


def test_a_cache_that_is_not_writable_is_an_error(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file instead of the directory")
    with pytest.raises(DevClusterError, match=r"cannot be written .*set HA_BACKEND_CACHE"):
        binaries.ensure(print, ["kubectl"])
