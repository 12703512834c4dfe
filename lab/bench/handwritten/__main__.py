"""The objects of a backend as most people write them, BENCH_COUNT times: one file without settings or validation.

With BENCH_KIND=component each is in an empty component, which shows the cost of a component alone.
"""

import os

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

DIGEST = "sha256:262578cde928d5c9eba3bce079976444f624c13ed0afb741d90d5423877496cb"
IMAGE = f"ghcr.io/stefanprodan/podinfo:6.9.1@{DIGEST}"
provider = k8s.Provider("cluster", kubeconfig=os.environ["BENCH_KUBECONFIG"], cluster_identifier="bench")
size = {"cpu": os.environ.get("BENCH_CPU", "500m"), "memory": "128Mi", "ephemeral-storage": "320Mi"}
most = {"cpu": os.environ.get("BENCH_CPU_LIMIT", "1000m"), "memory": "256Mi", "ephemeral-storage": "320Mi"}


def probe(path: str, failures: int, period: int = 5, timeout: int = 2) -> dict:
    """Return an HTTP probe."""
    return {
        "http_get": {"path": path, "port": 8080},
        "period_seconds": period,
        "timeout_seconds": timeout,
        "failure_threshold": failures,
    }


def backend(name: str) -> None:
    """Register one backend in a namespace of its own."""
    parent = (
        pulumi.ComponentResource("bench:index:Backend", name) if os.environ.get("BENCH_KIND") == "component" else None
    )
    selector = {"app.kubernetes.io/name": name}
    labels = {**selector, "app.kubernetes.io/component": "backend", "app.kubernetes.io/managed-by": "pulumi"}
    meta = {"namespace": name, "labels": labels}
    named = {**meta, "name": name}
    space = k8s.core.v1.Namespace(
        f"{name}-space",
        opts=pulumi.ResourceOptions(parent=parent, provider=provider),
        metadata={
            "name": name,
            "labels": {
                **labels,
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
        },
    )
    inside = pulumi.ResourceOptions(parent=parent, provider=provider, depends_on=[space])
    limits = k8s.core.v1.LimitRange(
        f"{name}-limits",
        metadata=named,
        opts=inside,
        spec={"limits": [{"type": "Container", "default_request": size, "default": most}]},
    )
    quota = k8s.core.v1.ResourceQuota(f"{name}-quota", metadata=named, opts=inside, spec={"hard": {"pods": "22"}})
    policy = k8s.networking.v1.NetworkPolicy(
        f"{name}-policy",
        metadata=named,
        opts=inside,
        spec={
            "pod_selector": {"match_labels": selector},
            "policy_types": ["Ingress", "Egress"],
            "ingress": [{"ports": [{"port": "http", "protocol": "TCP"}]}],
            "egress": [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}],
        },
    )
    deny = k8s.networking.v1.NetworkPolicy(
        f"{name}-deny",
        metadata={**meta, "name": f"{name}-default-deny"},
        spec={"pod_selector": {}, "policy_types": ["Ingress", "Egress"]},
        opts=pulumi.ResourceOptions(parent=parent, provider=provider, depends_on=[policy]),
    )
    account = k8s.core.v1.ServiceAccount(
        f"{name}-account", metadata=named, automount_service_account_token=False, opts=inside
    )
    config = k8s.core.v1.ConfigMap(
        f"{name}-environment",
        metadata=meta,
        immutable=True,
        opts=inside,
        data={"PODINFO_PORT": "8080", "PODINFO_UI_MESSAGE": "development"},
    )
    password = random.RandomPassword(
        f"{name}-key", length=32, special=False, keepers={"rotation": "1"}, opts=pulumi.ResourceOptions(parent=parent)
    )
    secret = k8s.core.v1.Secret(
        f"{name}-secrets", metadata=meta, immutable=True, string_data={"SESSION_KEY": password.result}, opts=inside
    )
    deployment = k8s.apps.v1.Deployment(
        f"{name}-deployment",
        metadata=named,
        spec={
            "replicas": 3,
            "selector": {"match_labels": selector},
            "min_ready_seconds": 5,
            "progress_deadline_seconds": 60,
            "revision_history_limit": 5,
            "strategy": {"type": "RollingUpdate", "rolling_update": {"max_surge": "25%", "max_unavailable": 0}},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "service_account_name": name,
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
                            "key": f"node.kubernetes.io/{state}",
                            "operator": "Exists",
                            "effect": "NoExecute",
                            "toleration_seconds": 30,
                        }
                        for state in ("not-ready", "unreachable")
                    ],
                    "topology_spread_constraints": [
                        {
                            "topology_key": key,
                            "max_skew": 1,
                            "when_unsatisfiable": "ScheduleAnyway",
                            "node_taints_policy": "Honor",
                            "match_label_keys": ["pod-template-hash"],
                            "label_selector": {"match_labels": selector},
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
                                        "label_selector": {"match_labels": selector},
                                    },
                                }
                            ]
                        }
                    },
                    "containers": [
                        {
                            "name": "backend",
                            "image_pull_policy": "IfNotPresent",
                            "image": IMAGE,
                            "ports": [{"name": "http", "container_port": 8080, "protocol": "TCP"}],
                            "env_from": [
                                {"config_map_ref": {"name": config.metadata.name}},
                                {"secret_ref": {"name": secret.metadata.name}},
                            ],
                            "resources": {"requests": size, "limits": most},
                            "startup_probe": probe("/healthz", 20, 1, 1),
                            "readiness_probe": probe("/readyz", 2),
                            "liveness_probe": probe("/healthz", 6),
                            "lifecycle": {"pre_stop": {"sleep": {"seconds": 8}}},
                            "security_context": {
                                "allow_privilege_escalation": False,
                                "privileged": False,
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
        opts=pulumi.ResourceOptions(
            parent=parent,
            provider=provider,
            depends_on=[account, quota, limits, policy, deny],
            ignore_changes=["spec.replicas"],
        ),
    )
    k8s.core.v1.Service(
        f"{name}-service",
        metadata=named,
        opts=inside,
        spec={
            "type": "LoadBalancer",
            "external_traffic_policy": "Local",
            "selector": selector,
            "ports": [{"name": "http", "port": 80, "target_port": "http", "protocol": "TCP"}],
        },
    )
    k8s.policy.v1.PodDisruptionBudget(
        f"{name}-budget",
        metadata={**named, "annotations": {"pulumi.com/waitFor": "condition=DisruptionAllowed"}},
        spec={
            "max_unavailable": 1,
            "unhealthy_pod_eviction_policy": "AlwaysAllow",
            "selector": {"match_labels": selector},
        },
        opts=pulumi.ResourceOptions(parent=parent, provider=provider, depends_on=[deployment]),
    )
    if parent:
        parent.register_outputs({})
    if os.environ.get("BENCH_AUTOSCALER") == "off":
        return
    k8s.autoscaling.v2.HorizontalPodAutoscaler(
        f"{name}-autoscaler",
        metadata={**named, "annotations": {"pulumi.com/waitFor": "condition=ScalingActive"}},
        opts=pulumi.ResourceOptions(parent=parent, provider=provider, depends_on=[quota]),
        spec={
            "min_replicas": 3,
            "max_replicas": 6,
            "scale_target_ref": {"api_version": "apps/v1", "kind": "Deployment", "name": name},
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
            "behavior": {
                "scale_up": {
                    "stabilization_window_seconds": 0,
                    "select_policy": "Max",
                    "policies": [
                        {"type": "Percent", "value": 100, "period_seconds": 15},
                        {"type": "Pods", "value": 4, "period_seconds": 15},
                    ],
                },
                "scale_down": {
                    "stabilization_window_seconds": 300,
                    "select_policy": "Max",
                    "policies": [
                        {"type": "Percent", "value": 10, "period_seconds": 60},
                        {"type": "Pods", "value": 1, "period_seconds": 60},
                    ],
                },
            },
        },
    )


for number in range(int(os.environ.get("BENCH_COUNT", "1"))):
    backend("handwritten" if number == 0 else f"handwritten-{number}")
