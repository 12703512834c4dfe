"""Objects around a Deployment: autoscalers, accounts, Ingresses, routes and NetworkPolicies."""

from __future__ import annotations

from typing import Any

import pytest

from ops.convert.workload import left_out
from tests.corpus.equality import unexplained
from tests.unit.ops.convert.manifests import Change, Object, converted, named, pod, settings

SCALER = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 3, "maxReplicas": 9}
RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}
SUBJECT = [{"kind": "ServiceAccount", "name": "runner", "namespace": "shop"}]
BY_RUNNER: Change = lambda deployment, service: pod(deployment).update(serviceAccountName="runner")  # noqa: E731


def _utilization(resource: str, percent: int) -> Object:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


def _scaled(**fields: Any) -> Object:
    return named("HorizontalPodAutoscaler", "autoscaling/v2", spec={**SCALER, **fields})


def test_an_autoscaler_keeps_its_metrics_and_its_behavior() -> None:
    average = {"type": "AverageValue", "averageValue": "100"}
    metrics = [
        _utilization("cpu", 60),
        _utilization("memory", 70),
        {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": average}},
        {
            "type": "External",
            "external": {"metric": {"name": "queue", "selector": {"matchLabels": {"q": "a"}}}, "target": average},
        },
        {"type": "External", "external": {"metric": {"name": "total"}, "target": {"type": "Value", "value": "5"}}},
    ]
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60}}
    conversion = converted(_scaled(metrics=metrics, behavior=behavior))
    values = settings(conversion)
    assert (values["replicas"], values["autoscaling"]) == (
        3,
        {
            "maxReplicas": 9,
            "cpuPercent": 60,
            "memoryPercent": 70,
            "podMetrics": [{"name": "rps", "averageValue": "100"}],
            "externalMetrics": [{"name": "queue", "averageValue": "100", "labels": {"q": "a"}}],
        },
    )
    assert values["overrides"]["horizontalPodAutoscaler"]["spec"] == {"behavior": behavior, "metrics": [metrics[4]]}
    assert any("own container is measured" in note.text for note in conversion.notes.notes)


def test_an_autoscaler_without_a_range_is_omitted() -> None:
    conversion = converted(_scaled(minReplicas=4, maxReplicas=4))
    values = settings(conversion)
    assert (values["replicas"], values["autoscaling"]) == (4, {"enabled": False})
    assert any("it always has 4 replicas" in note.text for note in conversion.notes.notes)


def test_a_scaled_object_keeps_its_triggers() -> None:
    triggers = [{"type": "cron", "metadata": {"timezone": "UTC"}}]
    spec = {"scaleTargetRef": {"name": "web"}, "minReplicaCount": 2, "maxReplicaCount": 5, "triggers": triggers}
    values = settings(converted(named("ScaledObject", "keda.sh/v1alpha1", spec=spec)))
    assert values["autoscaling"] == {"maxReplicas": 5, "owner": "keda", "cpuPercent": None, "triggers": triggers}


def test_objects_of_other_names_are_to_be_deleted() -> None:
    budget = named("PodDisruptionBudget", "policy/v1", "pdb", spec={"selector": {"matchLabels": {"app": "web"}}})
    conversion = converted({**_scaled(), "metadata": {"name": "hpa", "namespace": "shop"}}, budget)
    assert [each.split(".")[0] for each in conversion.notes.remaining] == [
        "HorizontalPodAutoscaler hpa",
        "PodDisruptionBudget pdb",
    ]


def test_the_rights_of_an_account_become_rules() -> None:
    role, binding = (
        "rbac.authorization.k8s.io/v1",
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
    )
    account = named("ServiceAccount", "v1", "runner", imagePullSecrets=[{"name": "pull"}])
    account["metadata"]["annotations"] = {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/web",
        "team": "a",
    }
    cluster_role = {"apiVersion": role, "kind": "ClusterRole", "metadata": {"name": "c"}, "rules": [RULE]}
    cluster_binding = {
        "apiVersion": role,
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "c"},
        "roleRef": {**binding, "kind": "ClusterRole", "name": "c"},
        "subjects": SUBJECT,
    }
    conversion = converted(
        account,
        named("Role", role, "r", rules=[RULE]),
        named("RoleBinding", role, "r", roleRef=binding, subjects=SUBJECT),
        cluster_role,
        cluster_binding,
        change=BY_RUNNER,
    )
    values = settings(conversion)
    assert values["rbac"] == {"rules": [RULE], "clusterRules": [RULE]}
    assert values["identity"] == {"awsRoleArn": "arn:aws:iam::123456789012:role/web"}
    assert values["overrides"]["serviceAccount"] == {
        "metadata": {"name": "runner", "annotations": {"team": "a"}},
        "imagePullSecrets": [{"name": "pull"}],
    }
    assert "serviceAccountName" not in values["podTemplate"]["spec"]
    rendered = {one["kind"]: one for one in conversion.rendered}
    assert rendered["Deployment"]["spec"]["template"]["spec"]["serviceAccountName"] == "runner"
    assert (rendered["Role"]["rules"], rendered["ClusterRole"]["rules"]) == ([RULE], [RULE])


@pytest.mark.parametrize(
    ("binding", "reason"),
    [
        (
            {"roleRef": {"apiGroup": "a", "kind": "ClusterRole", "name": "view"}},
            "whose rules the manifest does not have",
        ),
        ({"subjects": [*SUBJECT, {"kind": "User", "name": "a"}]}, "has other subjects too"),
        ({"namespace": "kube-system"}, "is in namespace kube-system"),
    ],
)
def test_an_account_whose_rights_are_elsewhere_stays(binding: Object, reason: str) -> None:
    api = "rbac.authorization.k8s.io/v1"
    fields = {"roleRef": {"apiGroup": "a", "kind": "Role", "name": "r"}, "subjects": SUBJECT, **binding}
    place = fields.pop("namespace", "shop")
    bound = named("RoleBinding", api, "b", **fields)
    bound["metadata"]["namespace"] = place
    role = named("Role", api, "r", rules=[RULE])
    role["metadata"]["namespace"] = place
    conversion = converted(named("ServiceAccount", "v1", "runner"), bound, role, change=BY_RUNNER)
    assert settings(conversion)["podTemplate"]["spec"]["serviceAccountName"] == "runner"
    assert "rbac" not in settings(conversion)
    assert any(reason in each for each in conversion.notes.remaining)


def _ingress(name: str = "web", **spec: Any) -> Object:
    return named("Ingress", "networking.k8s.io/v1", name, spec=spec)


def _path(service: str = "web", path: str = "/", kind: str = "Prefix", **port: Any) -> Object:
    return {"path": path, "pathType": kind, "backend": {"service": {"name": service, "port": port or {"number": 80}}}}


def test_an_ingress_becomes_a_setting() -> None:
    rules = [
        {"host": host, "http": {"paths": [_path(path="/api", kind="Exact")]}} for host in ("a.example", "b.example")
    ]
    tls = [{"hosts": ["a.example", "b.example"], "secretName": "tls"}]
    ingress = _ingress(ingressClassName="nginx", rules=rules, tls=tls)
    ingress["metadata"]["annotations"] = {"cert-manager.io/cluster-issuer": "letsencrypt"}
    values = settings(converted(ingress))
    assert values["ingress"] == {
        "hosts": ["a.example", "b.example"],
        "className": "nginx",
        "paths": [{"path": "/api", "pathType": "Exact"}],
        "tlsSecretName": "tls",
        "annotations": {"cert-manager.io/cluster-issuer": "letsencrypt"},
    }
    assert values["shutdown"]["deregistrationSeconds"] == 12


def test_an_ingress_without_a_host_is_an_object_of_its_own() -> None:
    conversion = converted(_ingress(rules=[{"http": {"paths": [_path()]}}]))
    (further,) = settings(conversion)["extraObjects"]
    assert (further["kind"], further["metadata"]["name"]) == ("Ingress", "web-ingress")


def test_an_ingress_of_several_services_stays_outside() -> None:
    conversion = converted(_ingress(rules=[{"host": "a.example", "http": {"paths": [_path(), _path("api", "/api")]}}]))
    assert "ingress" not in settings(conversion)
    assert conversion.notes.remaining[-1].startswith("Ingress web, which also sends to api")


def test_a_route_becomes_a_setting() -> None:
    rule = {"matches": [{"path": {"type": "Exact", "value": "/a"}}]}
    spec = {
        "parentRefs": [{"name": "gateway", "namespace": "infra", "sectionName": "https"}],
        "hostnames": ["a.example"],
        "rules": [{**rule, "backendRefs": [{"name": "web", "port": 80}]}],
    }
    values = settings(converted(named("HTTPRoute", "gateway.networking.k8s.io/v1", spec=spec)))
    assert values["route"] == {"parentRefs": spec["parentRefs"], "hostnames": ["a.example"], "rules": [rule]}


def test_a_network_policy_becomes_namespaces_and_blocks() -> None:
    place = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}
    data = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "data"}}}
    spec = {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [place]}],
        "egress": [
            {"to": [data], "ports": [{"port": 5432}]},
            {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
            {"ports": [{"port": 53, "protocol": "UDP"}]},
        ],
    }
    conversion = converted(named("NetworkPolicy", "networking.k8s.io/v1", spec=spec))
    assert settings(conversion)["network"] == {
        "allowFrom": ["ingress"],
        "egress": [{"namespace": "data", "ports": [5432]}, {"cidr": "10.0.0.0/8"}],
    }


def test_clients_that_are_chosen_by_their_labels_are_asked_for() -> None:
    peer = {"podSelector": {"matchLabels": {"app": "gateway"}}}
    spec = {"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{"from": [peer]}]}
    conversion = converted(named("NetworkPolicy", "networking.k8s.io/v1", spec=spec))
    assert "allowFrom" not in settings(conversion)["network"]
    assert "NetworkPolicy web restricts clients" in conversion.notes.questions["network"]
    assert unexplained(conversion) == []


def test_other_kinds_are_left_out_and_invalid_objects_are_reported() -> None:
    conversion = converted(_ingress(rules="none"), named("CronJob", "batch/v1", spec={}))
    assert settings(conversion)
    assert any(each.startswith("Ingress shop/web, which Kubernetes rejects") for each in conversion.notes.remaining)
    assert left_out(conversion.workload.objects) == {"CronJob": 1}


@pytest.mark.parametrize(
    "kind", ["PodDisruptionBudget", "HorizontalPodAutoscaler", "Service", "ServiceAccount", "ScaledObject"]
)
@pytest.mark.parametrize(
    "spec", [[], "text", {"selector": ["a"]}, {"scaleTargetRef": ["a"]}, {"selector": {"app": ["web"]}}]
)
def test_objects_of_any_shape_are_reported(kind: str, spec: object) -> None:
    conversion = converted(named(kind, {"HorizontalPodAutoscaler": "autoscaling/v2"}.get(kind, "v1"), "odd", spec=spec))
    assert conversion.verdict in ("as it is", "changed", "not possible")
