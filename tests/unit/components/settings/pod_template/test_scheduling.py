"""Volumes and scheduling overrides that would tie pods to a node or leave them pending are rejected."""

from __future__ import annotations

import pytest

from tests.support.pod_templates import OWN, POD, assert_only_problem, own, sidecar, spec, volume
from tests.support.problems import Row, Values, row_id

PLACES: list[Row] = [
    (volume(hostPath={"path": "/"}), f"{POD}.volumes[0].hostPath", "and ties pods to one node"),
    (volume(nfs={"server": "a", "path": "/"}), f"{POD}.volumes[0].nfs", "use one of configMap, csi"),
    (volume(), f"{POD}.volumes[0]", "must have exactly one source"),
    (
        volume(emptyDir={"sizeLimit": "1Mi"}, secret={"secretName": "s"}),
        f"{POD}.volumes[0]",
        "and has emptyDir, secret",
    ),
    (volume(emptyDir={}), f"{POD}.volumes[0].emptyDir", "{} has no sizeLimit"),
    (volume(emptyDir={"sizeLimit": "lots"}), f"{POD}.volumes[0].emptyDir.sizeLimit", "'lots' is not a quantity"),
    (
        volume(emptyDir={"medium": "Memory", "sizeLimit": "256Mi"}),
        f"{POD}.volumes[0].emptyDir.sizeLimit",
        "'256Mi' counts against resources.limits.memory (256Mi)",
    ),
    (
        volume(projected={"sources": [{"clusterTrustBundle": {"path": "a"}}]}),
        f"{POD}.volumes[0].projected.sources[0].clusterTrustBundle",
        "omit it",
    ),
    (
        own(volumeMounts=[{"name": "x", "mountPath": "/x"}]),
        f"{OWN}.volumeMounts[0].name",
        "'x' is not a volume of the pod (tmp)",
    ),
    (
        spec(volumes=[{"name": "a", "secret": {}}, {"name": "a", "secret": {}}]),
        f"{POD}.volumes[1].name",
        "more than once",
    ),
    (
        spec(containers=[{"name": "backend"}, {"name": "backend"}]),
        f"{POD}.containers[1].name",
        "'backend' occurs more than once",
    ),
    (
        spec(resourceClaims=[{"name": "gpu", "resourceClaimName": "one"}]),
        f"{POD}.resourceClaims[0].resourceClaimName",
        "set resourceClaimTemplateName",
    ),
    (spec(tolerations=[{"operator": "Exists"}]), f"{POD}.tolerations[0]", "tolerates every taint"),
    (
        spec(tolerations=[{"operator": "Exists", "effect": "NoSchedule"}]),
        f"{POD}.tolerations[0]",
        "set key to one taint",
    ),
    (spec(tolerations=[{"key": "node.kubernetes.io/unschedulable"}]), f"{POD}.tolerations[0].key", "omit it"),
    (
        spec(tolerations=[{"key": "a", "operator": "Gt", "value": "1"}]),
        f"{POD}.tolerations[0].operator",
        "valid values: Equal, Exists",
    ),
    (
        spec(topologySpreadConstraints=[{"topologyKey": "rack", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}]),
        f"{POD}.topologySpreadConstraints[0].whenUnsatisfiable",
        "set it to ScheduleAnyway",
    ),
    *(
        (
            spec(affinity={kind: {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "a"}]}}),
            f"{POD}.affinity.{kind}.requiredDuringSchedulingIgnoredDuringExecution",
            "use preferredDuringScheduling",
        )
        for kind in ("podAffinity", "podAntiAffinity")
    ),
    *(
        (
            {"podTemplate": {"metadata": {"annotations": {key: value}}}},
            f"podTemplate.metadata.annotations.{key}",
            "omit it",
        )
        for key, value in (
            ("karpenter.sh/do-not-disrupt", "true"),
            ("cluster-autoscaler.kubernetes.io/safe-to-evict", "false"),
        )
    ),
]

NODES: list[Row] = [
    (
        spec(nodeSelector={"topology.kubernetes.io/zone": "zone-a"}),
        f"{POD}.nodeSelector",
        "leaves 1 node for the pods, so survive: node cannot hold",
    ),
    (
        {**spec(nodeSelector={"topology.kubernetes.io/zone": "zone-a"}), "survive": "zone"},
        f"{POD}.nodeSelector",
        "leaves only the nodes of zone-a, so survive: zone cannot hold",
    ),
    (spec(nodeSelector={"kubernetes.io/os": "windows"}), f"{POD}.nodeSelector", "leaves no node for the pods"),
    (spec(nodeSelector={"pool": "web"}), f"{POD}.nodeSelector", "leaves no node for the pods"),
    (
        spec(initContainers=[sidecar(resources={"limits": {"cpu": "4", "memory": "64Mi"}})]),
        POD,
        "'4.500 of cpu' is what a whole pod requests, added containers included, and fits on no node: "
        "the largest has 4",
    ),
]


@pytest.mark.parametrize(("values", "key", "text"), [*PLACES, *NODES], ids=row_id)
def test_it_is_the_only_problem_and_has_a_remedy(values: Values, key: str, text: str) -> None:
    assert_only_problem(values, key, text)
