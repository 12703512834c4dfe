"""An Ingress and an HTTPRoute on a real API server with the Gateway API's own definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.devcluster.cluster import EmbeddedCluster
from tests.cluster.conftest import Kubectl, as_list
from tests.cluster.crds import GATEWAY_API, folder, withdraw
from tests.cluster.test_additions import lost
from tests.support.backends import manifests
from tests.support.crd_waits import wait_established
from tests.support.ingresses import INGRESS, NO_LOAD_BALANCER, ROUTE


@pytest.fixture(scope="module")
def gateway_api(kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    definitions = folder(*GATEWAY_API, tmp_path_factory.mktemp("go"))
    kubectl("apply", "--server-side", "-f", str(definitions))
    wait_established(kubectl, "crd/httproutes.gateway.networking.k8s.io")
    yield
    withdraw(kubectl, str(definitions))


@pytest.mark.parametrize("given", [{"ingress": INGRESS}, {"ingress": {"hosts": ["a.example"]}, **NO_LOAD_BALANCER}])
def test_an_ingress_is_stored_as_sent(kubectl: Kubectl, given: Any) -> None:
    made = manifests(name="led", **given)
    kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(made))
    (wanted,) = (one for one in made if one["kind"] == "Ingress")
    stored = kubectl("get", "ingress", "led", "-n", "led", "-o", "json")
    assert lost(wanted["spec"], stored["spec"]) == []
    service = kubectl("get", "service", "led", "-n", "led", "-o", "json")["spec"]
    assert service["type"] == ("ClusterIP" if "loadBalancer" in given else "LoadBalancer")
    kubectl("delete", "namespace", "led", "--wait=false")


def test_a_route_matches_the_gateway_api_s_definition(kubectl: Kubectl, gateway_api: Any) -> None:
    made = manifests(name="routed", route=ROUTE)
    kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(made))
    (wanted,) = (one for one in made if one["kind"] == "HTTPRoute")
    stored = kubectl("get", "httproute", "routed", "-n", "routed", "-o", "json")
    assert lost(wanted["spec"], stored["spec"]) == []
    bad = {
        **wanted,
        "spec": {**wanted["spec"], "rules": [{**wanted["spec"]["rules"][0], "timeouts": {"request": "30"}}]},
    }
    done = kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(bad), check=False)
    assert done.returncode != 0, "the definition is the one that knows durations"
    kubectl("delete", "namespace", "routed", "--wait=false")


def test_verification_observes_it(kubectl: Kubectl, cluster: EmbeddedCluster, gateway_api: Any) -> None:
    from components.inspection.client import Client
    from components.inspection.findings.ingress import expected, findings
    from components.inspection.observation import observe
    from tests.support.fake_engine import backend

    settings = backend(name="seen", ingress={"hosts": ["a.example"]}, route={"parentRefs": [{"name": "edge"}]})
    kubectl(
        "apply",
        "--server-side",
        "-f",
        "-",
        stdin=as_list(
            manifests(name="seen", ingress={"hosts": ["a.example"]}, route={"parentRefs": [{"name": "edge"}]})
        ),
    )

    def told() -> list[str]:
        client = Client(cluster.kubeconfig.read_text())
        return list(findings(settings, observe(client, "seen", "seen", expected_ingress=expected(settings))))

    assert len(told()) == 2
    address = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.9"}]}}}
    kubectl("patch", "ingress", "seen", "-n", "seen", "--subresource=status", "--type=merge", "-p", json.dumps(address))
    conditions = [
        {"type": kind, "status": "True", "reason": kind, "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}
        for kind in ("Accepted", "ResolvedRefs")
    ]
    taken = {
        "status": {
            "parents": [
                {"parentRef": {"name": "edge"}, "controllerName": "example.org/gateway", "conditions": conditions}
            ]
        }
    }
    kubectl("patch", "httproute", "seen", "-n", "seen", "--subresource=status", "--type=merge", "-p", json.dumps(taken))
    assert told() == []
    kubectl("delete", "namespace", "seen", "--wait=false")
