"""The example of each mesh: valid to the letter by the mesh's own definitions, and stored by an API server that has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from render.evaluate import evaluate
from settings.mesh import MeshOptions, pod_annotations, pod_labels
from tests import lint
from tests.cluster import schemas
from tests.cluster.conftest import PROJECT, as_list
from tests.cluster.crds import ISTIO, folder
from tests.cluster.test_additions import lost

_TRAFFIC = {"VirtualService", "DestinationRule"}
KINDS: dict[str, set[str]] = {"istio": _TRAFFIC, "istio-ambient": _TRAFFIC, "linkerd": set()}
NAME = "backend-service"


def rendered(mesh: str) -> list[dict[str, Any]]:
    return evaluate(PROJECT, mesh, PROJECT / "examples" / "stacks" / f"Pulumi.{mesh}.yaml").manifests


def istio(beside: Path) -> list[dict[str, Any]]:
    """Istio's definitions; without them no mesh of theirs is proved here."""
    return list(yaml.safe_load_all((folder(*ISTIO, beside) / "customresourcedefinitions.gen.yaml").read_text()))


@pytest.mark.parametrize("mesh", KINDS)
def test_what_is_rendered_is_valid_and_is_stored_as_it_was_written(mesh, kubectl, tmp_path):
    made, defined = rendered(mesh), istio(tmp_path) if KINDS[mesh] else []
    assert KINDS[mesh] == {one["kind"] for one in made if "istio.io" in one["apiVersion"]}
    assert lint.kubeconform(yaml.safe_dump_all(made), schemas.write(defined, tmp_path / "schemas")) == 0

    if defined:
        kubectl("apply", "--server-side", "-f", "-", stdin=as_list(defined))
        for one in defined:
            kubectl("wait", "--for=condition=Established", f"crd/{one['metadata']['name']}", "--timeout=60s")
    try:
        done = kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(made))
        assert "Warning" not in done.stderr, "the namespace warns of every pod that is not restricted"
        for one in made:
            if one["kind"] in {"Deployment", "Service", "NetworkPolicy", *KINDS[mesh]}:
                stored = kubectl("get", one["kind"], one["metadata"]["name"], "-n", NAME, "-o", "json")
                assert lost(one["spec"], stored["spec"]) == []
                assert lost(one["metadata"], stored["metadata"]) == []
    finally:
        kubectl("delete", "namespace", NAME, "--timeout=120s")
        for one in defined:
            kubectl("delete", "crd", one["metadata"]["name"], "--wait=false")


def test_a_field_that_istio_has_not_is_an_error(tmp_path):
    """Else the test above could not fail."""
    made = rendered("istio")
    (rule,) = (one for one in made if one["kind"] == "DestinationRule")
    rule["spec"]["trafficPolicy"]["outlierDetection"]["consecutiveErrors"] = 3
    assert lint.kubeconform(yaml.safe_dump(rule), schemas.write(istio(tmp_path), tmp_path / "schemas")) != 0


@pytest.mark.parametrize("mesh", ["istio", "istio-ambient"])
def test_every_word_to_istio_is_one_of_its_api(mesh, tmp_path):
    module = folder(*ISTIO[:2], ".", tmp_path)
    known = "".join(file.read_text() for name in ("annotation", "label") for file in (module / name).glob("*.gen.go"))
    options = MeshOptions(revision=None)
    for key in {**pod_annotations(mesh, options), **pod_labels(mesh, options), "istio.io/rev": "", "istio.io/use-waypoint": "",
                "istio.io/use-waypoint-namespace": ""}:
        assert f'"{key}"' in known, key
