"""A user's Pulumi program with defects. test_policy.py runs a copy of it; nothing reaches a cluster."""

from __future__ import annotations

import os

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_random

LABELS = {"app": "web", "version": "7"}


def objects(prefix: str, provider: kubernetes.Provider) -> None:
    """Register the objects in a namespace for each provider."""
    opts = pulumi.ResourceOptions(provider=provider)
    password = pulumi.Output.secret("never to be shown")

    def named(name: str) -> dict[str, str]:
        return {"name": name, "namespace": f"{prefix}shop"}

    kubernetes.core.v1.ConfigMap(f"{prefix}settings", metadata=named("settings"), data={"A": "1"}, opts=opts)
    web = kubernetes.apps.v1.Deployment(
        f"{prefix}web",
        metadata=named("web"),
        opts=opts,
        spec={
            "replicas": 3,
            "selector": {"matchLabels": LABELS},
            "template": {
                "metadata": {"labels": LABELS},
                "spec": {
                    "minReadySeconds": 10,
                    "hostNetwork": True,
                    "terminationGracePeriodSeconds": 5,
                    "affinity": {
                        "podAntiAffinity": {
                            "requiredDuringSchedulingIgnoredDuringExecution": [
                                {
                                    "topologyKey": "kubernetes.io/hostname",
                                    "labelSelector": {"matchLabels": {"app": "web"}},
                                }
                            ]
                        }
                    },
                    "topologySpreadConstraints": [
                        {
                            "topologyKey": "kubernetes.io/hostname",
                            "maxSkew": 1,
                            "labelSelector": {"matchLabels": {"app": "web"}},
                            "whenUnsatisfiable": "ScheduleAnyway",
                        }
                    ],
                    "containers": [
                        {
                            "name": "web",
                            "image": "nginx:latest",
                            "ports": [{"containerPort": 80}],
                            "envFrom": [{"configMapRef": {"name": "settings"}}],
                            "env": [{"name": "PASSWORD", "value": password}],
                            "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
                            "securityContext": {"privileged": True},
                        }
                    ],
                },
            },
        },
    )
    kubernetes.core.v1.Service(
        f"{prefix}front",
        metadata=named("front"),
        opts=opts,
        spec={"type": "LoadBalancer", "selector": {"app": "web"}, "ports": [{"port": 80}]},
    )
    kubernetes.batch.v1.CronJob(
        f"{prefix}report",
        metadata=named("report"),
        opts=opts,
        spec={
            "schedule": "0 0 * * *",
            "jobTemplate": {
                "spec": {
                    "template": {
                        "metadata": {"labels": {"app": "web"}},
                        "spec": {
                            "restartPolicy": "Never",
                            "containers": [{"name": "report", "image": "shop/report:1"}],
                        },
                    }
                }
            },
        },
    )
    kubernetes.policy.v1.PodDisruptionBudget(
        f"{prefix}guard",
        metadata=named("guard"),
        opts=opts,
        spec={"minAvailable": 3, "selector": {"matchLabels": LABELS}},
    )
    kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
        f"{prefix}scaler",
        metadata=named("scaler"),
        opts=opts,
        spec={
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": web.metadata.name},
            "minReplicas": 3,
            "maxReplicas": 3,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 90}},
                }
            ],
        },
    )


objects("", kubernetes.Provider("rendered", render_yaml_to_directory="rendered"))
if os.environ.get("WITH_LATER"):  # on a cluster that the update creates, so a preview cannot know the outputs
    objects(
        "later-", kubernetes.Provider("later", kubeconfig=pulumi_random.RandomPassword("kubeconfig", length=8).result)
    )
