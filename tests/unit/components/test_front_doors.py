"""Check that a stack file, a Python program and the plugin reject the same inputs with the same messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from components import Cluster, HighlyAvailableBackend
from components.availability import facts_from_settings
from components.runtime import configuration
from components.settings import LocalCluster, SettingsError
from ops.provider import tokens
from tests.support.fake_engine import IMAGE, Monitor
from tests.support.plugin_process import Plugin, reference, running

LOCAL = {"kind": "local"}
DIGEST = f"web:1@sha256:{'0' * 64}"

BACKENDS: dict[str, tuple[dict[str, Any], bool]] = {
    "protect with a tag": ({"image": IMAGE}, True),
    "protect with a tag in an added container": (
        {
            "image": DIGEST,
            "podTemplate": {"spec": {"initContainers": [{"name": "migrate", "image": "migrate:1"}]}},
        },
        True,
    ),
    "too few replicas": ({"image": IMAGE, "replicas": 1}, False),
    "unknown key": ({"image": IMAGE, "replica": 3}, False),
    "unknown key in a group": ({"image": IMAGE, "health": {"path": "/"}}, False),
    "wrong type": ({"image": IMAGE, "replicas": "three"}, False),
    "not a group": ({"image": IMAGE, "autoscaling": True}, False),
    "out of bounds": ({"image": IMAGE, "port": 0}, False),
    "missing": ({}, False),
    "contradiction": ({"image": IMAGE, "replicas": 12}, False),
    "more zones than the cluster has": ({"image": IMAGE, "autoscaling": {"cpuPercent": 99}}, False),
    "a tag that moves": ({"image": "web:latest"}, False),
    "two problems at once": ({"image": IMAGE, "replicas": 1, "port": 0}, True),
}
CLUSTERS: dict[str, dict[str, Any]] = {
    "no kind": {},
    "unknown kind": {"kind": "lokal"},
    "unknown key": {"kind": "local", "context": "prod"},
    "out of bounds": {"kind": "local", "nodesPerZone": 99},
    "a zone twice": {"kind": "local", "zones": ["a", "a"]},
    "missing for its kind": {"kind": "existing"},
    "too many real nodes": {"kind": "local", "nodes": "real", "nodesPerZone": 4},
}


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    with running(tmp_path_factory.mktemp("program")) as started:
        yield started


def problems(message: str, prefix: str) -> list[str]:
    """Return the lines of a message without the part of the keys in which the doors differ."""
    lines = message.strip().splitlines()
    assert lines and lines[0].startswith("The settings have ")
    return [line.replace(f"  {prefix}", "  ", 1) for line in lines]


def stack_file(monkeypatch: pytest.MonkeyPatch, **values: Any) -> str:
    config = {f"ha-backend:{key}": json.dumps(value) for key, value in values.items()}
    monkeypatch.setattr(configuration, "get_config_env", lambda: config)
    monkeypatch.setattr(configuration, "get_config_secret_keys_env", list)
    with pytest.raises(SettingsError) as caught:
        configuration.settings()
    return str(caught.value)


def python(program: Any) -> str:
    """Return the message with which a Python program ends."""
    with pytest.raises(SettingsError) as caught:
        Monitor().run(program)
    assert isinstance(caught.value, pulumi.RunError), "it would end with a traceback"
    return str(caught.value)


@pytest.mark.parametrize(("args", "protect"), BACKENDS.values(), ids=BACKENDS)
def test_backend(args: dict[str, Any], protect: bool, plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_from_settings(LocalCluster.model_validate(LOCAL))
    stack = problems(stack_file(monkeypatch, cluster=LOCAL, backend=args, protect=protect), "ha-backend:backend")
    options = pulumi.ResourceOptions(protect=protect)
    assert problems(python(lambda: HighlyAvailableBackend("web", args, cluster=facts, opts=options)), "web") == stack
    urn = plugin.construct(tokens.CLUSTER, "cluster", LOCAL).urn
    answer = plugin.construct(tokens.BACKEND, "web", {**args, "cluster": reference(urn)}, protect=protect)
    assert problems(answer.error, "web") == stack


def test_protection_that_a_parent_hands_down_counts() -> None:
    def program() -> None:
        parent = pulumi.ComponentResource("test:index:Parent", "parent", opts=pulumi.ResourceOptions(protect=True))
        HighlyAvailableBackend("web", {"image": IMAGE}, opts=pulumi.ResourceOptions(parent=parent))

    assert "web.image" in python(program)


@pytest.mark.parametrize("args", CLUSTERS.values(), ids=CLUSTERS)
def test_cluster(args: dict[str, Any], plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = problems(stack_file(monkeypatch, cluster=args, backend={"image": IMAGE}), "ha-backend:cluster")
    assert problems(python(lambda: Cluster("c", args)), "c") == stack
    assert problems(plugin.construct(tokens.CLUSTER, "c", args).error, "c") == stack
