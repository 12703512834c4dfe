"""A backend that ran before it was ours: it keeps its selector, and its pods are served until ours are there."""

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


def taken_over(monitor: Monitor, **more: Any) -> Monitor:
    return monitor.make(name="shop", selector=THEIRS, **more)


def needs(monitor: Monitor, suffix: str) -> set[str]:
    """Types of the resources that one waits for."""
    return {urn.split("::")[2].rpartition("$")[2] for urn in monitor.one(suffix).dependencies}


def test_whatever_selects_pods_selects_by_the_labels_that_were_there(monitor: Monitor) -> None:
    requests = [one for one in taken_over(monitor).requests if one.type.startswith("kubernetes:")]
    found = [selector for one in requests for selector in selectors(json_format.MessageToDict(one.object)) if selector]
    assert len(found) >= 7 and all(selector == THEIRS for selector in found)


def test_pods_carry_them_besides_our_own_and_objects_keep_their_name(monitor: Monitor) -> None:
    deployment = taken_over(monitor, labels={"team": "shop"}).inputs("apps/v1:Deployment")
    ours = {"app.kubernetes.io/component": "backend", "app.kubernetes.io/managed-by": "pulumi"}
    assert deployment["spec"]["template"]["metadata"]["labels"] == {**THEIRS, "team": "shop", **ours}
    assert deployment["metadata"]["labels"]["app.kubernetes.io/name"] == "shop"


def test_the_service_waits_for_pods_that_have_the_port_it_leads_to(monitor: Monitor) -> None:
    assert "kubernetes:apps/v1:Deployment" in needs(taken_over(monitor), "core/v1:Service")


def test_in_a_namespace_of_our_own_it_need_not(monitor: Monitor) -> None:
    assert needs(monitor.make(), "core/v1:Service") == {"kubernetes:core/v1:Namespace"}


def test_pods_without_that_name_are_let_through_by_number(monitor: Monitor) -> None:
    taken_over(monitor, port=9000)
    opened = next(one for one in monitor.all("networking.k8s.io/v1:NetworkPolicy") if one.name == "shop-network-policy")
    (rule,) = json_format.MessageToDict(opened.object)["spec"]["ingress"]
    assert rule == {"ports": [{"port": "http", "protocol": "TCP"}, {"port": 9000, "protocol": "TCP"}]}


def test_pods_from_before_are_admitted_until_the_last_has_gone(monitor: Monitor) -> None:
    taken_over(monitor)
    assert ENFORCE not in monitor.inputs("core/v1:Namespace")["metadata"]["labels"]
    assert monitor.inputs("core/v1:NamespacePatch")["metadata"] == {"name": "shop", "labels": {ENFORCE: "restricted"}}
    assert needs(monitor, "core/v1:NamespacePatch") == {"kubernetes:apps/v1:Deployment"}


def test_a_namespace_of_our_own_admits_none_from_the_beginning(monitor: Monitor) -> None:
    assert monitor.make().inputs("core/v1:Namespace")["metadata"]["labels"][ENFORCE] == "restricted"
    assert monitor.all("core/v1:NamespacePatch") == []


def test_rendered_the_namespace_is_one_object_and_restricted(tmp_path: Path) -> None:
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
        ({"selector": {"app": "a b"}}, "selector.app: 'a b' is wrong; right would be a label value"),
        ({"selector": ["app"]}, "selector: ['app'] is wrong; right would be a group of keys (Labels that a Deployment"),
        (
            {"selector": {"pod-template-hash": "1"}},
            "selector.pod-template-hash: '1' is Kubernetes' own label of one release",
        ),
        (
            {"selector": {"app": "shop"}, "labels": {"app": "web"}},
            "labels.app: 'web' is also in selector, with another value",
        ),
    ],
)
def test_a_selector_that_cannot_be_is_refused(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        validate_backend({"image": IMAGE, **settings}, "backend")
    assert says in str(refused.value)
