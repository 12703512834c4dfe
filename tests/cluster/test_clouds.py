"""Rendered clusters of each cloud match the definitions of Cluster API and of the cloud's provider."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.clusters.clouds.registry import CLOUDS
from components.devcluster import binaries
from tests.cluster import crds, schemas
from tests.cluster.conftest import Kubectl, as_list, example
from tests.support.crd_waits import wait_established

CORE = ("sigs.k8s.io/cluster-api", "v1.14.2")
PARTS = [
    (*CORE, "core/config/crd/bases"),
    (*CORE, "bootstrap/kubeadm/config/crd/bases"),
    (*CORE, "controlplane/kubeadm/config/crd/bases"),
]


def definitions(tmp_path: Path, cloud: str) -> list[dict[str, Any]]:
    """Return the definitions of Cluster API and of the cloud's provider."""
    module, _, rest = CLOUDS[cloud].definitions.partition("@")
    version, _, folder = rest.partition("/")
    folders = [crds.folder(*part, tmp_path) for part in (*PARTS, (module, version, folder))]
    return [yaml.safe_load(file.read_text()) for folder in folders for file in sorted(folder.glob("*.yaml"))]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_rendered_objects_match_the_definitions(cloud: str, tmp_path: Path, kubectl: Kubectl) -> None:
    ours = example(cloud).management
    defined = definitions(tmp_path, cloud)
    location = schemas.write(defined, tmp_path / "schemas")
    assert {"ClusterClass", "Cluster"} < {each["kind"] for each in ours}
    kubeconform = binaries.ensure(print, ["kubeconform"])["kubeconform"]
    done = subprocess.run(
        [str(kubeconform), "-strict", "-summary", "-output", "json", "-schema-location", location],
        input=yaml.safe_dump_all(ours),
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)
    assert (told["summary"]["valid"], told.get("resources") or []) == (len(ours), [])

    kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=as_list(defined))
    kubectl("create", "namespace", "clusters", check=False)
    wait_established(kubectl, "crd", "--all")
    tried = kubectl(
        "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-", stdin=as_list(ours), check=False
    )
    assert tried.returncode == 0, tried.stderr


def test_a_field_that_no_definition_has_is_an_error(tmp_path: Path) -> None:
    """Otherwise the test above could not fail."""
    location = schemas.write(definitions(tmp_path, "aws"), tmp_path / "schemas")
    (cluster,) = [each for each in example("aws").management if each["kind"] == "Cluster"]
    cluster["spec"]["topology"]["workers"]["machineDeployments"][0]["replica"] = 3
    kubeconform = binaries.ensure(print, ["kubeconform"])["kubeconform"]
    done = subprocess.run(
        [str(kubeconform), "-strict", "-schema-location", location],
        input=yaml.safe_dump(cluster),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "replica" in done.stdout
