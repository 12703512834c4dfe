"""Check what the engine gets besides the objects: order, parents, timeouts, secrets, outputs."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest

from components import HighlyAvailableBackend
from components.availability import UNKNOWN, ClusterFacts, promise, timing
from components.settings import SettingsError
from tests.support.fake_engine import ADDRESS, IMAGE, SECRET, SIGNATURE, Monitor, backend

NAME = "backend-service"
RANDOM = "index/randomPassword:RandomPassword"
FULL: dict[str, Any] = {
    "environment": {"A": "1"},
    "generatedSecrets": {"names": ["SESSION_KEY"], "length": 40, "rotation": 7},
}


def children(monitor: Monitor) -> list[Any]:
    found = [r for r in monitor.requests if r.type.startswith(("kubernetes:", "random:"))]
    assert found
    return found


def depends(monitor: Monitor, suffix: str) -> set[str]:
    """Logical names of what a resource waits for, directly."""
    return {urn.rpartition("::")[2] for urn in monitor.one(suffix).dependencies}


def test_every_child_is_below_the_component(monitor: Monitor) -> None:
    monitor.make(**FULL)
    component = monitor.one("index:HighlyAvailableBackend")
    parents = {monitor.urn(request): request.parent for request in monitor.requests}
    for child in children(monitor):
        above = child.parent
        while above and above != monitor.urn(component):
            above = parents.get(above, "")
        assert above, f"{child.name} is not below the component"
        assert child.name.startswith(f"{NAME}-")


def test_everything_is_in_the_namespace(monitor: Monitor) -> None:
    monitor.make(namespace="team", **FULL)
    assert monitor.inputs("core/v1:Namespace")["metadata"]["name"] == "team"
    others = [
        child for child in children(monitor) if child.type.startswith("kubernetes:") and ":Namespace" not in child.type
    ]
    assert len(others) == 11
    for child in others:
        assert child.object["metadata"]["namespace"] == "team", child.type
        after = {urn.rpartition("::")[2] for urn in _before(monitor, child)}
        assert f"{NAME}-namespace" in after, f"{child.name} could be made before its namespace"


def _before(monitor: Monitor, request: Any) -> set[str]:
    """Return everything that a resource waits for, by the last part of its URN."""
    by_name = {r.name: r for r in monitor.requests}
    found = set(request.dependencies)
    for urn in request.dependencies:
        found |= _before(monitor, by_name[urn.rpartition("::")[2]])
    return found


def test_the_deployment_waits_for_what_its_pods_need(monitor: Monitor) -> None:
    assert depends(monitor.make(**FULL), "apps/v1:Deployment") >= {
        f"{NAME}-{part}"
        for part in ("account", "environment", "secrets", "quota", "limits", "default-deny", "network-policy")
    }
    assert f"{NAME}-deployment" in depends(monitor, "policy/v1:PodDisruptionBudget")


def test_the_autoscaler_follows_a_larger_quota_and_does_not_wait_for_the_rollout(monitor: Monitor) -> None:
    after = depends(monitor.make(), "autoscaling/v2:HorizontalPodAutoscaler")
    assert f"{NAME}-quota" in after
    assert f"{NAME}-deployment" not in after, "a smaller maximum must take effect while a rollout still waits for room"


def test_provider_and_protection_reach_the_children(monitor: Monitor) -> None:
    def program() -> None:
        provider = kubernetes.Provider("ours", kubeconfig="kubeconfig")
        pinned = backend(**FULL, image=f"{IMAGE}@sha256:{'0' * 64}")
        HighlyAvailableBackend(NAME, pinned, opts=pulumi.ResourceOptions(providers=[provider], protect=True))

    monitor.run(program)
    assert {child.type.rpartition(":")[2] for child in children(monitor) if not child.protect} == {
        "ConfigMap",
        "Secret",
        "RandomPassword",
        "HorizontalPodAutoscaler",
    }, "what settings replace or take away by design"
    on_cluster = [child for child in children(monitor) if child.type.startswith("kubernetes:")]
    assert {child.provider.rpartition("::")[0].rpartition("::")[2] for child in on_cluster} == {"ours"}


def test_nothing_is_protected_unasked(monitor: Monitor) -> None:
    assert not any(child.protect for child in children(monitor.make(**FULL)))


@pytest.mark.parametrize(
    ("suffix", "condition"),
    [
        ("autoscaling/v2:HorizontalPodAutoscaler", "ScalingActive"),
        ("policy/v1:PodDisruptionBudget", "DisruptionAllowed"),
    ],
)
def test_up_waits_until_it_works(monitor: Monitor, suffix: str, condition: str) -> None:
    annotations = monitor.make().inputs(suffix)["metadata"]["annotations"]
    assert annotations == {"pulumi.com/waitFor": f"condition={condition}"}


def test_the_engine_waits_long_enough(monitor: Monitor) -> None:
    given = backend()
    monitor.make()
    waits = monitor.one("apps/v1:Deployment").customTimeouts
    assert waits.create == waits.update == f"{timing.rollout_timeout(given)}s"
    assert waits.delete == f"{timing.deletion_timeout(given)}s"
    waits = monitor.one("autoscaling/v2:HorizontalPodAutoscaler").customTimeouts
    assert waits.create == waits.update == f"{timing.autoscaler_timeout(given)}s"
    waits = monitor.one("policy/v1:PodDisruptionBudget").customTimeouts
    assert waits.create.endswith("m")
    assert waits.create == waits.update


@pytest.mark.parametrize(
    ("settings", "seconds"),
    [({"autoscaling": {"enabled": False}}, 600), ({"rollout": {"progressDeadlineSeconds": 3600}}, 4 * 65 + 3600 + 10)],
)
def test_the_service_is_waited_for_as_long_as_the_pods_behind_it(
    monitor: Monitor, settings: dict[str, Any], seconds: int
) -> None:
    assert seconds == max(600, timing.rollout_timeout(backend(**settings)))
    waits = monitor.make(**settings).one("core/v1:Service").customTimeouts
    assert (waits.create, waits.update, waits.delete) == (f"{seconds}s", f"{seconds}s", "10m")


def test_configuration_is_replaced_and_never_changed(monitor: Monitor) -> None:
    monitor.make(**FULL)
    names = {}
    for suffix in ("core/v1:ConfigMap", "core/v1:Secret"):
        inputs = monitor.inputs(suffix)
        assert "name" not in inputs["metadata"], "the engine names it, so that a new one exists before the old one goes"
        assert inputs["immutable"] is True
        names[suffix] = f"{monitor.one(suffix).name}-abc12345"
    assert monitor.inputs("core/v1:ConfigMap")["data"] == {"A": "1"}
    (container,) = monitor.inputs("apps/v1:Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"] == [
        {"configMapRef": {"name": names["core/v1:ConfigMap"]}},
        {"secretRef": {"name": names["core/v1:Secret"]}},
    ]
    for suffix in ("apps/v1:Deployment", "core/v1:Service"):
        assert monitor.inputs(suffix)["metadata"]["name"] == NAME


def test_a_generated_value_stays_secret(monitor: Monitor) -> None:
    monitor.make(**FULL)
    assert monitor.inputs("core/v1:Secret")["stringData"] == {
        SIGNATURE: SECRET,
        "value": {"SESSION_KEY": f"generated for {monitor.one(RANDOM).name}"},
    }
    password = monitor.inputs(RANDOM)
    assert (password["length"], password["special"], password["keepers"]) == (40, False, {"rotation": "7"})
    assert "generated for" not in str(monitor.one("apps/v1:Deployment").object)
    assert "generated for" not in str(monitor.outputs)


def test_generated_values_never_share_a_name(monitor: Monitor) -> None:
    monitor.make(generatedSecrets={"names": ["API_KEY", "api_key", "API__KEY"]})
    names = [request.name for request in monitor.all(RANDOM)]
    assert len(set(names)) == 3, f"the engine refuses two resources of one name: {sorted(names)}"


@pytest.mark.parametrize(("port", "endpoint"), [(80, f"http://{ADDRESS}"), (8443, f"http://{ADDRESS}:8443")])
def test_the_outputs(monitor: Monitor, port: int, endpoint: str) -> None:
    monitor.make(servicePort=port, namespace="team")
    component = monitor.one("index:HighlyAvailableBackend")
    assert monitor.outputs[monitor.urn(component)] == {
        "endpoint": endpoint,
        "namespaceName": "team",
        "deploymentName": NAME,
        "serviceName": NAME,
        "selector": {"app.kubernetes.io/name": NAME},
        "promise": promise(backend(), UNKNOWN).as_output(),
    }


def test_the_promise_is_that_of_its_cluster(monitor: Monitor) -> None:
    three = ClusterFacts(("a", "b", "c"), 3)
    monitor.run(lambda: HighlyAvailableBackend(NAME, backend(), cluster=three))
    told = monitor.outputs[monitor.urn(monitor.one("index:HighlyAvailableBackend"))]["promise"]
    assert told == promise(backend(), three).as_output()
    assert told["zone"]["survived"] is True


def test_what_a_preview_compares_is_the_promise_without_its_sources(monitor: Monitor) -> None:
    monitor.run(lambda: HighlyAvailableBackend(NAME, backend(), cluster=ClusterFacts(("a", "b", "c"), 3)))
    compared = monitor.inputs("index:HighlyAvailableBackend")["promise"]
    told = monitor.outputs[monitor.urn(monitor.one("index:HighlyAvailableBackend"))]["promise"]
    assert set(compared["zone"]) == {"survived", "recoverySeconds", "errorWindowSeconds", "capacityLeftPercent", "why"}
    assert {failure: {key: row[key] for key in compared[failure]} for failure, row in told.items()} == compared


def test_a_mapping_is_as_good(monitor: Monitor) -> None:
    monitor.run(lambda: HighlyAvailableBackend("web", {"image": IMAGE, "replicas": 5}))
    assert monitor.inputs("apps/v1:Deployment")["spec"]["replicas"] == 5
    assert monitor.inputs("index:HighlyAvailableBackend")["image"] == IMAGE


def test_a_bad_mapping_is_refused_before_anything_is_registered(monitor: Monitor) -> None:
    def program() -> None:
        with pytest.raises(SettingsError) as caught:
            HighlyAvailableBackend("web", {"replica": 3, "port": 0})
        assert {p.key for p in caught.value.problems} == {"web.image", "web.replica", "web.port"}

    monitor.run(program)
    assert monitor.requests == []


def test_settings_that_cannot_hold_on_its_cluster_are_refused_before_anything_is_registered(monitor: Monitor) -> None:
    def program() -> None:
        with pytest.raises(SettingsError, match=r"web\.survive: 'zone' cannot hold"):
            HighlyAvailableBackend("web", backend(survive="zone"), cluster=ClusterFacts(("a",), 3))

    monitor.run(program)
    assert monitor.requests == []
