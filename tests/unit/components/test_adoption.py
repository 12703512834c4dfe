"""An adopted backend keeps its selector, and its earlier pods serve until new ones are ready."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import json_format

from components.settings.load import validate_backend
from components.settings.problems import SettingsError
from ops.render.evaluate import evaluate
from tests.support.fake_engine import IMAGE, Monitor, selectors

THEIRS = {"app": "shop", "app.kubernetes.io/name": "web"}
ENFORCE = "pod-security.kubernetes.io/enforce"


def adopted(monitor: Monitor, **more: Any) -> Monitor:
    return monitor.make(name="shop", selector=THEIRS, **more)


def dependencies(monitor: Monitor, suffix: str) -> set[str]:
    """Return the types of the resources that one depends on."""
    return {urn.split("::")[2].rpartition("$")[2] for urn in monitor.one(suffix).dependencies}


def test_every_selector_is_the_adopted_one(monitor: Monitor) -> None:
    requests = [one for one in adopted(monitor).requests if one.type.startswith("kubernetes:")]
    found = [selector for one in requests for selector in selectors(json_format.MessageToDict(one.object)) if selector]
    assert len(found) >= 7 and all(selector == THEIRS for selector in found)


def test_pods_carry_the_adopted_labels_and_the_common_ones(monitor: Monitor) -> None:
    deployment = adopted(monitor, labels={"team": "shop"}).inputs("apps/v1:Deployment")
    ours = {"app.kubernetes.io/component": "backend", "app.kubernetes.io/managed-by": "pulumi"}
    assert deployment["spec"]["template"]["metadata"]["labels"] == {**THEIRS, "team": "shop", **ours}
    assert deployment["metadata"]["labels"]["app.kubernetes.io/name"] == "shop"


def test_the_service_waits_for_pods_with_its_target_port(monitor: Monitor) -> None:
    assert "kubernetes:apps/v1:Deployment" in dependencies(adopted(monitor), "core/v1:Service")


def test_without_adoption_the_service_does_not_wait_for_the_deployment(monitor: Monitor) -> None:
    assert dependencies(monitor.make(), "core/v1:Service") == {"kubernetes:core/v1:Namespace"}


def test_adopted_pods_are_allowed_by_port_number(monitor: Monitor) -> None:
    adopted(monitor, port=9000)
    opened = next(one for one in monitor.all("networking.k8s.io/v1:NetworkPolicy") if one.name == "shop-network-policy")
    (rule,) = json_format.MessageToDict(opened.object)["spec"]["ingress"]
    assert rule == {"ports": [{"port": "http", "protocol": "TCP"}, {"port": 9000, "protocol": "TCP"}]}


def test_adopted_pods_are_admitted_until_the_first_rollout(monitor: Monitor) -> None:
    adopted(monitor)
    assert ENFORCE not in monitor.inputs("core/v1:Namespace")["metadata"]["labels"]
    assert monitor.inputs("core/v1:NamespacePatch")["metadata"] == {"name": "shop", "labels": {ENFORCE: "restricted"}}
    assert dependencies(monitor, "core/v1:NamespacePatch") == {"kubernetes:apps/v1:Deployment"}


def test_without_adoption_pod_security_is_enforced_at_once(monitor: Monitor) -> None:
    assert monitor.make().inputs("core/v1:Namespace")["metadata"]["labels"][ENFORCE] == "restricted"
    assert monitor.all("core/v1:NamespacePatch") == []


def test_a_rendered_namespace_is_one_restricted_object(tmp_path: Path) -> None:
    for file in ("__main__.py", "Pulumi.dev.yaml"):
        (tmp_path / file).write_text((Path(__file__).parent.parent.parent.parent / file).read_text())
    stack = yaml.safe_load((tmp_path / "Pulumi.dev.yaml").read_text())
    stack["config"]["ha-backend:backend"]["selector"] = THEIRS
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump(stack))
    (namespace,) = [one for one in evaluate(tmp_path, "dev").manifests if one["kind"] == "Namespace"]
    assert namespace["metadata"]["labels"][ENFORCE] == "restricted"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"selector": {"app": "a b"}}, "selector.app: 'a b' is invalid: must be a label value"),
        ({"selector": ["app"]}, "selector: ['app'] is invalid: must be an object. The `spec.selector.matchLabels` of"),
        (
            {"selector": {"pod-template-hash": "1"}},
            "selector.pod-template-hash: '1' is Kubernetes' own label of one ReplicaSet",
        ),
        (
            {"selector": {"app": "shop"}, "labels": {"app": "web"}},
            "labels.app: 'web' is also in selector, with another value",
        ),
    ],
)
def test_an_invalid_selector_is_rejected(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        validate_backend({"image": IMAGE, **settings}, "backend")
    assert says in str(refused.value)
