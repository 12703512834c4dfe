"""The catalogue of programs: their pins and their cache directories."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from components.devcluster import catalog
from components.devcluster.catalog import DRILLS_MODULE, LINT_MODULE
from components.devcluster.programs import OWN_VERSION


def test_the_cluster_s_programs_exclude_those_of_nodes_and_drills() -> None:
    assert set(catalog.CLUSTER_PROGRAMS) == {
        "etcd",
        "kwok",
        "kwokctl",
        "kubectl",
        "kube-scheduler",
        "kube-controller-manager",
        "kube-apiserver",
        "metrics-server",
    }
    assert set(catalog.NODE_PROGRAMS) == {"kubelet", "kube-proxy"}
    assert set(catalog.DRILL_PROGRAMS) == {"vegeta", "podinfo", "naive", "pause"}
    assert not set(catalog.CLUSTER_PROGRAMS) & {*catalog.NODE_PROGRAMS, *catalog.DRILL_PROGRAMS}


@pytest.mark.parametrize("version", catalog.VERSIONS)
def test_node_programs_have_the_cluster_s_version(version: str) -> None:
    programs = [catalog.program(name, version) for name in catalog.NODE_PROGRAMS]
    assert {program.version for program in programs} == {catalog.kubernetes_version(version)}
    assert {program.pins for program in programs} == {catalog.program("kube-apiserver", version).pins}


@pytest.mark.parametrize("version", catalog.VERSIONS)
def test_a_node_s_sums_complete_those_of_the_module(version: str) -> None:
    pins = catalog.program("kubelet", version).pins
    ours, more = ((pins / name).read_text().splitlines() for name in ("go.sum", "nodes.sum"))
    assert not set(ours) & set(more)
    assert {"github.com/moby/ipvs", "sigs.k8s.io/knftables"} <= {
        line.split()[0] for line in more
    }  # what kube-proxy imports
    assert all(len(line.split()) == 3 and line.split()[2].startswith("h1:") for line in more)


@pytest.mark.parametrize(
    "pins",
    [LINT_MODULE, *(catalog.program("kubelet", version).pins for version in catalog.VERSIONS)],
    ids=lambda pins: pins.name,
)
def test_cache_keys_depend_on_the_pins_only(pins: Path) -> None:
    digest = hashlib.sha256(b"3" + (pins / "go.mod").read_bytes() + (pins / "go.sum").read_bytes()).hexdigest()
    name = "lint" if pins == LINT_MODULE else f"kubernetes-{catalog.pinned_version('k8s.io/kubernetes', pins)}"
    assert catalog.cache_key(pins) == "-".join((name, *catalog.target(), digest[:10]))


def test_an_edit_of_our_own_programs_changes_the_cache_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = tmp_path / "drills"
    shutil.copytree(DRILLS_MODULE, pins)
    before = catalog.cache_key()
    monkeypatch.setattr(catalog, "DRILLS_MODULE", pins)
    keys = [catalog.cache_key(pins)]
    for file in (pins / "naive" / "main.go", pins / "pause" / "main.go"):
        file.write_text(file.read_text() + "// edited\n")
        keys.append(catalog.cache_key(pins))
    assert keys[0].startswith("drills-")
    assert len(set(keys)) == 3
    assert catalog.cache_key() == before


def test_our_own_programs_have_sources_in_the_repository() -> None:
    ours = [program for program in catalog.PROGRAMS.values() if not program.module]
    assert {program.name for program in ours} == {"naive", "pause"}
    assert {program.version for program in ours} == {OWN_VERSION}
    assert all((program.pins / program.package / "main.go").is_file() for program in ours)
