"""The rivals' manifests: complete, filled in, and different where their sources say."""

from __future__ import annotations

import json

import pytest

from lab.testbed.baselines import RIVALS, Rival, manifests

GIVEN = {"name": "web", "namespace": "drill-web", "image": "registry.local:5000/podinfo:6.9.1", "cpu": "100m"}


def made(name: str, **changes):
    return {
        m["kind"]: m for m in manifests(RIVALS[name], **{**GIVEN, "environment": {"PODINFO_PORT": "8080"}, **changes})
    }


def pod(name: str):
    return made(name)["Deployment"]["spec"]["template"]["spec"]


def test_every_file_is_a_rival_and_says_where_its_defaults_are_documented():
    assert {rival.file.name for rival in RIVALS.values()} == {
        f.name for f in RIVALS["plain"].file.parent.glob("*.yaml")
    }
    for rival in RIVALS.values():
        head = rival.file.read_text().split("apiVersion", 1)[0]
        assert all(word in head for word in rival.source.replace(", ", " ").replace("common-", "common ").split())


@pytest.mark.parametrize("name", RIVALS)
def test_it_is_three_pods_behind_a_load_balancer(name):
    found = made(name)
    assert next(iter(found)) == "Namespace" and set(found) <= {"Namespace", "ServiceAccount", "Service", "Deployment"}
    assert "${" not in json.dumps(found)
    inside = {m["metadata"]["namespace"] for kind, m in found.items() if kind != "Namespace"}
    assert inside == {found["Namespace"]["metadata"]["name"]} == {"drill-web"}
    service, deployment = found["Service"]["spec"], found["Deployment"]["spec"]
    assert service["type"] == "LoadBalancer" and service["ports"][0]["port"] == 80
    labels = deployment["template"]["metadata"]["labels"]
    assert (
        service["selector"].items() <= labels.items()
        and deployment["selector"]["matchLabels"].items() <= labels.items()
    )
    assert deployment["replicas"] == 3
    (container,) = pod(name)["containers"]
    assert container["image"] == GIVEN["image"] and container["env"] == [{"name": "PODINFO_PORT", "value": "8080"}]
    assert container["resources"]["requests"]["cpu"] == "100m"
    port = service["ports"][0]["targetPort"]
    assert port == 8080 or {"name": port, "containerPort": 8080}.items() <= container["ports"][0].items()


@pytest.mark.parametrize("name", RIVALS)
def test_all_have_the_same_resources(name):
    assert pod(name)["containers"][0]["resources"] == pod("plain")["containers"][0]["resources"]


def test_they_differ_where_their_sources_say():
    assert made("app-template")["Deployment"]["spec"]["strategy"] == {"type": "Recreate"}
    assert made("stakater")["Deployment"]["spec"]["strategy"] == {"type": "RollingUpdate"}
    probed = {name for name in RIVALS if "readinessProbe" in pod(name)["containers"][0]}
    assert probed == {"helm-create"}


def test_a_value_stays_one_string():
    tricky = 'x"\n  evil: "yes'
    assert made("plain", image=tricky)["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"] == tricky


def test_an_unknown_placeholder_is_refused(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text("kind: Namespace\nmetadata: {name: '${nmae}'}\n")
    with pytest.raises(KeyError, match="nmae"):
        manifests(Rival("x", "x", file, "x"), **GIVEN, environment={})
