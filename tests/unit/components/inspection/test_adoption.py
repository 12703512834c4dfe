"""What stands in the way of taking a running backend over, and what its owner is told before."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from components.inspection.adoption import objections, remarks
from components.inspection.namespace_contents import KINDS, Found
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


def found(**objects: list[dict[str, Any]]) -> Found:
    given = {"Deployment": [DEPLOYMENT], "Service": [SERVICE], **objects}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    return Found(namespace, {kind: tuple(given.get(kind, ())) for kind in KINDS})


def changed(one: dict[str, Any], **spec: Any) -> dict[str, Any]:
    made = copy.deepcopy(one)
    made["spec"].update(spec)
    return made


def told(seen: Found, **settings: Any) -> list[str]:
    return list(objections(backend(**{"name": "shop", "selector": LABELS, **settings}), seen))


def named(kind: str, name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": spec, "kind": kind}


def scaler(name: str, **spec: Any) -> dict[str, Any]:
    return named("HorizontalPodAutoscaler", name, scaleTargetRef={"kind": "Deployment", "name": "shop"}, **spec)


def test_a_plain_deployment_and_its_service_can_be_taken_over() -> None:
    assert told(found()) == []
    assert list(remarks(backend(name="shop", selector=LABELS), found())) == []


@pytest.mark.parametrize(
    ("seen", "settings", "says"),
    [
        (
            found(),
            {"selector": {}},
            "selector: left out is not what the running Deployment selects by, and that it keeps for life: "
            "set it to {app: 'shop'}",
        ),
        (found(), {"selector": {"app": "shop", "tier": "web"}}, "set it to {app: 'shop'}"),
        (found(Deployment=[changed(DEPLOYMENT, selector={"matchExpressions": [{}]})]), {}, "by expressions"),
        (found(Deployment=[]), {}, "there is no Deployment 'shop' in namespace shop; Deployments there: none"),
        (
            found(Deployment=[changed(DEPLOYMENT, replicas=11)]),
            {"replicas": 11, "autoscaling": {"maxReplicas": 10}},
            "maxReplicas: 10 is fewer than the 11 pods that run now: raise it to 11",
        ),
        (
            found(Deployment=[changed(DEPLOYMENT, replicas=4)]),
            {},
            "replicas: 3 is fewer than the 4 pods that always run now: raise it to 4",
        ),
        (
            found(
                Deployment=[changed(DEPLOYMENT, replicas=9)], HorizontalPodAutoscaler=[scaler("shop", minReplicas=5)]
            ),
            {},
            "replicas: 3 is fewer than the 5 pods that always run now",
        ),
        (found(Service=[changed(SERVICE, ports=[{"port": 443, "targetPort": 8080}])]), {}, "clients use port 443"),
        (
            found(Service=[changed(SERVICE, ports=[{"port": 80, "targetPort": 9090}])]),
            {},
            "port: 8080 is not where the running pods listen: set it to 9090",
        ),
        (
            found(Service=[changed(SERVICE, ports=[{"port": 80, "targetPort": "web"}])]),
            {"port": 9090},
            "set it to 8080",
        ),
        (found(Service=[changed(SERVICE, clusterIP="None")]), {}, "cannot become a load balancer in place"),
        (
            found(HorizontalPodAutoscaler=[scaler("other")]),
            {},
            "HorizontalPodAutoscaler other sets the number of pods too",
        ),
        (
            found(HorizontalPodAutoscaler=[scaler("shop")]),
            {"autoscaling": {"enabled": False}},
            "autoscaling.enabled: false, and an autoscaler runs",
        ),
        (
            found(PodDisruptionBudget=[named("PodDisruptionBudget", "other", selector={"matchLabels": LABELS})]),
            {},
            "no pod that two select can be evicted",
        ),
        (found(StatefulSet=[named("StatefulSet", "database")]), {}, "also holds StatefulSet database"),
    ],
)
def test_what_cannot_be_taken_over_is_refused_with_what_would_do(
    seen: Found, settings: dict[str, Any], says: str
) -> None:
    (only,) = told(seen, **settings)
    assert says in only


@pytest.mark.parametrize("manager", ["helm", "argocd-controller", "terraform-provider-kubernetes"])
def test_a_deployment_whose_pods_another_tool_has_set_is_refused(manager: str) -> None:
    theirs = copy.deepcopy(DEPLOYMENT)
    theirs["metadata"]["managedFields"][0]["manager"] = manager
    (only,) = told(found(Deployment=[theirs]))
    assert f"'{manager}' has set a part of its pods, which would stay beside ours" in only


def test_all_problems_are_told_at_once() -> None:
    worst = found(
        Deployment=[changed(DEPLOYMENT, replicas=50)],
        CronJob=[named("CronJob", "report")],
        Service=[changed(SERVICE, ports=[{"port": 443}])],
    )
    assert len(told(worst, selector={})) == 5


def test_a_namespace_that_is_not_there_is_the_only_thing_to_tell() -> None:
    (only,) = told(Found(None, {}))
    assert "namespace: there is no namespace 'shop'" in only


def test_what_may_not_be_seen_is_not_taken_for_absent() -> None:
    seen = found()
    hidden = Found(seen.namespace, {kind: those for kind, those in seen.objects.items() if kind != "StatefulSet"})
    (only,) = told(hidden)
    assert "may not list StatefulSet" in only


def test_an_autoscaler_of_the_backends_name_and_budgets_of_other_pods_are_no_problem() -> None:
    assert (
        told(
            found(
                HorizontalPodAutoscaler=[scaler("shop")],
                PodDisruptionBudget=[
                    named("PodDisruptionBudget", "shop", selector={"matchLabels": LABELS}),
                    named("PodDisruptionBudget", "other", selector={"matchLabels": {"app": "other"}}),
                ],
            )
        )
        == []
    )


def test_its_owner_is_told_of_other_tools_other_services_and_pods_that_are_missing() -> None:
    theirs = copy.deepcopy(DEPLOYMENT)
    theirs["metadata"]["annotations"] = {"meta.helm.sh/release-name": "shop"}
    theirs["status"] = {"availableReplicas": 2}
    seen = found(Deployment=[theirs], Service=[{**SERVICE, "metadata": {"name": "internal"}}])
    assert list(remarks(backend(name="shop", selector=LABELS), seen)) == [
        "Deployment shop bears the mark of Helm: take it out of there, or Helm changes it back, or deletes it",
        "Service internal selects the same pods, and is left as it is",
        "there is no Service shop: the first `up` makes one",
        "only 2 of 3 pods are available",
    ]
