"""Pod template overrides are merged by key, and change nothing that the component manages."""

from __future__ import annotations

import copy
from typing import Any

import pulumi
import pytest

from components.availability import promise, timing
from components.availability.facts import UNKNOWN
from tests.support.fake_engine import Monitor, backend
from tests.support.pod_templates import SMALL, container, own, sidecar, spec

EVERYTHING: dict[str, Any] = {
    "podTemplate": {
        "metadata": {"annotations": {"example.org/scrape": "true"}},
        "spec": {
            "containers": [
                {
                    "name": "backend",
                    "env": [{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
                    "envFrom": [{"secretRef": {"name": "database"}}],
                    "ports": [{"name": "admin", "containerPort": 9100}],
                    "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
                    "command": ["/web"],
                    "args": ["--x"],
                    "resources": {"limits": {"nvidia.com/gpu": 1}},
                    "securityContext": {"runAsUser": 20000},
                }
            ],
            "initContainers": [
                sidecar(
                    securityContext={
                        "readOnlyRootFilesystem": False,
                        "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
                    }
                ),
                container(name="prepare", imagePullPolicy="Always"),
            ],
            "volumes": [
                {"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}},
                {"name": "config", "configMap": {"name": "web"}},
            ],
            "nodeSelector": {"pool": "web"},
            "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["db"]}],
            "imagePullSecrets": [{"name": "registry"}],
            "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]},
            "runtimeClassName": "gvisor",
            "securityContext": {"supplementalGroups": [30000]},
            "shareProcessNamespace": False,
            "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule"}],
            "topologySpreadConstraints": [{"topologyKey": "rack", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}],
            "affinity": {
                "nodeAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {"weight": 1, "preference": {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}}
                    ]
                },
                "podAntiAffinity": {
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        {
                            "weight": 1,
                            "podAffinityTerm": {"topologyKey": "rack", "labelSelector": {"matchLabels": {"a": "b"}}},
                        }
                    ]
                },
            },
        },
    },
    "health": {"initSeconds": 30},
    "environment": {"A": "1"},
}


def changed(before: Any, after: Any, path: str = "") -> set[str]:
    """Return the paths of values that changed. Additional entries at the end of a list do not count."""
    if isinstance(before, dict):
        return {where for key, value in before.items() for where in changed(value, after.get(key), f"{path}.{key}")}
    if isinstance(before, list) and isinstance(after, list):
        return {
            where
            for number, value in enumerate(before)
            for where in changed(value, after[number] if number < len(after) else None, f"{path}[{number}]")
        }
    return set() if before == after else {path}


def test_overrides_change_no_existing_field(monitor: Monitor) -> None:
    plain = copy.deepcopy(monitor.make(environment={"A": "1"}).inputs("apps/v1:Deployment"))
    monitor.requests.clear()
    added = monitor.make(**EVERYTHING).inputs("apps/v1:Deployment")
    container = ".spec.template.spec.containers[0]"
    assert changed(plain, added) == {
        f"{container}.securityContext.runAsUser",  # an override may set another user above 0
        *(f"{container}.resources.{side}.ephemeral-storage" for side in ("requests", "limits")),
    }


def test_every_override_is_merged(monitor: Monitor) -> None:
    monitor.make(**EVERYTHING)
    pod, given = monitor.pod(), EVERYTHING["podTemplate"]["spec"]
    template = monitor.inputs("apps/v1:Deployment")["spec"]["template"]
    assert template["metadata"]["annotations"] == {"example.org/scrape": "true"}
    assert [one["name"] for one in pod["containers"]] == ["backend"]
    assert [one["name"] for one in pod["initContainers"]] == ["proxy", "prepare"]
    only, (entry,) = pod["containers"][0], given["containers"]
    assert only["env"] == entry["env"]
    assert [next(iter(one)) for one in only["envFrom"]] == ["configMapRef", "secretRef"]
    assert [port["name"] for port in only["ports"]] == ["http", "admin"]
    assert [mount["mountPath"] for mount in only["volumeMounts"]] == ["/tmp", "/cache"]  # noqa: S108 (in the pod)
    assert (only["command"], only["args"]) == (["/web"], ["--x"])
    assert only["resources"]["limits"] == {
        "cpu": "1000m",
        "memory": "256Mi",
        "ephemeral-storage": "1344Mi",
        "nvidia.com/gpu": "1",
    }
    assert [volume["name"] for volume in pod["volumes"]] == ["tmp", "cache", "config"]
    assert [one["key"] for one in pod["tolerations"]][2:] == ["dedicated"]
    assert pod["securityContext"]["supplementalGroups"] == [30000]
    for key in (
        "nodeSelector",
        "hostAliases",
        "imagePullSecrets",
        "dnsConfig",
        "runtimeClassName",
        "shareProcessNamespace",
    ):
        assert pod[key] == given[key]
    affinity = pod["affinity"]
    assert affinity["nodeAffinity"] == given["affinity"]["nodeAffinity"]
    assert len(affinity["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]) == 2


def test_an_added_spread_constraint_counts_the_pods_of_one_release(monitor: Monitor) -> None:
    spread = monitor.make(**EVERYTHING).pod()["topologySpreadConstraints"]
    assert [one["topologyKey"] for one in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname", "rack"]
    assert spread[2] == {
        "topologyKey": "rack",
        "maxSkew": 1,
        "whenUnsatisfiable": "ScheduleAnyway",
        "nodeTaintsPolicy": "Honor",
        "matchLabelKeys": ["pod-template-hash"],
        "labelSelector": spread[0]["labelSelector"],
    }


def test_added_containers_are_restricted_by_default(monitor: Monitor) -> None:
    pod = monitor.make(**EVERYTHING).pod()
    restricted = {key: value for key, value in pod["containers"][0]["securityContext"].items() if key != "runAsUser"}
    proxy, prepare = pod["initContainers"]
    assert prepare["securityContext"] == {**restricted, "runAsUser": 10001}
    assert proxy["securityContext"] == {
        **prepare["securityContext"],
        "readOnlyRootFilesystem": False,
        "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
    }
    assert (proxy["imagePullPolicy"], prepare["imagePullPolicy"]) == ("IfNotPresent", "Always")


def test_empty_overrides_change_nothing(monitor: Monitor) -> None:
    plain = copy.deepcopy(monitor.make().inputs("apps/v1:Deployment"))
    monitor.requests.clear()
    assert monitor.make(podTemplate={}).inputs("apps/v1:Deployment") == plain
    assert "annotations" not in plain["spec"]["template"]["metadata"]
    assert not plain["spec"]["template"]["spec"].get("initContainers")


def test_the_autoscaler_measures_the_backend_container_only(monitor: Monitor) -> None:
    monitor.make(**spec(initContainers=[sidecar()]))
    (metric,) = monitor.inputs("autoscaling/v2:HorizontalPodAutoscaler")["spec"]["metrics"]
    assert metric["containerResource"]["container"] == "backend"


def test_every_sum_includes_the_start_of_earlier_containers() -> None:
    probe = {"tcpSocket": {"port": 9001}, "initialDelaySeconds": 5, "periodSeconds": 2, "failureThreshold": 10}
    slow = sidecar(startupProbe=probe)
    given = backend(**{**spec(initContainers=[slow, container(name="prepare")]), "health": {"initSeconds": 30}})
    plain = backend()
    more = 30 + 25
    assert timing.pod_start(given) == timing.pod_start(plain) + more
    assert timing.rollout_timeout(given) > timing.rollout_timeout(plain)
    told = {
        failure: (promise(given, UNKNOWN).as_output()[failure], promise(plain, UNKNOWN).as_output()[failure])
        for failure in ("pod", "rollout")
    }
    (now, before), (release, was) = told["pod"], told["rollout"]
    assert now["recoverySeconds"] == before["recoverySeconds"] + more
    assert release["recoverySeconds"] == was["recoverySeconds"] + more * timing.waves(backend(), 3)
    assert now["sources"][:2] == [
        "30 s for init containers to finish, at most (health.initSeconds)",
        "25 s for sidecars to start, at most (startup probes in podTemplate)",
    ]


def test_numbers_become_quantities_and_nulls_are_dropped() -> None:
    given = backend(**spec(initContainers=[sidecar(resources={"limits": {"cpu": 1, "memory": 2**26}}, args=None)]))
    (only,) = given.pod_template["spec"]["initContainers"]
    assert only["resources"]["limits"] == {"cpu": "1", "memory": "67108864"}
    assert "args" not in only


@pytest.mark.parametrize(
    "written", [own(env=[{"name": "A", "value": "1"}]), spec(initContainers=[sidecar(resources=SMALL)])]
)
def test_settings_survive_a_round_trip(written: dict[str, Any]) -> None:
    once = backend(**written)
    assert backend(**once.model_dump(by_alias=True, exclude_none=True, exclude={"image"})) == once


def test_every_child_is_an_attribute(monitor: Monitor) -> None:
    from components import HighlyAvailableBackend

    made: list[HighlyAvailableBackend] = []
    given = backend(environment={"A": "1"}, generatedSecrets={"names": ["KEY", "OTHER"]}, selector={"app": "old"})
    monitor.run(lambda: made.append(HighlyAvailableBackend(given.name, given)))
    (only,) = made
    values = [
        only.namespace,
        only.resource_quota,
        only.limit_range,
        *only.network_policies,
        only.service_account,
        only.deployment,
        only.pod_security_enforcement,
        only.service,
        only.disruption_budget,
        only.autoscaler,
        only.config_map,
        only.secret,
        *only.generated.values(),
    ]
    assert {one._name for one in values if one} == {one.name for one in monitor.requests if one.custom}
    assert sorted(only.generated) == ["KEY", "OTHER"]


def test_the_attribute_of_an_absent_child_is_none(monitor: Monitor) -> None:
    from components import HighlyAvailableBackend

    made: list[HighlyAvailableBackend] = []
    given = backend(autoscaling={"enabled": False})
    monitor.run(lambda: made.append(HighlyAvailableBackend(given.name, given)))
    (only,) = made
    assert (only.config_map, only.secret, only.autoscaler, only.pod_security_enforcement) == (None, None, None, None)
    assert not only.generated


def test_a_transformation_receives_every_child(monitor: Monitor) -> None:
    """Only transformations, which the SDK carries out; the engine tests cover transforms."""
    seen: set[str] = set()

    def note(args: pulumi.ResourceTransformationArgs) -> None:
        seen.add(args.name)

    monitor.make(
        **{**EVERYTHING, "generatedSecrets": {"names": ["KEY"]}, "ingress": {"hosts": ["a.example"]}},
        opts=pulumi.ResourceOptions(transformations=[note]),
    )
    assert seen == {one.name for one in monitor.requests}
    assert len(seen) > 12
