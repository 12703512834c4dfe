"""Our own stacks violate no rule of the policy pack, without exceptions; so do other highly available programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from components import HighlyAvailableBackend
from ops.render.evaluate import evaluate
from policy.plain import plain
from policy.resource import Resource
from policy.rules import RULES
from policy.stack import Stack
from tests.support.fake_engine import backend
from tests.support.pod_templates import container, sidecar, spec
from tests.support.policy_stack import good
from tests.support.policy_violations import add_ingress, add_route, without_autoscaler

PROJECT = Path(__file__).parent.parent.parent.parent
PINNED = "shop/web:1@sha256:" + 64 * "0"


def judged(resources: list[Resource], stack: str) -> list[str]:
    """Return the messages of all rules, with the stack's own configuration of the pack."""
    config = json.loads((PROJECT / "policy" / "config" / f"{stack}.json").read_text())
    values = {name: value if isinstance(value, dict) else {} for name, value in config.items()}
    assert not any("exceptions" in value for value in values.values())
    whole = Stack(resources)
    return [
        f"{rule.name}: {resource.name}: {message}"
        for rule in RULES
        for resource in resources
        for message in rule.judge(resource, values.get(rule.name, {}), whole)
    ]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_our_stacks_as_rendered(stack: str) -> None:
    manifests = evaluate(PROJECT, stack).manifests
    resources = [
        Resource(
            f"kubernetes:{m['apiVersion'] if '/' in m['apiVersion'] else 'core/v1'}:{m['kind']}",
            m["metadata"]["name"],
            f"urn:{m['kind']}:{m['metadata']['name']}",
            m,
        )
        for m in manifests
    ]
    assert {"Deployment", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler"} <= {
        one.kind for one in resources
    }
    assert judged(resources, stack) == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"autoscaling": {"enabled": False}},
        {
            "health": {"initSeconds": 10},
            **spec(initContainers=[sidecar(image=PINNED), container(name="first", image=PINNED)]),
        },
    ],
)
def test_the_component_as_it_registers_its_resources(monitor: Any, settings: dict[str, Any]) -> None:
    monitor.run(lambda: HighlyAvailableBackend("b", backend(image=PINNED, **settings)))
    resources = [
        Resource(
            request.type,
            request.name,
            f"urn:{request.type}:{request.name}",
            plain(json_format.MessageToDict(request.object)),
            tuple(request.ignoreChanges),
        )
        for request in monitor.requests
    ]
    messages = judged(resources, "prod")
    expected = () if "autoscaling" in settings else ("spec.replicas",)
    assert [one.ignored for one in resources if one.kind == "Deployment"] == [expected]
    assert messages == []


def test_a_deployment_with_an_autoscaler_may_omit_replicas() -> None:
    program = good()
    del program["web"]["spec"]["replicas"]
    assert program.findings() == {}


def test_replicas_may_be_ignored_in_any_notation() -> None:
    for ignored in ("spec.replicas", 'spec["replicas"]', "spec"):
        program = good()
        program.ignored["web"] = (ignored,)
        assert program.findings() == {}


def test_a_fixed_replica_count_is_accepted() -> None:
    program = good()
    without_autoscaler(program)
    assert program.findings() == {}


def test_a_target_of_keda_counts_as_scaled() -> None:
    program = good()
    without_autoscaler(program)
    del program["web"]["spec"]["replicas"]
    program.add("queue", "keda.sh/v1alpha1:ScaledObject", {"scaleTargetRef": {"name": "web"}, "minReplicaCount": 2})
    assert program.findings() == {}
    program["queue"]["spec"]["minReplicaCount"] = 0
    assert "budget-lets-go" not in program.findings()


def test_pods_that_the_stack_does_not_show_are_not_missed() -> None:
    for kind in ("helm.sh/v3:Release", "argoproj.io/v1alpha1:Rollout"):
        program = good()
        for name in ("front", "guard"):
            selector = {"app": "theirs"}
            program[name]["spec"]["selector"] = selector if name == "front" else {"matchLabels": selector}
        program["scaler"]["spec"]["scaleTargetRef"]["name"] = "theirs"
        fewer = set(program.findings())
        program.add("chart", kind, {})
        assert {"service-has-pods", "budget-has-pods", "autoscaler-target"} <= fewer - set(program.findings())


def test_a_service_in_a_namespace_without_workloads_is_skipped() -> None:
    program = good()
    program.add("elsewhere", "core/v1:Service", {"selector": {"app": "theirs"}})
    program["elsewhere"]["metadata"]["namespace"] = "theirs"
    assert program.findings() == {}


def test_a_limit_counts_as_a_request_and_a_limit_range_may_set_it() -> None:
    program = good()
    program.container["resources"] = {"limits": {"cpu": "1", "memory": "64Mi"}}
    assert program.findings() == {}
    program.container["resources"] = {"limits": {"memory": "64Mi"}}
    assert "autoscaler-request" in program.findings()
    program.add("defaults", "core/v1:LimitRange", {"limits": []})
    assert "autoscaler-request" not in program.findings()


def test_a_patch_is_not_judged() -> None:
    program = good()
    program.add("some", "apps/v1:DeploymentPatch", {"template": {}})
    assert program.findings() == {}


def test_configuration_that_is_updated_in_place_may_have_a_fixed_name() -> None:
    program = good()
    del program["settings"]["metadata"]["annotations"]
    resources = [
        Resource(one.type, one.name, one.urn, one.props, one.ignored, {"enableConfigMapMutable": "true"})
        for one in program.resources()
    ]
    assert judged(resources, "dev") == []


def test_a_stateful_set_is_judged_by_its_own_rules() -> None:
    program = good()
    del program.types["scaler"]
    program.types["web"] = "kubernetes:apps/v1:StatefulSet"
    spec = program["web"]["spec"]
    spec |= {"serviceName": "front", "updateStrategy": {"type": "RollingUpdate"}}
    for key in ("strategy", "progressDeadlineSeconds"):
        del spec[key]
    assert program.findings() == {}
    del program.types["guard"]
    assert set(program.findings()) == {"budget-present"}


def test_an_ingress_to_an_existing_service_or_to_another_namespace_is_accepted() -> None:
    program = good()
    add_ingress(program)
    add_route(program)
    assert program.findings() == {}
    for _, other in program.with_unknowns():
        assert other.findings() == {}
    for name in ("ingress", "route"):
        program[name]["metadata"]["namespace"] = "theirs"
    assert program.findings() == {}
