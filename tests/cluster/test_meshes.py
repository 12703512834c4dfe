"""The example of each mesh: strictly valid by the mesh's definitions, and stored as written."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.devcluster import binaries
from components.settings.mesh import MeshOptions, pod_annotations, pod_labels
from tests.cluster import schemas
from tests.cluster.conftest import Kubectl, as_list, example
from tests.cluster.crds import ISTIO, folder
from tests.cluster.test_additions import lost
from tests.support.crd_waits import wait_established
from tools.lint.kubeconform import kubeconform

_TRAFFIC = {"VirtualService", "DestinationRule"}
KINDS: dict[str, set[str]] = {"istio": _TRAFFIC, "istio-ambient": _TRAFFIC, "linkerd": set()}
NAME = "backend-service"


def definitions(beside: Path) -> list[dict[str, Any]]:
    """Return Istio's definitions of the kinds in use. Skip the test without them."""
    every = yaml.safe_load_all((folder(*ISTIO, beside) / "customresourcedefinitions.gen.yaml").read_text())
    return [one for one in every if one["spec"]["names"]["kind"] in _TRAFFIC]


@pytest.fixture(scope="module")
def meshed(kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Create the namespace, on an API server with Istio's kinds."""
    defined = definitions(tmp_path_factory.mktemp("go"))
    kubectl("delete", "namespace", NAME, "--ignore-not-found", "--timeout=2m")  # of a file before this one
    kubectl("apply", "--server-side", "-f", "-", stdin=as_list(defined))
    for one in defined:
        wait_established(kubectl, f"crd/{one['metadata']['name']}")
    kubectl(
        "apply",
        "--server-side",
        "-f",
        "-",
        stdin=as_list([one for one in example("istio").manifests if one["kind"] == "Namespace"]),
    )
    yield
    kubectl("delete", "namespace", NAME, "--timeout=2m")
    kubectl("delete", "crd", *(one["metadata"]["name"] for one in defined), "--wait=false")


def test_rendered_objects_are_strictly_valid(tmp_path: Path) -> None:
    location = schemas.write(definitions(tmp_path), tmp_path / "schemas")
    made = [one for mesh in KINDS for one in example(mesh).manifests]
    assert kubeconform(yaml.safe_dump_all(made), location) == 0

    (rule, *_) = (one for one in made if one["kind"] == "DestinationRule")
    rule["spec"]["trafficPolicy"]["outlierDetection"]["consecutiveError"] = 3
    program = binaries.ensure(print, ["kubeconform"])["kubeconform"]
    done = subprocess.run(
        [str(program), "-strict", "-schema-location", location],
        input=yaml.safe_dump(rule),
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1 and "consecutiveError" in done.stdout, "the check above cannot fail"


@pytest.mark.parametrize("mesh", KINDS)
def test_it_is_stored_as_written(mesh: Any, kubectl: Kubectl, meshed: Any) -> None:
    made = example(mesh).manifests
    assert {one["kind"] for one in made if "istio.io" in one["apiVersion"]} == KINDS[mesh]
    done = kubectl(
        "apply",
        "--server-side",
        "--force-conflicts",
        "--dry-run=server",
        "--validate=strict",
        "-o=json",
        "-f",
        "-",
        stdin=as_list(made),
        check=False,
    )
    assert (done.returncode, "Warning" in done.stderr) == (0, False), (
        "the namespace warns of every pod that is not restricted"
    )
    stored = {(one["kind"], one["metadata"]["name"]): one for one in json.loads(done.stdout)["items"]}
    for one in made:
        if one["kind"] in {"Deployment", "Service", "NetworkPolicy", *KINDS[mesh]}:
            found = stored[one["kind"], one["metadata"]["name"]]
            assert lost({"spec": one["spec"], "metadata": one["metadata"]}, found) == []


@pytest.mark.parametrize("mesh", ["istio", "istio-ambient"])
def test_every_annotation_for_istio_is_in_its_api(mesh: Any, tmp_path: Path) -> None:
    module = folder(*ISTIO[:2], ".", tmp_path)
    known = "".join(file.read_text() for name in ("annotation", "label") for file in (module / name).glob("*.gen.go"))
    options = MeshOptions()
    for key in {
        **pod_annotations(mesh, options),
        **pod_labels(mesh, options),
        "istio.io/rev": "",
        "istio.io/use-waypoint": "",
        "istio.io/use-waypoint-namespace": "",
    }:
        assert f'"{key}"' in known, key
