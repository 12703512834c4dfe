"""Check the plugin's process: what it registers, and what a program in another language gets back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import json_format

from ops.provider import install_source, tokens
from ops.provider.schema import schema
from tests.support.fake_engine import IMAGE, SECRET, SIGNATURE
from tests.support.plugin_process import UNKNOWN, Plugin, api_server, reference, running, secret

THEIRS = {"kubernetes": "urn:pulumi:test::shop::pulumi:providers:kubernetes::theirs::id-1"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    with running(tmp_path_factory.mktemp("program")) as started:
        yield started


def test_schema_and_version_come_over_the_wire(served: Plugin) -> None:
    assert json.loads(served.schema()) == schema()
    assert served.version() == schema()["version"]


def test_a_backend_on_a_provider_of_theirs(served: Plugin) -> None:
    made = served.construct(
        tokens.BACKEND,
        "web",
        {
            "image": IMAGE,
            "replicas": 4.0,
            "survive": "node",
            "environment": {"LEVEL": "info"},
            "autoscaling": {"maxReplicas": 8.0},
        },
        preview=False,
        providers=THEIRS,
    )
    assert not made.error
    component = served.engine.of(tokens.BACKEND)[0]
    assert json_format.MessageToDict(component.object)["replicas"] == 4
    deployment = json_format.MessageToDict(served.engine.of("apps/v1:Deployment")[0].object)
    assert deployment["spec"]["replicas"] == 4 and deployment["metadata"]["name"] == "web"
    assert all(
        request.provider.startswith(THEIRS["kubernetes"].rpartition("::")[0])
        for request in served.engine.requests
        if request.type.startswith("kubernetes:")
    )
    assert made.outputs["serviceName"] == "web" and made.outputs["verified"] is False
    assert made.outputs["endpoint"] == "http://192.0.2.10"
    assert made.outputs["promise"]["pod"]["survived"] is True
    assert set(made.outputs) == set(schema()["resources"][tokens.BACKEND]["properties"])


def test_a_name_of_its_own_wins_over_the_resources(served: Plugin) -> None:
    made = served.construct(tokens.BACKEND, "web", {"image": IMAGE, "name": "shop"}, providers=THEIRS)
    assert (
        made.outputs["deploymentName"] == "shop" and served.engine.of("apps/v1:Deployment")[0].name == "web-deployment"
    )


def test_a_backend_on_a_cluster_of_the_program(served: Plugin) -> None:
    cluster = served.construct(
        tokens.CLUSTER, "cluster", {"kind": "local", "zones": ["a", "b", "c"], "nodesPerZone": 2.0}
    )
    assert not cluster.error and cluster.outputs["zones"] == ["a", "b", "c"]
    made = served.construct(
        tokens.BACKEND, "web", {"image": IMAGE, "cluster": reference(cluster.urn), "survive": "zone"}
    )
    assert not made.error
    assert "3 zones" in made.outputs["promise"]["zone"]["why"]
    providers = {request.provider.rpartition("::")[0] for request in served.engine.requests if request.custom}
    assert {each.rpartition("::")[2] for each in providers} == {"cluster-provider"}
    assert "cluster" not in json_format.MessageToDict(served.engine.of(tokens.BACKEND)[0].object)


def test_the_rules_know_the_cluster(served: Plugin) -> None:
    cluster = served.construct(tokens.CLUSTER, "one", {"kind": "local", "zones": ["a"]})
    made = served.construct(
        tokens.BACKEND, "web", {"image": IMAGE, "cluster": reference(cluster.urn), "survive": "zone"}
    )
    assert "web.survive: 'zone' cannot hold because the cluster's nodes are in one zone, a" in made.error
    assert not served.engine.requests


def test_an_embedded_cluster_is_this_packages_own_and_lives_beside_the_program(served: Plugin, tmp_path: Path) -> None:
    with running(tmp_path) as elsewhere:
        made = elsewhere.construct(tokens.CLUSTER, "cluster", {"kind": "local"})
        (embedded,) = elsewhere.engine.of(tokens.EMBEDDED)
    inputs = json_format.MessageToDict(embedded.object)
    assert inputs["folder"] == str(tmp_path / ".ha-backend" / "clusters" / "test" / "cluster")
    assert embedded.version == schema()["version"] and list(embedded.additionalSecretOutputs) == ["kubeconfig"]
    assert made.outputs["identifier"] == UNKNOWN


def test_protection_reaches_what_is_made(served: Plugin) -> None:
    rejected = served.construct(tokens.BACKEND, "web", {"image": IMAGE}, providers=THEIRS, protect=True)
    assert (
        "web.image:" in rejected.error and "is not pinned although protect is true" in rejected.error
    )  # as in a stack file
    served.construct(tokens.BACKEND, "web", {"image": f"{IMAGE}@sha256:{'0' * 64}"}, providers=THEIRS, protect=True)
    assert served.engine.of(tokens.BACKEND)[0].protect


def test_a_kubeconfig_may_be_unknown_in_a_preview_and_stays_secret(served: Plugin) -> None:
    for given in (UNKNOWN, secret(UNKNOWN)):
        made = served.construct(tokens.BACKEND, "web", {"image": IMAGE, "kubeconfig": given}, providers=THEIRS)
        assert not made.error and made.outputs["verified"] is False
    text = str(served.engine.requests)
    assert "kubeconfig" not in text


def test_a_known_kubeconfig_is_asked_before_anything_is_made(served: Plugin) -> None:
    config = json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:9"}}],
            "users": [{"name": "u", "user": {"token": "do-not-tell"}}],
        }
    )
    made = served.construct(
        tokens.BACKEND, "web", {"image": IMAGE, "kubeconfig": secret(config), "replicas": 0.0}, providers=THEIRS
    )
    assert (
        "web.kubeconfig: the API server does not respond" in made.error and "web.replicas: 0 is invalid" in made.error
    )
    assert "do-not-tell" not in made.error and not served.engine.requests


def test_a_cluster_of_others_is_asked_what_it_is_and_its_kubeconfig_stays_secret(
    served: Plugin, tmp_path: Path
) -> None:
    with api_server(["a", "b", "c"]) as config:
        (tmp_path / "config").write_text(config)
        given = {"kind": "existing", "kubeconfig": str(tmp_path / "config"), "context": "theirs", "identifier": "shop"}
        cluster = served.construct(tokens.CLUSTER, "cluster", given)
        assert not cluster.error and cluster.outputs["identifier"] == "shop"
        assert (
            cluster.outputs["kubeconfig"][SIGNATURE] == SECRET and "hush-hush" in cluster.outputs["kubeconfig"]["value"]
        )
        made = served.construct(
            tokens.BACKEND, "web", {"image": IMAGE, "cluster": reference(cluster.urn), "survive": "zone"}
        )
    assert not made.error and "3 zones" in made.outputs["promise"]["zone"]["why"]
    assert "hush-hush" not in str(served.engine.requests)


def test_a_backend_does_not_fit_a_cluster_of_others(served: Plugin, tmp_path: Path) -> None:
    with api_server(["a"]) as config:
        (tmp_path / "config").write_text(config)
        given = {"kind": "existing", "kubeconfig": str(tmp_path / "config"), "context": "theirs"}
        lost = served.construct(tokens.CLUSTER, "cluster", {**given, "zones": ["a", "b"]}).error
        cluster = served.construct(tokens.CLUSTER, "cluster", given)
        error = served.construct(
            tokens.BACKEND,
            "web",
            {"image": IMAGE, "cluster": reference(cluster.urn), "survive": "zone", "autoscaling": {"cpuPercent": 33.0}},
        ).error
    assert "cluster.zones: no node is in b: nodes are in a" in lost
    assert "web.survive: 'zone' cannot hold because the cluster's nodes are in one zone, a" in error
    assert "ha-backend:" not in lost + error and not served.engine.requests


def test_a_known_kubeconfig_tells_the_rules_what_the_cluster_is(served: Plugin) -> None:
    with api_server(["a"]) as config:
        given = {"image": IMAGE, "kubeconfig": secret(config), "survive": "zone"}
        error = served.construct(tokens.BACKEND, "web", given, providers=THEIRS).error
    assert "web.survive: 'zone' cannot hold" in error and "hush-hush" not in error


def test_a_cluster_that_another_stack_owns(served: Plugin) -> None:
    stack = "organization/platform/prod"
    given = {"kind": "stack-reference", "stack": stack}
    assert f"cluster.stack: {stack!r} has no outputs" in served.construct(tokens.CLUSTER, "cluster", given).error
    with api_server(["a", "b", "c"]) as config:
        served.engine.stacks[stack] = {"kubeconfig": secret(config), "identifier": "p", "zones": ["a", "b"]}
        cluster = served.construct(tokens.CLUSTER, "cluster", given)
        assert (
            not cluster.error and cluster.outputs["identifier"] == "p" and cluster.outputs["zones"] == ["a", "b", "c"]
        )
        made = served.construct(
            tokens.BACKEND, "web", {"image": IMAGE, "cluster": reference(cluster.urn), "survive": "zone"}
        )
    assert not made.error and "3 zones" in made.outputs["promise"]["zone"]["why"]
    assert "hush-hush" not in str(served.engine.requests)


def test_two_backends_that_would_share_pods_are_refused(served: Plugin) -> None:
    cluster = reference(served.construct(tokens.CLUSTER, "cluster", {"kind": "local"}).urn)
    assert not served.construct(tokens.BACKEND, "one", {"image": IMAGE, "cluster": cluster, "name": "web"}).error
    error = served.construct(tokens.BACKEND, "two", {"image": IMAGE, "cluster": cluster, "name": "web"}).error
    assert "two.name: 'web' is also the name of 'one'" in error and "Traceback" not in error


BROKEN = """
from components.inspection import verifier
def steps(*_):
    yield 0
    raise verifier.NotHighlyAvailableError("web is not highly available: no pod is ready")
verifier.verification_steps = steps
"""


def test_an_up_is_red_where_the_backend_does_not_keep_its_promise(tmp_path: Path) -> None:
    with running(tmp_path, BROKEN) as plugin, api_server(["a", "b", "c"]) as config:
        given = {"image": IMAGE, "kubeconfig": secret(config)}
        preview = plugin.construct(tokens.BACKEND, "web", given, providers=THEIRS)
        assert not preview.error and preview.outputs["verified"] is False
        red = plugin.construct(tokens.BACKEND, "web", given, preview=False, providers=THEIRS)
        assert red.error == "web is not highly available: no pod is ready"
        assert plugin.engine.of("apps/v1:Deployment")  # it was made, and then it was asked


def test_a_type_that_is_not_there(served: Plugin) -> None:
    error = served.construct("ha-backend:index:Backend", "web", {}).error
    assert "is not in ha-backend" in error and tokens.BACKEND in error and "Traceback" not in error


@pytest.mark.parametrize(
    ("folder", "number", "address"),
    [
        ("resource-github.com_owner_name.git_plugin-v1.2.0", "1.2.0", "git://github.com/owner/name/plugin"),
        (
            "resource-gitlab.com_owner_some_name_plugin-v0.0.0-xabc123",
            "0.0.0-xabc123",
            "git://gitlab.com/owner/some_name/plugin",
        ),
        ("ha-backend", schema()["version"], None),
    ],
)
def test_a_cluster_is_looked_after_by_the_plugin_that_made_it(folder: str, number: str, address: str | None) -> None:
    found = install_source.options(Path("/plugins") / folder)
    assert found.version == number and found.plugin_download_url == address
