"""The manifests of the baselines: complete, filled in, and different as their sources document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.testbed.baselines import BASELINES, Baseline, manifests

VALUES = {"name": "web", "namespace": "drill-web", "image": "registry.local:5000/podinfo:6.9.1", "cpu": "100m"}


def objects(name: str, **changes: str) -> dict[str, Any]:
    values = {**VALUES, **changes}
    rendered = manifests(BASELINES[name], environment={"PODINFO_PORT": "8080"}, **values)
    return {manifest["kind"]: manifest for manifest in rendered}


def pod(name: str) -> Any:
    return objects(name)["Deployment"]["spec"]["template"]["spec"]


def test_every_file_is_a_baseline_and_names_the_source_of_its_defaults() -> None:
    files = {file.name for file in BASELINES["plain"].file.parent.glob("*.yaml")}
    assert {baseline.file.name for baseline in BASELINES.values()} == files
    for baseline in BASELINES.values():
        head = baseline.file.read_text().split("apiVersion", 1)[0]
        assert all(word in head for word in baseline.source.replace(", ", " ").replace("common-", "common ").split())


@pytest.mark.parametrize("name", BASELINES)
def test_it_is_three_pods_behind_a_load_balancer(name: str) -> None:
    by_kind = objects(name)
    assert next(iter(by_kind)) == "Namespace"
    assert set(by_kind) <= {"Namespace", "ServiceAccount", "Service", "Deployment"}
    assert "${" not in json.dumps(by_kind)
    namespaces = {manifest["metadata"]["namespace"] for kind, manifest in by_kind.items() if kind != "Namespace"}
    assert namespaces == {by_kind["Namespace"]["metadata"]["name"]} == {"drill-web"}
    service, deployment = by_kind["Service"]["spec"], by_kind["Deployment"]["spec"]
    assert service["type"] == "LoadBalancer" and service["ports"][0]["port"] == 80
    labels = deployment["template"]["metadata"]["labels"].items()
    assert service["selector"].items() <= labels and deployment["selector"]["matchLabels"].items() <= labels
    assert deployment["replicas"] == 3
    (container,) = pod(name)["containers"]
    assert container["image"] == VALUES["image"] and container["env"] == [{"name": "PODINFO_PORT", "value": "8080"}]
    assert container["resources"]["requests"]["cpu"] == "100m"
    port = service["ports"][0]["targetPort"]
    assert port == 8080 or {"name": port, "containerPort": 8080}.items() <= container["ports"][0].items()


@pytest.mark.parametrize("name", BASELINES)
def test_all_have_the_same_resources(name: str) -> None:
    assert pod(name)["containers"][0]["resources"] == pod("plain")["containers"][0]["resources"]


def test_they_differ_as_their_sources_document() -> None:
    assert objects("app-template")["Deployment"]["spec"]["strategy"] == {"type": "Recreate"}
    assert objects("stakater")["Deployment"]["spec"]["strategy"] == {"type": "RollingUpdate"}
    assert {name for name in BASELINES if "readinessProbe" in pod(name)["containers"][0]} == {"helm-create"}


def test_a_value_stays_one_string() -> None:
    tricky = 'x"\n  evil: "yes'
    deployment = objects("plain", image=tricky)["Deployment"]
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == tricky


def test_an_unknown_placeholder_is_rejected(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("kind: Namespace\nmetadata: {name: '${nmae}'}\n")
    with pytest.raises(KeyError, match="nmae"):
        manifests(Baseline("x", "x", file, "x"), environment={}, **VALUES)
