"""A route's retries: what both channels of the Gateway API accept, by their own definitions."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.availability import ClusterFacts, conflicts
from components.devcluster import binaries
from components.devcluster.cluster import EmbeddedCluster
from components.inspection.client import Client
from components.inspection.cluster_reader import read_route_fields
from tests.cluster import schemas
from tests.cluster.conftest import Kubectl, as_list
from tests.cluster.crds import GATEWAY_API, GATEWAY_API_EXPERIMENTAL, folder, withdraw
from tests.cluster.test_additions import lost
from tests.support.backends import manifests
from tests.support.crd_waits import wait_established
from tests.support.fake_engine import backend
from tests.support.ingresses import ROUTE_WITH_RETRIES

CHANNELS = {"standard": GATEWAY_API, "experimental": GATEWAY_API_EXPERIMENTAL}
HTTPROUTES = "gateway.networking.k8s.io_httproutes.yaml"


def route() -> dict[str, Any]:
    """Return the HTTPRoute as it is sent."""
    (manifest,) = (one for one in manifests(name="tried", route=ROUTE_WITH_RETRIES) if one["kind"] == "HTTPRoute")
    return manifest


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_channel_s_schema_accepts_it_or_names_the_missing_field(channel: str, tmp_path: Path) -> None:
    definition = yaml.safe_load((folder(*CHANNELS[channel], tmp_path) / HTTPROUTES).read_text())
    location = schemas.write([definition], tmp_path / "schemas")
    program = binaries.ensure(print, ["kubeconform"])["kubeconform"]
    done = subprocess.run(
        [str(program), "-strict", "-schema-location", location],
        input=yaml.safe_dump(route()),
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, "retry" in done.stdout) == ((0, False) if channel == "experimental" else (1, True)), (
        done.stdout
    )


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_unsupported_field_is_detected_before_the_deployment(
    channel: str, kubectl: Kubectl, cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    definition = str(folder(*CHANNELS[channel], tmp_path) / HTTPROUTES)
    kubectl("apply", "--server-side", "-f", definition)
    try:
        wait_established(kubectl, "crd/httproutes.gateway.networking.k8s.io")
        fields = published(cluster)
        refused = [
            one.key
            for one in conflicts(backend(route=ROUTE_WITH_RETRIES), ClusterFacts(("a", "b", "c"), route_fields=fields))
        ]
        kubectl(
            "apply",
            "--server-side",
            "--validate=strict",
            "-f",
            "-",
            stdin=as_list([one for one in manifests(name="tried") if one["kind"] == "Namespace"]),
        )
        # By server-side apply, as the engine does, which does not ask the API server to be strict.
        tried = kubectl(
            "apply", "--server-side", "--validate=ignore", "-f", "-", stdin=json.dumps(route()), check=False
        )
        if channel == "experimental":
            assert (refused, tried.returncode) == ([], 0), tried.stderr
            stored = kubectl("get", "httproute", "tried", "-n", "tried", "-o", "json")
            assert lost(route()["spec"], stored["spec"]) == []
        else:
            assert (refused, tried.returncode) == (["route.retry.attempts"], 1)
            assert "retry: field not declared in schema" in tried.stderr
    finally:
        withdraw(kubectl, definition)
        kubectl("delete", "namespace", "tried", "--ignore-not-found", "--timeout=60s")


def published(cluster: EmbeddedCluster) -> frozenset[str]:
    """Wait for the schema of a new kind: the API server publishes it some moments after it serves the kind."""
    for _ in range(60):
        found = read_route_fields(Client(cluster.kubeconfig.read_text()))
        if found is not None:
            return found
        time.sleep(0.5)
    raise AssertionError("the API server publishes no schema of an HTTPRoute")
