"""The objects of the dev stack as most people write them: one file without settings or validation."""

import os

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

labels = {"app.kubernetes.io/name": "baseline"}
provider = k8s.Provider("cluster", kubeconfig=os.environ["BENCH_KUBECONFIG"], cluster_identifier="bench")
opts = pulumi.ResourceOptions(provider=provider)
space = k8s.core.v1.Namespace(
    "space", metadata={"name": "baseline", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}, opts=opts
)
inside = pulumi.ResourceOptions(provider=provider, depends_on=[space])
meta = {"namespace": "baseline", "labels": labels}
k8s.core.v1.LimitRange(
    "limits",
    metadata={**meta, "name": "baseline"},
    opts=inside,
    spec={
        "limits": [
            {
                "type": "Container",
                "default_request": {"cpu": "500m", "memory": "128Mi"},
                "default": {"cpu": "1", "memory": "256Mi"},
            }
        ]
    },
)
k8s.core.v1.ResourceQuota(
    "quota",
    metadata={**meta, "name": "baseline"},
    opts=inside,
    spec={
        "hard": {
            "pods": "14",
            "requests.cpu": "7",
            "limits.cpu": "14",
            "requests.memory": "1792Mi",
            "limits.memory": "3584Mi",
        }
    },
)
k8s.networking.v1.NetworkPolicy(
    "deny",
    metadata={**meta, "name": "baseline-default-deny"},
    opts=inside,
    spec={"pod_selector": {}, "policy_types": ["Ingress", "Egress"]},
)
k8s.networking.v1.NetworkPolicy(
    "policy",
    metadata={**meta, "name": "baseline"},
    opts=inside,
    spec={
        "pod_selector": {"match_labels": labels},
        "policy_types": ["Ingress", "Egress"],
        "ingress": [{"ports": [{"port": 8080}]}],
        "egress": [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}],
    },
)
account = k8s.core.v1.ServiceAccount(
    "account", metadata={**meta, "name": "baseline"}, automount_service_account_token=False, opts=inside
)
config = k8s.core.v1.ConfigMap("config", metadata=meta, immutable=True, data={"PODINFO_PORT": "8080"}, opts=inside)
password = random.RandomPassword("key", length=32, special=False)
secret = k8s.core.v1.Secret(
    "secret", metadata=meta, immutable=True, string_data={"SESSION_KEY": password.result}, opts=inside
)


def probe(path: str, failures: int) -> dict:
    """An HTTP probe."""
    return {
        "http_get": {"path": path, "port": 8080},
        "period_seconds": 5,
        "timeout_seconds": 2,
        "failure_threshold": failures,
    }


deployment = k8s.apps.v1.Deployment(
    "deployment",
    metadata={**meta, "name": "baseline"},
    spec={
        "replicas": 3,
        "selector": {"match_labels": labels},
        "min_ready_seconds": 5,
        "progress_deadline_seconds": 60,
        "revision_history_limit": 5,
        "strategy": {"type": "RollingUpdate", "rolling_update": {"max_surge": "25%", "max_unavailable": 0}},
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "service_account_name": "baseline",
                "automount_service_account_token": False,
                "enable_service_links": False,
                "termination_grace_period_seconds": 33,
                "security_context": {
                    "run_as_non_root": True,
                    "run_as_user": 10001,
                    "run_as_group": 10001,
                    "fs_group": 10001,
                    "seccomp_profile": {"type": "RuntimeDefault"},
                },
                "tolerations": [
                    {
                        "key": f"node.kubernetes.io/{s}",
                        "operator": "Exists",
                        "effect": "NoExecute",
                        "toleration_seconds": 30,
                    }
                    for s in ("not-ready", "unreachable")
                ],
                "topology_spread_constraints": [
                    {
                        "topology_key": key,
                        "max_skew": 1,
                        "when_unsatisfiable": "ScheduleAnyway",
                        "node_taints_policy": "Honor",
                        "match_label_keys": ["pod-template-hash"],
                        "label_selector": {"match_labels": labels},
                    }
                    for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
                ],
                "affinity": {
                    "pod_anti_affinity": {
                        "preferred_during_scheduling_ignored_during_execution": [
                            {
                                "weight": 100,
                                "pod_affinity_term": {
                                    "topology_key": "kubernetes.io/hostname",
                                    "match_label_keys": ["pod-template-hash"],
                                    "label_selector": {"match_labels": labels},
                                },
                            }
                        ]
                    }
                },
                "containers": [
                    {
                        "name": "backend",
                        "image": "ghcr.io/stefanprodan/podinfo:6.9.1",
                        "image_pull_policy": "IfNotPresent",
                        "ports": [{"name": "http", "container_port": 8080}],
                        "env_from": [
                            {"config_map_ref": {"name": config.metadata.name}},
                            {"secret_ref": {"name": secret.metadata.name}},
                        ],
                        "resources": {
                            "requests": {"cpu": "500m", "memory": "128Mi"},
                            "limits": {"cpu": "1", "memory": "256Mi"},
                        },
                        "startup_probe": probe("/healthz", 4),
                        "readiness_probe": probe("/readyz", 2),
                        "liveness_probe": probe("/healthz", 6),
                        "lifecycle": {"pre_stop": {"sleep": {"seconds": 8}}},
                        "security_context": {
                            "allow_privilege_escalation": False,
                            "read_only_root_filesystem": True,
                            "run_as_non_root": True,
                            "run_as_user": 10001,
                            "run_as_group": 10001,
                            "capabilities": {"drop": ["ALL"]},
                            "seccomp_profile": {"type": "RuntimeDefault"},
                        },
                        "volume_mounts": [{"name": "tmp", "mount_path": "/tmp"}],
                    }
                ],
                "volumes": [{"name": "tmp", "empty_dir": {"size_limit": "64Mi"}}],
            },
        },
    },
    opts=pulumi.ResourceOptions(provider=provider, depends_on=[account], ignore_changes=["spec.replicas"]),
)
after = pulumi.ResourceOptions(provider=provider, depends_on=[deployment])
k8s.core.v1.Service(
    "service",
    metadata={**meta, "name": "baseline"},
    opts=inside,
    spec={
        "type": "LoadBalancer",
        "external_traffic_policy": "Local",
        "selector": labels,
        "ports": [{"name": "http", "port": 80, "target_port": 8080}],
    },
)
k8s.policy.v1.PodDisruptionBudget(
    "budget",
    metadata={**meta, "name": "baseline", "annotations": {"pulumi.com/waitFor": "condition=DisruptionAllowed"}},
    opts=after,
    spec={"max_unavailable": 1, "unhealthy_pod_eviction_policy": "AlwaysAllow", "selector": {"match_labels": labels}},
)
k8s.autoscaling.v2.HorizontalPodAutoscaler(
    "autoscaler",
    metadata={**meta, "name": "baseline", "annotations": {"pulumi.com/waitFor": "condition=ScalingActive"}},
    opts=after,
    spec={
        "min_replicas": 3,
        "max_replicas": 6,
        "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": "baseline"},
        "metrics": [
            {
                "type": "ContainerResource",
                "container_resource": {
                    "name": "cpu",
                    "container": "backend",
                    "target": {"type": "Utilization", "average_utilization": 60},
                },
            }
        ],
    },
)
