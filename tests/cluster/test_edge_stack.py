"""The example of an edge site: strictly valid, and stored by an API server as written."""

from __future__ import annotations

from typing import Any

import yaml

from ops.render.__main__ import as_yaml
from tests.cluster.conftest import as_list, example
from tests.cluster.test_additions import deployment, lost
from tools.lint.kubeconform import kubeconform

NAMESPACE = "backend-service"


def test_rendered_objects_are_strictly_valid() -> None:
    made = example("edge")
    assert kubeconform(as_yaml(made)) == 0
    deployment(made.manifests)["spec"]["template"]["spec"]["tolerations"][0]["tolerationSecond"] = 1
    assert kubeconform(yaml.safe_dump_all(made.manifests)) != 0, "the check above cannot fail"


def test_its_pods_are_stored_as_written(kubectl: Any) -> None:
    made = example("edge").manifests
    kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=2m")  # of a file before this one
    kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(made))
    try:
        stored = kubectl("get", "deployment", "backend-service", "-n", NAMESPACE, "-o", "json")["spec"]["template"]
        assert lost(deployment(made)["spec"]["template"], stored) == []
        assert {one["key"] for one in stored["spec"]["tolerations"] if "tolerationSeconds" in one} == set()
        assert stored["spec"]["nodeSelector"] == {"apps.openyurt.io/nodepool": "shop-12"}
    finally:
        kubectl("delete", "namespace", NAMESPACE, "--timeout=2m")  # others use the same one
