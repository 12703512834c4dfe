"""A namespace that exists, deployed to by an account with rights in it alone, with a Job and further objects.

The tests of this file depend on one another and run in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.conftest import Project
from tests.engine.foreign_cluster import NAMESPACE, Foreign

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Iterator[Foreign]:
    """The cluster, with a stack for its namespace."""
    made = Foreign(tmp_path_factory.mktemp("foreign"))
    try:
        prepare(made, project)
        yield made
    finally:
        made.cluster.delete()


def prepare(made: Foreign, project: Project) -> None:
    """Create the namespace, and describe the stack in it."""
    made.kubectl("create", "namespace", NAMESPACE)
    made.kubectl("create", "configmap", "of-others", "-n", NAMESPACE)
    project.use_short_deadlines()
    project.settings["ha-backend:cluster"] = {
        "kind": "existing",
        "kubeconfig": str(made.limited_kubeconfig(project.folder / "limited.yaml")),
        "context": made.cluster.context,
        "zones": ["zone-a", "zone-b", "zone-c"],
    }
    project.backend.update(
        {
            "namespace": NAMESPACE,
            "createNamespace": False,
            "loadBalancer": {"enabled": False},
            "environment": {"HOST": "db", "URL": "postgres://$(HOST)/shop"},
            "files": {"/etc/app/config.yaml": "level: 1\n"},
            "releaseJob": {"command": ["/app/migrate"], "timeoutSeconds": 60},
            "extraObjects": [
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "extra"}, "data": {"a": "1"}},
            ],
        }
    )
    project.write()


def jobs(foreign: Foreign) -> dict[str, str]:
    """Return the identity of each Job by its name."""
    found = json.loads(foreign.kubectl("get", "jobs", "-n", NAMESPACE, "-o", "json"))["items"]
    return {job["metadata"]["name"]: job["metadata"]["uid"] for job in found}


def template(foreign: Foreign) -> Any:
    """Return the pod template of the Deployment."""
    found = json.loads(foreign.kubectl("get", "deployment", "backend-service", "-n", NAMESPACE, "-o", "json"))
    return found["spec"]["template"]


def test_up_and_verification_need_rights_in_the_namespace_only(project: Project, foreign: Foreign) -> None:
    before = json.loads(foreign.kubectl("get", "namespace", NAMESPACE, "-o", "json"))
    preview = project.command("preview", "dev")
    assert preview.returncode == 0, preview.stdout + preview.stderr
    done = project.command("up", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "highly available: 3 ready endpoints in 3 zones" in done.stdout + done.stderr
    assert json.loads(foreign.kubectl("get", "namespace", NAMESPACE, "-o", "json")) == before
    kinds = foreign.kubectl("get", "resourcequota,limitrange,networkpolicy", "-n", NAMESPACE, "-o", "name").split()
    assert kinds == [
        "networkpolicy.networking.k8s.io/backend-service",
        "networkpolicy.networking.k8s.io/backend-service-job",
    ]
    assert foreign.kubectl("get", "configmap", "extra", "-n", NAMESPACE, "-o", "jsonpath={.data.a}") == "1"


def test_the_job_of_a_release_runs_once_and_before_its_pods(project: Project, foreign: Foreign) -> None:
    first = jobs(foreign)
    assert len(first) == 1
    again = project.command("up", "dev")
    assert again.returncode == 0, again.stdout + again.stderr
    assert jobs(foreign) == first, "the same release runs no second Job"

    project.backend["environment"] = {"HOST": "db2", "URL": "postgres://$(HOST)/shop"}
    project.write()
    released = project.command("up", "dev")
    assert released.returncode == 0, released.stdout + released.stderr
    ((name, _),) = jobs(foreign).items()
    assert name not in first
    job = json.loads(foreign.kubectl("get", "job", name, "-n", NAMESPACE, "-o", "json"))
    deployment = json.loads(foreign.kubectl("get", "deployment", "backend-service", "-n", NAMESPACE, "-o", "json"))
    replica_sets = json.loads(foreign.kubectl("get", "replicasets", "-n", NAMESPACE, "-o", "json"))["items"]
    newest = max(each["metadata"]["creationTimestamp"] for each in replica_sets)
    assert job["status"]["completionTime"] <= newest
    assert deployment["status"]["readyReplicas"] == 3
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert {each["name"]: each["value"] for each in container["env"]} == {
        "HOST": "db2",
        "URL": "postgres://$(HOST)/shop",
    }


def test_a_job_that_does_not_end_in_time_fails_the_release_and_old_pods_stay(
    project: Project, foreign: Foreign
) -> None:
    running = template(foreign)
    before = project.backend["releaseJob"]
    # No node is left for the Job: it cannot even start.
    project.backend["releaseJob"] = {"command": ["/app/migrate"], "timeoutSeconds": 5}
    for node in foreign.kubectl("get", "nodes", "-o", "name").split():
        foreign.kubectl("cordon", node)
    project.write()
    done = project.command("up", "dev")
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "of the release failed" in output and "DeadlineExceeded" in output, output
    assert "Traceback" not in output
    assert template(foreign) == running, "the Deployment is not touched"
    for node in foreign.kubectl("get", "nodes", "-o", "name").split():
        foreign.kubectl("uncordon", node)
    retried = project.command("up", "dev")
    assert retried.returncode == 0, retried.stdout + retried.stderr
    project.backend["releaseJob"] = before


def test_keda_owns_the_replica_count_where_it_is_installed(project: Project, foreign: Foreign) -> None:
    project.backend["autoscaling"] = {"owner": "keda", "triggers": [{"type": "cron", "metadata": {"timezone": "UTC"}}]}
    project.write()
    missing = project.command("preview", "dev")
    assert missing.returncode != 0
    assert "install KEDA, or set owner to hpa" in missing.stdout + missing.stderr

    foreign.kubectl("create", "-f", "-", stdin=_scaled_object_definition())
    foreign.kubectl("wait", "--for=condition=Established", "crd/scaledobjects.keda.sh", "--timeout=60s")
    absent = project.command("up", "dev")
    assert absent.returncode != 0
    output = absent.stdout + absent.stderr
    assert "HorizontalPodAutoscaler keda-hpa-backend-service is missing: KEDA has not created it" in output, output
    assert "from now on keda owns the replica count" in output
    scaled = json.loads(foreign.kubectl("get", "scaledobject", "backend-service", "-n", NAMESPACE, "-o", "json"))
    spec = scaled["spec"]
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (3, 10)
    assert [trigger["type"] for trigger in spec["triggers"]] == ["cpu", "cron"]

    foreign.kubectl("create", "-f", "-", stdin=_as_keda_creates_it(spec))
    up = project.command("up", "dev")
    assert up.returncode == 0, up.stdout + up.stderr


def test_another_owner_is_never_set_back(project: Project, foreign: Foreign) -> None:
    project.backend["autoscaling"] = {"owner": "other", "maxReplicas": 10}
    foreign.kubectl("delete", "hpa", "keda-hpa-backend-service", "-n", NAMESPACE)
    project.write()
    done = project.command("up", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    foreign.kubectl("scale", "deployment/backend-service", "--replicas=5", "-n", NAMESPACE)
    foreign.kubectl("rollout", "status", "deployment/backend-service", "-n", NAMESPACE, "--timeout=60s")
    project.backend["environment"] = {"HOST": "db3"}
    project.write()
    again = project.command("up", "dev")
    assert again.returncode == 0, again.stdout + again.stderr
    assert (
        foreign.kubectl("get", "deployment", "backend-service", "-n", NAMESPACE, "-o", "jsonpath={.spec.replicas}")
        == "5"
    )


def test_destroy_leaves_the_namespace_and_what_others_have_in_it(project: Project, foreign: Foreign) -> None:
    done = project.command("destroy", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    left = foreign.kubectl(
        "get", "deployment,service,configmap,job,networkpolicy,serviceaccount", "-n", NAMESPACE, "-o", "name"
    )
    assert set(left.split()) == {
        "configmap/kube-root-ca.crt",
        "configmap/of-others",
        "serviceaccount/default",
        "serviceaccount/deployer",
    }


def _scaled_object_definition() -> dict[str, Any]:
    """Return a definition like KEDA's, without its schema."""
    names = {"kind": "ScaledObject", "plural": "scaledobjects", "singular": "scaledobject"}
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1alpha1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "scaledobjects.keda.sh"},
        "spec": {"group": "keda.sh", "scope": "Namespaced", "names": names, "versions": [version]},
    }


def _as_keda_creates_it(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the autoscaler that KEDA makes from a ScaledObject with a CPU trigger."""
    name = f"keda-hpa-{spec['scaleTargetRef']['name']}"
    trigger = spec["triggers"][0]
    target = {"type": "Utilization", "averageUtilization": int(trigger["metadata"]["value"])}
    metric = {"name": "cpu", "container": trigger["metadata"]["containerName"], "target": target}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": spec["scaleTargetRef"]["name"]},
            "minReplicas": spec["minReplicaCount"],
            "maxReplicas": spec["maxReplicaCount"],
            "metrics": [{"type": "ContainerResource", "containerResource": metric}],
        },
    }
