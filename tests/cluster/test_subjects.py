"""The subjects of drills on a real API server: a stack without an engine, and every baseline."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from components.devcluster.cluster import EmbeddedCluster
from lab.testbed.baselines import BASELINES, manifests
from lab.testbed.our_stack import DeployError, OurStack, on
from tests.cluster.conftest import PROJECT, Kubectl, as_list
from tests.support.quick import QUICK

SETTINGS = {**QUICK, "generatedSecrets": {"names": ["KEY"]}}


def test_a_stack_without_an_engine(cluster: EmbeddedCluster, kubectl: Kubectl, tmp_path: Path) -> None:
    ours = OurStack(
        PROJECT,
        tmp_path,
        "blue",
        where=on(cluster.kubeconfig, cluster.context),
        log=print,
        settings=SETTINGS,
        engine="not in this test",
    )

    def get(*words: str) -> Any:
        return kubectl("get", *words, "-n", "blue", "-o", "json")

    def environment() -> Any:
        (source, *_) = get("deployment", "backend-service")["spec"]["template"]["spec"]["containers"][0]["envFrom"]
        return get("configmap", source["configMapRef"]["name"])["data"]

    first = ours.start_deploy()
    first.wait(180)
    assert "highly available: 3 ready endpoints" in first.output
    secret = get("secret", "-l", "app.kubernetes.io/name=backend-service")["items"]

    running = ours.start_deploy({"environment": {"COLOUR": "navy"}})
    while "waiting for pods" not in running.output:
        assert running.running, running.output
        time.sleep(0.05)
    running.kill()
    ours.deploy()
    found = get("deployment", "backend-service")["status"]
    assert environment() == {"COLOUR": "navy"} and found["updatedReplicas"] == found["readyReplicas"] == 3
    assert secret == get("secret", "-l", "app.kubernetes.io/name=backend-service")["items"]

    with pytest.raises(DeployError, match="priorityClassName"):
        ours.deploy({"placement": {"priorityClassName": "nobody-made-it"}})
    ours.destroy()
    assert kubectl("get", "namespace", "blue", check=False).returncode != 0 and not (tmp_path / "blue").exists()


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_is_stored_as_written_and_becomes_available(kubectl: Kubectl, name: str) -> None:
    given = manifests(
        BASELINES[name],
        name="web",
        namespace=f"baseline-{name}",
        image="ghcr.io/stefanprodan/podinfo:6.9.1",
        environment={"PODINFO_PORT": "8080"},
        cpu="100m",
    )
    inside = ("-n", f"baseline-{name}")
    try:
        kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(given))
        kubectl("rollout", "status", "deployment/web", "--timeout=2m", *inside)
        kubectl("wait", "service/web", "--for=jsonpath={.status.loadBalancer.ingress}", "--timeout=1m", *inside)
        (slices,) = kubectl("get", "endpointslices", *inside, "-o", "json")["items"]
        assert len(slices["endpoints"]) == 3 and slices["ports"][0]["port"] == 8080
        stored = kubectl("get", "deployment", "web", *inside, "-o", "json")["spec"]
        wanted = next(manifest["spec"] for manifest in given if manifest["kind"] == "Deployment")
        assert _within(wanted, stored)
    finally:
        kubectl("delete", "namespace", f"baseline-{name}", "--wait=false")


def _within(wanted: Any, stored: Any) -> Any:
    """Report whether the API server has stored everything that was written."""
    if isinstance(wanted, dict):
        return all(key in stored and _within(value, stored[key]) for key, value in wanted.items())
    if isinstance(wanted, list):
        return len(wanted) == len(stored) and all(map(_within, wanted, stored))
    return wanted == stored
