"""Additional containers that would break the promise are rejected."""

from __future__ import annotations

import pytest

from tests.support.fake_engine import IMAGE
from tests.support.pod_templates import (
    INIT,
    OWN,
    POD,
    SMALL,
    added,
    assert_only_problem,
    container,
    own,
    probe,
    problems_of,
    sidecar,
    spec,
)
from tests.support.problems import Row, Values, row_id

CONTAINERS: list[Row] = [
    (added(name="backend"), f"{INIT}.name", "choose another name"),
    (added(name="A b"), f"{INIT}.name", "lowercase letters, digits and '-'"),
    (
        spec(initContainers=[sidecar(), sidecar()]),
        f"{POD}.initContainers[1].name",
        "'proxy' is the name of another container",
    ),
    (
        spec(initContainers=[{"name": "x", "restartPolicy": "Always", "resources": SMALL}]),
        INIT,
        "'x' has no image: set image",
    ),
    (added(image="example.org/proxy"), f"{INIT}.image", "has no tag"),
    (added(image="example.org/proxy:latest"), f"{INIT}.image", "has a tag that moves from build to build"),
    (added(resources={"requests": {"cpu": "10m"}}), f"{INIT}.resources", "lacks limits.cpu and limits.memory"),
    (
        added(resources={"limits": {"cpu": "10m", "memory": "5Gb"}}),
        f"{INIT}.resources.limits.memory",
        "'5Gb' is not a quantity",
    ),
    (
        added(resources={"limits": {"cpu": "10m", "memory": "64Mi"}, "requests": {"cpu": "20m"}}),
        f"{INIT}.resources.requests.cpu",
        "'20m' is above the limit (10m)",
    ),
    (
        spec(containers=[container()]),
        f"{OWN}.name",
        "'proxy' would stop as soon as its pod terminates, while the backend still serves: "
        "move it to initContainers with restartPolicy: Always, and Kubernetes stops it after the backend",
    ),
    (
        spec(containers=[container(lifecycle={"preStop": {"sleep": {"seconds": 55}}})]),
        f"{OWN}.name",
        "move it to initContainers",
    ),
    ({**added(restartPolicy="Never"), "health": {"initSeconds": 5}}, f"{INIT}.restartPolicy", "set it to Always"),
    (
        added(lifecycle={"preStop": {"exec": {"command": ["quit"]}}}),
        f"{INIT}.lifecycle.preStop",
        "the backend still needs its sidecars for up to 55 s: omit it",
    ),
    (added(restartPolicyRules=[]), f"{INIT}.restartPolicyRules", "omit it"),
    (
        added(ports=[{"containerPort": 8080}]),
        f"{INIT}.ports[0].containerPort",
        "8080 is already the backend's own (port)",
    ),
    (added(ports=[{"containerPort": 1, "name": "metrics"}]), f"{INIT}.ports[0].name", "choose another name"),
    (
        {**added(ports=[{"containerPort": 9797}]), "metricsPort": 9797},
        f"{INIT}.ports[0].containerPort",
        "(metricsPort)",
    ),
    (
        spec(initContainers=[sidecar(ports=[{"containerPort": 1}]), sidecar(name="b", ports=[{"containerPort": 1}])]),
        f"{POD}.initContainers[1].ports[0].containerPort",
        f"already that of {INIT}.ports[0]",
    ),
    (spec(initContainers=[container()]), "health.initSeconds", f"0 leaves no time for {INIT}"),
    (
        added(lifecycle={"postStart": {"exec": {"command": ["wait"]}}}),
        "health.initSeconds",
        f"0 leaves no time for {INIT}",
    ),
    (
        {
            "port": 80,
            **spec(securityContext={"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "1024"}]}),
        },
        f"{POD}.securityContext.sysctls[0].value",
        "set it to at most 80",
    ),
    (
        {
            **added(resources={"limits": {**SMALL["limits"], "ephemeral-storage": "10Mi"}}),
            "resources": {"tmpSizeLimit": None},
        },
        f"{INIT}.resources.limits.ephemeral-storage",
        "would be the limit of the whole pod",
    ),
    (
        own(lifecycle={"postStart": {"exec": {"command": ["wait"]}}}),
        "health.initSeconds",
        f"0 leaves no time for {OWN}.lifecycle.postStart",
    ),
    (
        {"health": {"initSeconds": 5}},
        "health.initSeconds",
        "5 has no effect without init containers or postStart hooks",
    ),
    (
        {**spec(initContainers=[container(readinessProbe=probe())]), "health": {"initSeconds": 5}},
        f"{INIT}.readinessProbe",
        "set restartPolicy to Always",
    ),
    (
        {**added(startupProbe=probe(periodSeconds=10, failureThreshold=24))},
        "rollout.progressDeadlineSeconds",
        "+ 240 for earlier containers (health.initSeconds, startup probes of sidecars)",
    ),
]


@pytest.mark.parametrize(("values", "key", "text"), CONTAINERS, ids=row_id)
def test_it_is_the_only_problem_and_has_a_remedy(values: Values, key: str, text: str) -> None:
    assert_only_problem(values, key, text)


def test_all_problems_of_overrides_at_once() -> None:
    bad = spec(
        hostNetwork=True,
        containers=[container(name="late")],
        volumes=[{"name": "v", "hostPath": {"path": "/"}}],
        tolerations=[{"operator": "Exists"}],
        initContainers=[sidecar(image="a:latest")],
    )
    problems = problems_of({"image": IMAGE, **bad, "replicas": 1})
    assert set(problems) == {
        f"{POD}.hostNetwork",
        f"{POD}.containers[0].name",
        f"{POD}.volumes[0].hostPath",
        f"{POD}.tolerations[0]",
        f"{INIT}.image",
        "replicas",
    }


def test_protect_requires_digests_of_added_images() -> None:
    problems = problems_of({"image": f"{IMAGE}@sha256:{'a' * 64}", **added()}, protect=True)
    assert list(problems) == [f"{INIT}.image"]
