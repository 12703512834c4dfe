"""What a service brings with it, in Kubernetes' own words: a real API server stores it as it was written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cluster.conftest import Kubectl, as_list
from tests.cluster.test_additions import lost
from tests.support.backends import manifests
from tests.support.pod_templates import own, sidecar, spec

SERVICES: dict[str, dict[str, Any]] = {
    "grpc with an admin port and a low port": {
        "protocol": "grpc",
        "port": 443,
        "servicePort": 443,
        "overrides": {
            "service": {
                "metadata": {"annotations": {"example.org/team": "shop"}, "labels": {"example.org/kind": "front"}},
                "spec": {
                    "ports": [{"name": "admin", "port": 9100}, {"name": "stats", "port": 53, "protocol": "UDP"}],
                    "sessionAffinity": "ClientIP",
                    "loadBalancerSourceRanges": ["203.0.113.0/24"],
                    "trafficDistribution": "PreferSameZone",
                },
            }
        },
    },
    "udp with an exec probe": {"protocol": "udp", **own(readinessProbe={"exec": {"command": ["/ready"]}})},
    "tcp without liveness": {"protocol": "tcp", **own(livenessProbe=None)},
    "https on a node port": {"protocol": "https", "overrides": {"service": {"spec": {"type": "NodePort"}}}},
    "probes with their own numbers": own(
        startupProbe={"httpGet": {"port": 8081, "path": "/started"}, "periodSeconds": 2, "failureThreshold": 60},
        readinessProbe={"grpc": {"port": 9000, "service": "shop"}, "initialDelaySeconds": 3},
        livenessProbe={
            "httpGet": {"port": "http", "path": "/live", "httpHeaders": [{"name": "Host", "value": "shop"}]},
            "terminationGracePeriodSeconds": 5,
        },
    ),
    "the image's own user, a writable root, no limits": {
        "resources": {"limits": {}},
        **spec(
            securityContext={"runAsUser": None, "runAsGroup": None, "fsGroup": None},
            containers=[
                {"name": "backend", "securityContext": {"readOnlyRootFilesystem": False}, "imagePullPolicy": "Always"}
            ],
        ),
    },
    "rights and identities": {
        "rbac": {
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}],
            "clusterRules": [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}],
        },
        "identity": {
            "awsRoleArn": "arn:aws:iam::123456789012:role/web",
            "googleServiceAccount": "web@shop-1234.iam.gserviceaccount.com",
            "azureClientId": "00000000-0000-0000-0000-000000000001",
        },
        "overrides": {"serviceAccount": {"metadata": {"name": "shop"}, "imagePullSecrets": [{"name": "registry"}]}},
    },
    "pace, budget and behavior": {
        "disruptionBudget": {"maxUnavailable": "25%"},
        "overrides": {
            "deployment": {
                "metadata": {"annotations": {"example.org/owner": "shop"}},
                "spec": {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}},
            },
            "horizontalPodAutoscaler": {
                "spec": {
                    "behavior": {"scaleDown": {"policies": [{"type": "Pods", "value": 2, "periodSeconds": 30}]}},
                    "metrics": [
                        {
                            "type": "Resource",
                            "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 60}},
                        }
                    ],
                }
            },
            "podDisruptionBudget": {"metadata": {"labels": {"example.org/kind": "front"}}},
        },
    },
    "files, a job, further objects and a shared environment": {
        "environment": {"HOST": "db", "URL": "postgres://$(HOST)/shop", "PLAIN": "1"},
        "files": {"/etc/app/config.yaml": "level: 1\n", "/etc/app/other": "x"},
        "releaseJob": {"command": ["/migrate"], "args": ["up"], "retries": 1},
        "shareEnvironment": ["proxy"],
        "extraObjects": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "more"}, "data": {"a": "1"}},
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "headless"},
                "spec": {"clusterIP": "None", "selector": {"app.kubernetes.io/name": "anything"}},
            },
        ],
        **spec(initContainers=[sidecar()]),
    },
    "several paths": {
        "overrides": {"service": {"spec": {"ports": [{"name": "api", "port": 9000}]}}},
        "ingress": {
            "hosts": ["shop.example.com"],
            "paths": [{"path": "/"}, {"path": "/api", "pathType": "Exact", "port": "api"}],
        },
    },
    "hooks of its own, and no limit on the disk": {
        "port": 80,
        "health": {"initSeconds": 5},
        "resources": {"tmpSizeLimit": None},
        **spec(
            securityContext={"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "80"}]},
            volumes=[{"name": "cache", "emptyDir": {}}],
            containers=[
                {
                    "name": "backend",
                    "lifecycle": {
                        "postStart": {"exec": {"command": ["/warm-up"]}},
                        "preStop": {"exec": {"command": ["/wait-shutdown"]}},
                    },
                }
            ],
        ),
    },
    "one replica": {"survive": "nothing", "replicas": 1, "autoscaling": {"enabled": False}},
    "nobody's replicas": {"autoscaling": {"owner": "other"}},
}


# The cluster chooses numbers of a Service, and writes quantities of a LimitRange in its own form.
COMPARED = ("Deployment", "Job", "PodDisruptionBudget", "HorizontalPodAutoscaler", "Ingress", "NetworkPolicy")


@pytest.mark.parametrize("title", SERVICES)
def test_it_is_stored_as_written(title: str, kubectl: Kubectl) -> None:
    namespace = f"service-{list(SERVICES).index(title)}"
    more = {"namespace": namespace, "loadBalancer": {"healthCheckSeconds": 5}, **SERVICES[title]}
    made = manifests(name="anything", **more)
    kubectl("create", "namespace", namespace)
    try:
        done = kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=as_list(made))
        assert "Warning" not in done.stderr, "the namespace warns of every pod that is not restricted"
        for wanted in made:
            stored = kubectl("get", wanted["kind"], wanted["metadata"]["name"], "-n", namespace, "-o", "json")
            if wanted["kind"] in COMPARED:
                assert lost(wanted["spec"], stored["spec"]) == [], wanted["kind"]
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")
