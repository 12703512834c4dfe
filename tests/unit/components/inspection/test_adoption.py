"""What prevents the adoption of a running backend, and what its owner should know before."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from components.inspection.adoption import objections
from components.inspection.adoption_notes import notes, tools
from components.inspection.namespace_contents import KINDS, NamespaceContents
from tests.support.fake_engine import backend

LABELS = {"app": "shop"}
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "shop",
        "namespace": "shop",
        "managedFields": [
            {
                "manager": "kubectl-client-side-apply",
                "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {}}}}},
            },
            {"manager": "kube-controller-manager", "subresource": "status", "fieldsV1": {"f:status": {}}},
        ],
    },
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": LABELS},
        "template": {
            "metadata": {"labels": LABELS},
            "spec": {"containers": [{"name": "web", "ports": [{"name": "web", "containerPort": 8080}]}]},
        },
    },
    "status": {"availableReplicas": 3},
}
SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "shop", "namespace": "shop"},
    "spec": {
        "type": "LoadBalancer",
        "clusterIP": "10.0.0.1",
        "selector": LABELS,
        "ports": [{"port": 80, "targetPort": 8080}],
    },
}


def contents_with(**objects: list[dict[str, Any]]) -> NamespaceContents:
    by_kind = {"Deployment": [DEPLOYMENT], "Service": [SERVICE], **objects}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    return NamespaceContents(namespace, {kind: tuple(by_kind.get(kind, ())) for kind in KINDS})


def changed(one: dict[str, Any], **spec: Any) -> dict[str, Any]:
    copied = copy.deepcopy(one)
    copied["spec"].update(spec)
    return copied


def objections_to(contents: NamespaceContents, **settings: Any) -> list[str]:
    return list(objections(backend(**{"name": "shop", "selector": LABELS, **settings}), contents))


def named(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": spec, "kind": kind}


def scaler(name: str, **spec: Any) -> dict[str, Any]:
    return named("HorizontalPodAutoscaler", name, scaleTargetRef={"kind": "Deployment", "name": "shop"}, **spec)


def test_a_plain_deployment_and_its_service_can_be_adopted() -> None:
    assert objections_to(contents_with()) == []
    assert list(notes(backend(name="shop", selector=LABELS), contents_with())) == []


@pytest.mark.parametrize(
    ("contents", "settings", "text"),
    [
        (
            contents_with(),
            {"selector": {}},
            "selector: unset differs from the selector of the running Deployment, which is immutable: "
            "set it to {app: 'shop'}",
        ),
        (contents_with(), {"selector": {"app": "shop", "tier": "web"}}, "set it to {app: 'shop'}"),
        (contents_with(Deployment=[changed(DEPLOYMENT, selector={"matchExpressions": [{}]})]), {}, "by expressions"),
        (
            contents_with(Deployment=[]),
            {},
            "name: 'shop' is not a Deployment in namespace shop: use one of its Deployments: none",
        ),
        (
            contents_with(Deployment=[changed(DEPLOYMENT, replicas=11)]),
            {"replicas": 11, "autoscaling": {"maxReplicas": 10}},
            "maxReplicas: 10 is fewer than the 11 pods that run now: raise it to 11",
        ),
        (
            contents_with(Deployment=[changed(DEPLOYMENT, replicas=4)]),
            {},
            "replicas: 3 is fewer than the 4 pods that always run now: raise it to 4",
        ),
        (
            contents_with(
                Deployment=[changed(DEPLOYMENT, replicas=9)], HorizontalPodAutoscaler=[scaler("shop", minReplicas=5)]
            ),
            {},
            "replicas: 3 is fewer than the 5 pods that always run now",
        ),
        (
            contents_with(Service=[changed(SERVICE, ports=[{"port": 443, "targetPort": 8080}])]),
            {},
            "servicePort: 80 differs from port 443 of Service shop, which clients use: set it to 443",
        ),
        (
            contents_with(Service=[changed(SERVICE, ports=[{"port": 80, "targetPort": 9090}])]),
            {},
            "port: 8080 is not the port that the running pods listen on: set it to 9090",
        ),
        (
            contents_with(Service=[changed(SERVICE, ports=[{"port": 80, "targetPort": "web"}])]),
            {"port": 9090},
            "set it to 8080",
        ),
        (contents_with(Service=[changed(SERVICE, clusterIP="None")]), {}, "cannot become a load balancer in place"),
        (
            contents_with(HorizontalPodAutoscaler=[scaler("other")]),
            {},
            "HorizontalPodAutoscaler other sets the replica count, too",
        ),
        (
            contents_with(HorizontalPodAutoscaler=[scaler("shop")]),
            {"autoscaling": {"enabled": False}},
            "autoscaling.enabled: false, but an autoscaler runs",
        ),
        (
            contents_with(
                PodDisruptionBudget=[named("PodDisruptionBudget", "other", selector={"matchLabels": LABELS})]
            ),
            {},
            "a pod that two budgets select cannot be evicted",
        ),
        (contents_with(StatefulSet=[named("StatefulSet", "database")]), {}, "also contains StatefulSet database"),
    ],
)
def test_an_objection_names_its_remedy(contents: NamespaceContents, settings: dict[str, Any], text: str) -> None:
    (only,) = objections_to(contents, **settings)
    assert text in only


@pytest.mark.parametrize("manager", ["helm", "argocd-controller", "terraform-provider-kubernetes"])
def test_a_deployment_whose_pod_template_another_tool_manages_is_rejected(manager: str) -> None:
    managed = copy.deepcopy(DEPLOYMENT)
    managed["metadata"]["managedFields"][0]["manager"] = manager
    (only,) = objections_to(contents_with(Deployment=[managed]))
    assert (
        f"the field manager '{manager}' owns fields of its pod template, which would stay next to the settings' own"
        in only
    )


def test_a_further_port_that_the_stack_names_stays() -> None:
    ports = [{"port": 80, "targetPort": 8080}, {"name": "metrics", "port": 9090, "targetPort": 9090}]
    running = contents_with(Service=[changed(SERVICE, ports=ports)])
    overrides = {"service": {"spec": {"ports": [ports[1]]}}}
    assert objections_to(running, overrides=overrides) == []
    (only,) = objections_to(running)
    assert "name the port in overrides.service.spec.ports" in only


def test_a_further_port_leads_where_it_led() -> None:
    metrics: dict[str, Any] = {"name": "metrics", "port": 9090, "targetPort": 9090}
    running = contents_with(Service=[changed(SERVICE, ports=[{"port": 80, "targetPort": 8080}, metrics])])
    overrides = {"service": {"spec": {"ports": [{**metrics, "targetPort": 9999}]}}}
    (only,) = objections_to(running, overrides=overrides)
    assert "leads to 9090 now, and to 9999 in the settings" in only
    udp = {"service": {"spec": {"ports": [{"name": "dns", "port": 80, "protocol": "UDP"}]}}}
    other = contents_with(Service=[changed(SERVICE, ports=[{"port": 80, "targetPort": 7777}])])
    (only,) = objections_to(other, overrides=udp)
    assert "set it to 7777" in only


def test_a_namespace_that_stays_as_it_is_may_hold_other_workloads() -> None:
    shared = contents_with(StatefulSet=[named("StatefulSet", "database")], CronJob=[named("CronJob", "report")])
    assert objections_to(shared, createNamespace=False) == []
    only_needed = {kind: one for kind, one in shared.objects.items() if kind not in ("StatefulSet", "CronJob")}
    assert objections_to(NamespaceContents(None, only_needed), createNamespace=False) == []
    (only,) = objections_to(NamespaceContents(None, {}), createNamespace=False)
    assert "[adoption-namespace-missing]" in only


def test_all_objections_are_reported_together() -> None:
    everything = contents_with(
        Deployment=[changed(DEPLOYMENT, replicas=50)],
        CronJob=[named("CronJob", "report")],
        Service=[changed(SERVICE, ports=[{"port": 443}])],
    )
    assert len(objections_to(everything, selector={})) == 5


def test_a_missing_namespace_is_the_only_objection() -> None:
    (only,) = objections_to(NamespaceContents(None, {}))
    assert "namespace: 'shop' does not exist on this cluster" in only


def test_a_hidden_kind_does_not_count_as_absent() -> None:
    contents = contents_with()
    hidden = NamespaceContents(
        contents.namespace, {kind: those for kind, those in contents.objects.items() if kind != "StatefulSet"}
    )
    (only,) = objections_to(hidden)
    assert "may not list StatefulSet" in only


def test_an_autoscaler_with_the_backends_name_and_budgets_of_other_pods_are_fine() -> None:
    assert (
        objections_to(
            contents_with(
                HorizontalPodAutoscaler=[scaler("shop")],
                PodDisruptionBudget=[
                    named("PodDisruptionBudget", "shop", selector={"matchLabels": LABELS}),
                    named("PodDisruptionBudget", "other", selector={"matchLabels": {"app": "other"}}),
                ],
            )
        )
        == []
    )


def test_notes_name_other_tools_other_services_and_missing_pods() -> None:
    managed = copy.deepcopy(DEPLOYMENT)
    managed["metadata"]["annotations"] = {"meta.helm.sh/release-name": "shop"}
    managed["status"] = {"availableReplicas": 2}
    contents = contents_with(Deployment=[managed], Service=[{**SERVICE, "metadata": {"name": "internal"}}])
    assert list(tools([managed, SERVICE])) == [
        "Deployment shop is managed by Helm: remove it from Helm, which otherwise reverts or deletes it"
    ]
    assert list(notes(backend(name="shop", selector=LABELS), contents)) == [
        "Service internal selects the same pods and stays as it is",
        "Service shop does not exist: the first `up` creates it",
        "only 2 of 3 pods are available",
    ]


@pytest.mark.parametrize(
    ("settings", "kind"), [({"selector": {}}, "adoption-selector-differs"), ({"port": 9090}, "adoption-port-differs")]
)
def test_an_objection_ends_with_its_id(settings: dict[str, Any], kind: str) -> None:
    (only,) = objections_to(contents_with(), **settings)
    assert only.endswith(f" [{kind}]")
