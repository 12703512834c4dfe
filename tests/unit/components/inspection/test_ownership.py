"""What people have set of an object, without what the API server and controllers have added."""

from __future__ import annotations

import json
from typing import Any

from components.inspection.ownership import given, strangers

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


def test_of_what_kubectl_applied_its_present_values_without_the_defaults() -> None:
    assert given(live(by("kubectl-client-side-apply", FIELDS), applied=APPLIED)) == {
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


def test_what_was_edited_afterwards_is_there_too() -> None:
    variable = {"f:env": {'k:{"name":"B"}': {".": {}, "f:name": {}, "f:value": {}}}}
    edited = {"f:spec": {"f:containers": {'k:{"name":"web"}': variable}}}
    (container,) = given(live(by("kubectl-client-side-apply", FIELDS), by("kubectl-edit", edited), applied=APPLIED))[
        "spec"
    ]["containers"]
    assert container["env"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


def test_without_a_manifest_all_that_is_owned() -> None:
    assert given(live(by("kubectl", FIELDS)))["spec"]["dnsPolicy"] == "ClusterFirst"


def test_what_controllers_have_set_is_left_out() -> None:
    seen = live(
        by("kube-controller-manager", {"f:status": {"f:readyReplicas": {}}}, subresource="status"),
        by("kube-controller-manager", {"f:spec": {"f:replicas": {}}}, subresource="scale"),
        by("injector", {"f:spec": {"f:containers": {'k:{"name":"injected"}': {".": {}, "f:image": {}}}}}),
    )
    assert given(seen) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
    }


def test_strangers_are_those_whose_fields_would_stay() -> None:
    seen = live(
        by("kubectl-edit", {"f:spec": {"f:replicas": {}}}),
        by("helm", {"f:spec": {"f:replicas": {}}}),
        by("kube-controller-manager", {"f:spec": {"f:replicas": {}}}, subresource="scale"),
        by("controller", {"f:metadata": {"f:annotations": {}}}),
    )
    assert strangers(seen, "spec", "replicas") == ["helm"]
