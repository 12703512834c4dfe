"""Which fields of an object people have set, without those that the API server and controllers have added."""

from __future__ import annotations

import json
from typing import Any

from components.inspection.ownership import foreign_field_managers, user_set_fields

CONTAINER = {
    "name": "web",
    "image": "shop:1",
    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    "terminationMessagePath": "/dev/termination-log",
    "ports": [{"containerPort": 8080, "protocol": "TCP"}],
}
FIELDS = {
    "f:metadata": {"f:annotations": {".": {}, "f:kubectl.kubernetes.io/last-applied-configuration": {}}},
    "f:spec": {
        "f:replicas": {},
        "f:dnsPolicy": {},
        "f:containers": {
            'k:{"name":"web"}': {
                ".": {},
                "f:name": {},
                "f:image": {},
                "f:terminationMessagePath": {},
                "f:env": {".": {}, 'k:{"name":"A"}': {".": {}, "f:name": {}, "f:value": {}}},
                "f:ports": {
                    ".": {},
                    'k:{"containerPort":8080,"protocol":"TCP"}': {".": {}, "f:containerPort": {}, "f:protocol": {}},
                },
            }
        },
    },
}
APPLIED = {
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 1,
        "containers": [
            {"name": "web", "image": "shop:0", "env": [{"name": "A", "value": "0"}], "ports": [{"containerPort": 8080}]}
        ],
    },
}


def live(*managers: dict[str, Any], applied: Any = None) -> dict[str, Any]:
    annotations = {"deployment.kubernetes.io/revision": "1"}
    if applied is not None:
        annotations["kubectl.kubernetes.io/last-applied-configuration"] = json.dumps(applied)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "status": {"readyReplicas": 3},
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "uid": "1",
            "annotations": annotations,
            "managedFields": list(managers),
        },
        "spec": {
            "replicas": 3,
            "dnsPolicy": "ClusterFirst",
            "containers": [CONTAINER, {"name": "injected", "image": "x"}],
        },
    }


def by(manager: str, fields: Any, **more: str) -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "fieldsV1": fields, **more}


def test_kubectl_apply_keeps_present_values_without_defaults() -> None:
    assert user_set_fields(live(by("kubectl-client-side-apply", FIELDS), applied=APPLIED)) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "replicas": 3,
            "containers": [
                {
                    "name": "web",
                    "image": "shop:1",
                    "env": [{"name": "A", "value": "1"}],
                    "ports": [{"containerPort": 8080}],
                }
            ],
        },
    }


def test_later_edits_are_included() -> None:
    variable: dict[str, Any] = {"f:env": {'k:{"name":"B"}': {".": {}, "f:name": {}, "f:value": {}}}}
    edited = {"f:spec": {"f:containers": {'k:{"name":"web"}': variable}}}
    (container,) = user_set_fields(
        live(by("kubectl-client-side-apply", FIELDS), by("kubectl-edit", edited), applied=APPLIED)
    )["spec"]["containers"]
    assert container["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


def test_without_an_applied_manifest_all_owned_fields_count() -> None:
    assert user_set_fields(live(by("kubectl", FIELDS)))["spec"]["dnsPolicy"] == "ClusterFirst"


def test_fields_of_controllers_are_omitted() -> None:
    deployment = live(
        by("kube-controller-manager", {"f:status": {"f:readyReplicas": {}}}, subresource="status"),
        by("kube-controller-manager", {"f:spec": {"f:replicas": {}}}, subresource="scale"),
        by("injector", {"f:spec": {"f:containers": {'k:{"name":"injected"}': {".": {}, "f:image": {}}}}}),
    )
    assert user_set_fields(deployment) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
    }


def test_foreign_field_managers_own_fields_that_would_stay() -> None:
    deployment = live(
        by("kubectl-edit", {"f:spec": {"f:replicas": {}}}),
        by("helm", {"f:spec": {"f:replicas": {}}}),
        by("kube-controller-manager", {"f:spec": {"f:replicas": {}}}, subresource="scale"),
        by("controller", {"f:metadata": {"f:annotations": {}}}),
    )
    assert foreign_field_managers(deployment, "spec", "replicas") == ["helm"]
