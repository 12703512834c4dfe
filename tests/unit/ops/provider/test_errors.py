"""Check that wrong inputs from another language give one message with all problems, before anything is created."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ops.provider import tokens
from tests.support.fake_engine import IMAGE
from tests.support.plugin_process import UNKNOWN, Plugin, reference, running, secret
from tests.unit.ops.provider.test_wire import THEIRS


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    with running(tmp_path_factory.mktemp("program")) as started:
        yield started


BACKENDS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("missing", {}, ["web.image: is required. Container image with a tag or a digest"]),
    (
        "wrong type",
        {"image": IMAGE, "replicas": "three"},
        ["web.replicas: 'three' is invalid: must be an integer from 1 to 1000"],
    ),
    (
        "half a pod",
        {"image": IMAGE, "replicas": 3.5},
        ["web.replicas: 3.5 is invalid: must be an integer from 1 to 1000"],
    ),
    (
        "out of range",
        {"image": IMAGE, "port": 0.0},
        ["web.port: 0 is invalid: must be an integer from 1 to 65535"],
    ),
    ("unknown", {"image": IMAGE, "replica": 3.0}, ["web.replica: unknown key; did you mean 'replicas'?"]),
    ("unknown inside", {"image": IMAGE, "health": {"path": "/"}}, ["web.health.path: unknown key"]),
    (
        "a text is asked",
        {"image": IMAGE, "environment": {"PORT": 8080.0}},
        ["web.environment.PORT: 8080 is invalid: must be a string"],
    ),
    (
        "no group",
        {"image": IMAGE, "autoscaling": True},
        ["web.autoscaling: true is invalid: must be an object"],
    ),
    (
        "in conflict",
        {"image": IMAGE, "replicas": 12.0},
        ["web.autoscaling.maxReplicas: 10 must be above replicas (12)"],
    ),
    ("a rule", {"image": IMAGE, "replicas": 1.0}, ["web.replicas: 1 leaves no pod when one is lost"]),
    ("a moved tag", {"image": "web:latest"}, ["web.image: 'web:latest' has a tag that moves from build to build"]),
    (
        "a secret",
        {"image": IMAGE, "environment": {"A": secret("hush-hush")}},
        ["web.environment: is secret, and settings are plain: use generatedSecrets"],
    ),
    ("a secret group", {"image": IMAGE, "labels": secret({"team": "hush-hush"})}, ["web.labels: is secret"]),
    ("not known yet", {"image": UNKNOWN}, ["web.image: is not known before `up`"]),
    (
        "not known inside",
        {"image": IMAGE, "network": {"egress": [{"cidr": UNKNOWN}]}},
        ["web.network.egress[0].cidr: is not known before `up`"],
    ),
    (
        "not known, and met by others",
        {"image": IMAGE, "replicas": UNKNOWN, "autoscaling": {"maxReplicas": 3.0}},
        ["The settings have 1 problem:", "web.replicas: is not known before `up`"],
    ),
    (
        "no cluster",
        {"image": IMAGE, "cluster": reference("urn:pulumi:test::shop::ha-backend:index:Cluster::gone")},
        [
            "web.cluster: 'urn:pulumi:test::shop::ha-backend:index:Cluster::gone' is not a Cluster that this program "
            "created"
        ],
    ),
    (
        "two places",
        {"image": IMAGE, "cluster": reference("urn:pulumi:test::shop::ha-backend:index:Cluster::gone")},
        [
            "web.cluster: 'urn:",
            "must be omitted, because the resource's options name a Kubernetes provider: keep one of the two",
        ],
    ),
    (
        "all at once",
        {"image": "web:latest", "replicas": 3.5, "naem": "x", "port": UNKNOWN, "labels": secret({"a": "hush-hush"})},
        [
            "The settings have 5 problems",
            "web.image",
            "web.replicas",
            "web.naem: unknown key; did you mean 'name'?",
            "web.port: is not known",
            "web.labels: is secret",
        ],
    ),
]


@pytest.mark.parametrize(
    ("given", "wanted"), [pytest.param(given, wanted, id=what) for what, given, wanted in BACKENDS]
)
def test_backend(served: Plugin, given: dict[str, Any], wanted: list[str]) -> None:
    error = served.construct(tokens.BACKEND, "web", given, providers=THEIRS).error
    rejected(served, error, wanted)


def test_the_current_context_of_a_kubeconfig_is_never_used(served: Plugin) -> None:
    error = served.construct(tokens.BACKEND, "web", {"image": IMAGE}).error
    rejected(served, error, ["web.cluster: is required: name a Cluster of this program, or a Kubernetes provider"])


def test_the_name_of_a_resource_must_be_valid_for_its_objects(served: Plugin) -> None:
    error = served.construct(tokens.BACKEND, "My_Web", {"image": IMAGE}, providers=THEIRS).error
    rejected(served, error, ["My_Web.name: 'My_Web' is invalid: must be lowercase letters"])


CLUSTERS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("missing", {}, ["c: has no kind: set kind to one of local, existing, stack-reference"]),
    ("unknown kind", {"kind": "lokal"}, ["c: kind 'lokal' is invalid; did you mean 'local'? Valid values: local"]),
    ("of the other kind", {"kind": "local", "context": "prod"}, ["c.context: unknown key"]),
    ("missing for its kind", {"kind": "existing"}, ["c.kubeconfig: is required.", "c.context: is required."]),
    (
        "a number",
        {"kind": "local", "kubernetes": 1.36},
        ["c.kubernetes: 1.36 is invalid; valid values: '1.35', '1.36', '1.37'"],
    ),
    (
        "out of range",
        {"kind": "local", "nodesPerZone": 99.0},
        ["c.nodesPerZone: 99 is invalid: must be an integer"],
    ),
    ("not known yet", {"kind": "local", "zones": [UNKNOWN]}, ["c.zones[0]: is not known before `up`"]),
    ("its kind not known", {"kind": UNKNOWN}, ["The settings have 1 problem:", "c.kind: is not known before `up`"]),
    (
        "no file",
        {"kind": "existing", "kubeconfig": "/nowhere/config", "context": "prod"},
        ["c.kubeconfig: '/nowhere/config' cannot be read (No such file or directory)"],
    ),
]


@pytest.mark.parametrize(
    ("given", "wanted"), [pytest.param(given, wanted, id=what) for what, given, wanted in CLUSTERS]
)
def test_cluster(served: Plugin, given: dict[str, Any], wanted: list[str]) -> None:
    rejected(served, served.construct(tokens.CLUSTER, "c", given).error, wanted)


def rejected(served: Plugin, error: str, wanted: list[str]) -> None:
    for text in wanted:
        assert text in error
    assert (
        "Traceback" not in error
        and "File " not in error
        and "<class" not in error
        and "ha-backend:" not in error.replace("ha-backend:index:Cluster", "").replace("ha-backend:Cluster", "")
    )
    assert "hush-hush" not in error
    assert not served.engine.requests  # nothing was registered
