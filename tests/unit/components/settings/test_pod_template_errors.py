"""Pod template overrides that are rejected, each with its key and a remedy, and all of them at once."""

from __future__ import annotations

import pytest

from components.settings.pod_template import fields, schema
from components.settings.pod_template.volumes import TMP_PATH
from tests.support.fake_engine import IMAGE
from tests.support.pod_templates import SMALL, container, own, sidecar, spec
from tests.support.problems import Row, Values, rejected, row_id

POD, OWN = "podTemplate.spec", "podTemplate.spec.containers[0]"
INIT = "podTemplate.spec.initContainers[0]"


def probe(**more: object) -> Values:
    return {"tcpSocket": {"port": 9001}, **more}


def volume(**kind: object) -> Values:
    return spec(volumes=[{"name": "v", **kind}])


def added(**more: object) -> Values:
    return spec(initContainers=[sidecar(**more)])


FORM: list[Row] = [
    ({"podTemplate": []}, "podTemplate", "an object"),
    ({"podTemplate": {"metdata": {}}}, "podTemplate.metdata", "did you mean 'metadata'? Valid keys: metadata, spec"),
    (spec(tolerationz=[]), f"{POD}.tolerationz", "unknown key; did you mean 'tolerations'?"),
    (spec(host_network=True), f"{POD}.host_network", "did you mean 'hostNetwork'?"),
    (spec(frobnicate=1), f"{POD}.frobnicate", "unknown key: use a field of the Kubernetes API"),
    (spec(volumes={}), f"{POD}.volumes", "{} is invalid: must be a list"),
    (spec(nodeSelector={"a": 1}), f"{POD}.nodeSelector.a", "1 is invalid: must be a string in quotes"),
    (spec(shareProcessNamespace="yes"), f"{POD}.shareProcessNamespace", "'yes' is invalid: must be true or false"),
    (
        own(env=[{"name": "A", "nam": "A"}]),
        f"{OWN}.env[0].nam",
        "did you mean 'name'? Valid keys: name, value, valueFrom",
    ),
    (own(env=[{"value": "A"}]), f"{OWN}.env[0].name", "is required. Name of the environment variable."),
    (own(env=[{"name": "A", "value": True}]), f"{OWN}.env[0].value", "true is invalid: must be a string in quotes"),
    (own(ports=[{"containerPort": "9100"}]), f"{OWN}.ports[0].containerPort", "must be an integer"),
    (own(ports=[{"containerPort": True}]), f"{OWN}.ports[0].containerPort", "must be an integer"),
    (spec(containers=["backend"]), f"{OWN}", "'backend' is invalid: must be an object"),
    (spec(containers=[{"image": "a:1"}]), f"{OWN}.name", "is required."),
]
OURS: list[Row] = [
    ({"podTemplate": {"metadata": {"labels": {"a": "b"}}}}, "podTemplate.metadata.labels", "set labels"),
    ({"podTemplate": {"metadata": {"name": "x"}}}, "podTemplate.metadata.name", "omit it"),
    *(
        (spec(**{key: value}), f"{POD}.{key}", text)
        for key, value, text in (
            ("serviceAccountName", "x", "omit it"),
            ("automountServiceAccountToken", True, "mount a projected volume"),
            ("terminationGracePeriodSeconds", 5, "set shutdown.deregistrationSeconds and shutdown.drainSeconds"),
            ("priorityClassName", "high", "set placement.priorityClassName"),
            ("nodeName", "n", "use nodeSelector"),
            ("schedulerName", "mine", "omit it"),
            ("restartPolicy", "Never", "omit it"),
            ("readinessGates", [{"conditionType": "x"}], "omit it"),
            ("activeDeadlineSeconds", 60, "omit it"),
            ("hostname", "x", "omit it"),
            ("schedulingGates", [{"name": "x"}], "omit it"),
        )
    ),
    *(
        (own(**{key: value}), f"{OWN}.{key}", text)
        for key, value, text in (
            ("image", "a:1", "set image"),
            ("imagePullPolicy", "Always", "while the registry is down"),
            ("lifecycle", {"preStop": {"sleep": {"seconds": 1}}}, "set shutdown.deregistrationSeconds"),
            ("livenessProbe", probe(), "set health.livenessPath"),
            ("readinessProbe", probe(), "set health.readinessPath"),
            ("startupProbe", probe(), "set health.startupPath and health.startupSeconds"),
            ("restartPolicy", "Always", "omit it"),
        )
    ),
    (own(resources={"requests": {"cpu": "1"}}), f"{OWN}.resources.requests.cpu", "set resources.requests.cpu"),
    (
        own(resources={"limits": {"ephemeral-storage": "1Gi"}}),
        f"{OWN}.resources.limits.ephemeral-storage",
        "set resources.tmpSizeLimit",
    ),
    (
        own(ports=[{"name": "http", "containerPort": 1}]),
        f"{OWN}.ports[0].name",
        "'http' is the name of the backend's own port",
    ),
    (own(ports=[{"containerPort": 8080}]), f"{OWN}.ports[0].containerPort", "8080 is already the backend's own (port)"),
    ({**own(env=[{"name": "A"}]), "environment": {"A": "1"}}, f"{OWN}.env[0].name", "'A' is also in environment"),
    (
        {**own(env=[{"name": "A"}]), "generatedSecrets": {"names": ["A"]}},
        f"{OWN}.env[0].name",
        "also in generatedSecrets.names",
    ),
    (
        own(volumeMounts=[{"name": "tmp", "mountPath": f"{TMP_PATH}/"}]),
        f"{OWN}.volumeMounts[0].mountPath",
        "choose another path",
    ),
    (
        spec(volumes=[{"name": "tmp", "emptyDir": {"sizeLimit": "1Mi"}}]),
        f"{POD}.volumes[0].name",
        "set resources.tmpSizeLimit",
    ),
    (
        spec(
            topologySpreadConstraints=[
                {"topologyKey": "kubernetes.io/hostname", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}
            ]
        ),
        f"{POD}.topologySpreadConstraints[0].topologyKey",
        "placement.spread",
    ),
    (
        spec(tolerations=[{"key": "node.kubernetes.io/unreachable", "operator": "Exists"}]),
        f"{POD}.tolerations[0].key",
        "set placement.tolerationSeconds",
    ),
]
PRIVILEGE: list[Row] = [
    *(
        (spec(**{key: True}), f"{POD}.{key}", "forbidden by the Pod Security Standard restricted")
        for key in ("hostNetwork", "hostPID", "hostIPC")
    ),
    *(
        (make(securityContext=context), f"{where}.securityContext.{key}", text)
        for make, where in ((own, OWN), (added, INIT))
        for context, key, text in (
            ({"privileged": True}, "privileged", "omit it"),
            ({"allowPrivilegeEscalation": True}, "allowPrivilegeEscalation", "omit it"),
            ({"runAsUser": 0}, "runAsUser", "use a user ID above 0"),
            ({"runAsNonRoot": False}, "runAsNonRoot", "omit it"),
            (
                {"capabilities": {"add": ["NET_BIND_SERVICE", "SYS_ADMIN"]}},
                "capabilities.add",
                "['SYS_ADMIN'] is forbidden",
            ),
            ({"capabilities": {"drop": ["NET_RAW"]}}, "capabilities.drop", "set it to [ALL]"),
            (
                {"seccompProfile": {"type": "Unconfined"}},
                "seccompProfile.type",
                "set it to RuntimeDefault or Localhost",
            ),
            (
                {"appArmorProfile": {"type": "Unconfined"}},
                "appArmorProfile.type",
                "set it to RuntimeDefault or Localhost",
            ),
            ({"procMount": "Unmasked"}, "procMount", "omit it"),
            ({"seLinuxOptions": {"user": "root"}}, "seLinuxOptions.user", "omit it"),
            ({"seLinuxOptions": {"type": "spc_t"}}, "seLinuxOptions.type", "container_t"),
        )
    ),
    (spec(securityContext={"runAsUser": 0}), f"{POD}.securityContext.runAsUser", "0 is forbidden"),
    (
        spec(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
        f"{POD}.securityContext.sysctls[0].name",
        "use one of kernel.shm_rmid_forced",
    ),
    (
        spec(securityContext={"runAsUser": 20000}),
        f"{POD}.securityContext.runAsUser",
        "20000 has no effect, because each container",
    ),
    (spec(hostUsers=True), f"{POD}.hostUsers", "set it to false"),
    (
        own(securityContext={"readOnlyRootFilesystem": False}),
        f"{OWN}.securityContext.readOnlyRootFilesystem",
        "mount an emptyDir",
    ),
    (own(ports=[{"containerPort": 9, "hostPort": 9}]), f"{OWN}.ports[0].hostPort", "omit it"),
    (added(livenessProbe={"httpGet": {"port": 1, "host": "x"}}), f"{INIT}.livenessProbe.httpGet.host", "omit it"),
    (
        {
            "podTemplate": {
                "metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/backend": "unconfined"}}
            }
        },
        "podTemplate.metadata.annotations.container.apparmor.security.beta.kubernetes.io/backend",
        "omit it",
    ),
]
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
    ({"health": {"initSeconds": 5}}, "health.initSeconds", "5 has no effect without containers to wait for"),
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


def reported(backend: Values, **more: object) -> dict[str, str]:
    return {key.removeprefix("backend."): text for key, text in rejected(backend, **more).items()}


@pytest.mark.parametrize(("given", "key", "text"), [*FORM, *OURS, *PRIVILEGE, *CONTAINERS, *PLACES, *NODES], ids=row_id)
def test_it_is_the_only_problem_and_has_a_remedy(given: Values, key: str, text: str) -> None:
    problems = reported({"image": IMAGE, **given})
    assert list(problems) == [key]
    assert text in problems[key]


def test_all_problems_of_overrides_at_once() -> None:
    bad = spec(
        hostNetwork=True,
        containers=[container(name="late")],
        volumes=[{"name": "v", "hostPath": {"path": "/"}}],
        tolerations=[{"operator": "Exists"}],
        initContainers=[sidecar(image="a:latest")],
    )
    problems = reported({"image": IMAGE, **bad, "replicas": 1})
    assert set(problems) == {
        f"{POD}.hostNetwork",
        f"{POD}.containers[0].name",
        f"{POD}.volumes[0].hostPath",
        f"{POD}.tolerations[0]",
        f"{INIT}.image",
        "replicas",
    }


def test_protect_requires_digests_of_added_images() -> None:
    problems = reported({"image": f"{IMAGE}@sha256:{'a' * 64}", **added()}, protect=True)
    assert list(problems) == [f"{INIT}.image"]


@pytest.mark.parametrize(
    ("given", "key", "since"),
    [
        (spec(hostUsers=False), f"{POD}.hostUsers", "1.33"),
        (spec(volumes=[{"name": "v", "image": {"reference": "a:1"}}]), f"{POD}.volumes[0].image", "1.35"),
        (own(resizePolicy=[{"resourceName": "cpu", "restartPolicy": "NotRequired"}]), f"{OWN}.resizePolicy", "1.33"),
    ],
)
def test_a_field_that_an_older_cluster_drops_is_rejected(given: Values, key: str, since: str) -> None:
    from components.availability import ClusterFacts, conflicts
    from tests.support.fake_engine import backend

    (problems,) = conflicts(backend(**given), ClusterFacts(("a", "b", "c"), version=(1, 32)))
    assert problems.key == key
    assert f"needs Kubernetes {since}, and the cluster runs 1.32" in problems.text
    assert not conflicts(backend(**given), ClusterFacts(("a", "b", "c"), version=(1, 36)))


def test_every_field_of_the_api_is_merged_or_rejected_with_a_reason() -> None:
    assert set(schema.fields("V1PodSpec")) == fields.POD | fields.REJECTED_POD.keys()
    assert not fields.POD & fields.REJECTED_POD.keys()
    assert set(schema.fields("V1Container")) == fields.CONTAINER | fields.REJECTED_CONTAINER.keys()
    assert not fields.CONTAINER & fields.REJECTED_CONTAINER.keys()
    assert fields.REJECTED_OWN.keys() < fields.CONTAINER
    assert fields.METADATA | fields.REJECTED_METADATA.keys() < set(schema.fields("V1ObjectMeta"))
    assert set(schema.fields("V1Volume")) > fields.VOLUMES


def test_every_merged_field_is_an_argument_of_the_sdk() -> None:
    """The Kubernetes provider's SDK names the fields in snake case."""
    from pulumi_kubernetes.core.v1 import ContainerArgs, PodSpecArgs

    from components.pod_template import _snake_case

    for kind, names in ((PodSpecArgs, fields.POD), (ContainerArgs, fields.CONTAINER)):
        assert not [name for name in names if not isinstance(getattr(kind, _snake_case(name), None), property)]
