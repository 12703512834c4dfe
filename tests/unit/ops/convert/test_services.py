"""Services of other names, further Services, and those of several Deployments."""

from __future__ import annotations

import io

import yaml

from ops.convert.conversion import convert
from ops.convert.documents import read
from ops.convert.notes import Verdict
from tests.corpus.equality import unexplained
from tests.unit.ops.convert.manifests import Object, container, converted, named, service, settings


def test_a_port_that_is_declared_twice_is_declared_once() -> None:
    ports = [
        {"name": "http", "containerPort": 8080},
        {"name": "web", "containerPort": 80},
        {"name": "other", "containerPort": 80},
    ]

    def change(deployment: Object, sibling: Object) -> None:
        container(deployment)["ports"] = ports
        sibling["spec"]["ports"].append({"name": "other", "port": 81, "targetPort": "other"})

    values = settings(converted(change=change))
    (own,) = values["podTemplate"]["spec"]["containers"]
    assert own["ports"] == [{"name": "web", "containerPort": 80}]
    (port,) = values["overrides"]["service"]["spec"]["ports"]
    assert port["targetPort"] in ("web", 80)


def test_a_service_of_another_name_is_kept() -> None:
    conversion = converted(change=lambda deployment, service: service["metadata"].update(name="web-svc"))
    (further,) = settings(conversion)["extraObjects"]
    assert (further["kind"], further["metadata"]["name"]) == ("Service", "web-svc")
    assert further["spec"]["ports"][0]["targetPort"] == "http"
    assert any("under both names" in note.text for note in conversion.notes.notes)
    assert unexplained(conversion) == []


def test_a_service_that_a_manifest_states_in_full_stays_as_it_is() -> None:
    conversion = converted()
    assert conversion.verdict == "as it is"
    assert all(note.verdict in (Verdict.RENAMED, Verdict.ADDED) for note in conversion.notes.notes)


def test_a_further_service_finds_the_pods_under_their_new_labels() -> None:
    def change(deployment: Object, service: Object) -> None:
        deployment["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"] = "shop"
        service["spec"]["selector"] = {"app.kubernetes.io/name": "shop"}
        service["metadata"]["name"] = "web-svc"

    conversion = converted(change=change)
    (further,) = settings(conversion)["extraObjects"]
    assert further["spec"]["selector"] == {"app": "web"}
    assert any("shop becomes web" in note.text for note in conversion.notes.notes if note.verdict is Verdict.CHANGED)
    assert unexplained(conversion) == []


def test_a_service_of_several_deployments_stays_outside() -> None:
    def change(deployment: Object, service: Object) -> None:
        deployment["metadata"]["name"] = "web-v1"

    other = named("Deployment", "apps/v1", "web-v2", spec=converted().workload.deployment["spec"])
    text = yaml.safe_dump_all([*service(change), other])
    conversions = convert(read(io.BytesIO(text.encode()), "web.yaml"), "web.yaml")
    assert [one.stack for one in conversions] == ["web-v1", "web-v2"]
    for one in conversions:
        assert settings(one)["protocol"] == "http"
        assert any(each.startswith("Service web, which also selects") for each in one.notes.remaining)
