"""The versions of Kubernetes: each is pinned completely, and an embedded cluster keeps its version."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from components.devcluster import catalog, kwok_config
from components.devcluster.cluster import EmbeddedCluster
from components.devcluster.errors import DevClusterError
from components.settings import LocalCluster
from tests.cluster.conftest import selected

PINS = {version: catalog.program("kube-apiserver", version).pins for version in catalog.VERSIONS}
OTHERS = [version for version in catalog.VERSIONS if version != catalog.DEFAULT_VERSION]


def test_the_setting_accepts_every_pinned_version() -> None:
    field = LocalCluster.model_fields["kubernetes"]
    assert get_args(field.annotation) == catalog.VERSIONS
    assert field.default == LocalCluster(kind="local").kubernetes == catalog.DEFAULT_VERSION


@pytest.mark.parametrize("version", catalog.VERSIONS)
def test_every_module_pins_one_release_completely(version: str) -> None:
    text = (PINS[version] / "go.mod").read_text()
    whole = catalog.kubernetes_version(version)
    assert whole.startswith(f"v{version}.")
    replaced = dict(re.findall(r"^\t(k8s\.io/\S+) => k8s\.io/\S+ (v\S+)$", text, re.M))
    assert set(replaced.values()) == {whole.replace("v1.", "v0.", 1)}
    # kube-openapi, klog, utils and system-validators have versions of their own, above those placeholders.
    staging = {
        module
        for module, number in re.findall(r"^\t(k8s\.io/\S+) (v\S+)", text, re.M)
        if re.match(r"v0\.(0\.0|[1-9]\d*\.\d+)$", number)
    }
    assert staging <= set(replaced)


def test_every_version_has_a_module_and_every_module_a_version() -> None:
    assert {folder.name for folder in catalog.TOOLS_MODULE.glob("kubernetes-*")} == {
        PINS[version].name for version in OTHERS
    }


@pytest.mark.parametrize("version", OTHERS)
def test_another_version_pins_only_the_control_plane(version: str) -> None:
    tools = re.findall(r"^\t(\S+/cmd/\S+)$", (PINS[version] / "go.mod").read_text(), re.M)
    assert sorted(tools) == sorted(catalog.PROGRAMS[name].package for name in catalog.CONTROL_PLANE)
    assert catalog.program("kubectl", version) == catalog.PROGRAMS["kubectl"]


def test_every_module_has_its_own_cache_directory() -> None:
    keys = [catalog.cache_key(pins) for pins in [*PINS.values(), catalog.LINT_MODULE]]
    assert len(set(keys)) == len(keys)
    assert catalog.cache_key().startswith(f"kubernetes-{catalog.kubernetes_version(catalog.DEFAULT_VERSION)}-")


@pytest.mark.parametrize("version", catalog.VERSIONS)
def test_simulated_nodes_report_the_version(version: str) -> None:
    made = kwok_config.node_objects(["a"], 1, version)
    assert made[0]["status"]["nodeInfo"]["kubeletVersion"] == catalog.kubernetes_version(version)


def write_cluster(folder: Path, config: str) -> None:
    """Write the files of a complete cluster."""
    (folder / "clusters" / "embedded").mkdir(parents=True)
    (folder / "kubeconfig").write_text("")
    (folder / "kwokctl.yaml").write_text(config)


@pytest.mark.parametrize("version", OTHERS)
def test_a_cluster_with_another_version_is_a_mismatch(tmp_path: Path, version: str) -> None:
    write_cluster(tmp_path, kwok_config.cluster_config(dict.fromkeys(catalog.CLUSTER_PROGRAMS, tmp_path), {}, version))
    assert EmbeddedCluster(tmp_path, ["a"], kubernetes=version).mismatch() is None
    required = EmbeddedCluster(tmp_path, ["a"])
    assert required.mismatch() == f"runs Kubernetes {version}, not {catalog.DEFAULT_VERSION}"
    with pytest.raises(DevClusterError, match=f"runs Kubernetes {version}, not {catalog.DEFAULT_VERSION}: delete it"):
        required.start()


def test_a_cluster_without_a_recorded_version(tmp_path: Path) -> None:
    write_cluster(tmp_path, json.dumps({"options": {}}) + "\n---\nkind: Stage\n")
    assert EmbeddedCluster(tmp_path, ["a"], kubernetes="1.36").mismatch() is None
    assert EmbeddedCluster(tmp_path, ["a"], kubernetes="1.37").mismatch() == "runs Kubernetes 1.36, not 1.37"


@pytest.mark.parametrize("real", [False, True])
def test_a_cluster_with_other_nodes_is_a_mismatch(tmp_path: Path, real: bool) -> None:
    addresses = kwok_config.ApiServerAddresses("198.18.0.2", "10.77.0.1") if real else None
    programs = dict.fromkeys(catalog.CLUSTER_PROGRAMS, tmp_path)
    write_cluster(tmp_path, kwok_config.cluster_config(programs, {}, "1.36", addresses, tmp_path))
    (tmp_path / "nodes" / "a-1").mkdir(parents=True)
    (tmp_path / "nodes" / "a-1" / "kubelet.json").touch()
    assert EmbeddedCluster(tmp_path, ["a"], real_nodes=real).mismatch() is None
    difference = "has real nodes, not simulated ones" if real else "has simulated nodes, not real ones"
    assert EmbeddedCluster(tmp_path, ["a"], real_nodes=not real).mismatch() == difference
    more = EmbeddedCluster(tmp_path, ["a", "b"], real_nodes=real).mismatch()
    assert more == ("has other nodes (a-1) than the settings" if real else None)


def test_without_a_cluster_there_is_no_mismatch(tmp_path: Path) -> None:
    assert EmbeddedCluster(tmp_path, ["a"], kubernetes="1.37").mismatch() is None


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("", ["1.36"]),
        (" ", ["1.36"]),
        ("all", ["1.35", "1.36", "1.37"]),
        ("1.35,1.37", ["1.35", "1.37"]),
        ("1.37 1.35, 1.37", ["1.37", "1.35"]),
        ("1.35,all", ["1.35", "1.36", "1.37"]),
    ],
)
def test_the_suite_runs_on_what_is_asked(text: str, versions: list[str]) -> None:
    assert selected(text) == versions


def test_the_suite_refuses_what_is_not_known() -> None:
    with pytest.raises(pytest.UsageError, match=r"^VERSIONS: unknown version 1\.34, every; valid values: all, 1\.35"):
        selected("1.34,1.35,every")
