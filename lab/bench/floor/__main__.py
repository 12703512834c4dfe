"""BENCH_COUNT resources, each as small as possible: ConfigMaps, or with BENCH_KIND=random only random numbers."""

import os

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

count = int(os.environ["BENCH_COUNT"])
if os.environ["BENCH_KIND"] == "random":
    for number in range(count):
        random.RandomId(f"floor-{number}", byte_length=4)
else:
    provider = k8s.Provider("cluster", kubeconfig=os.environ["BENCH_KUBECONFIG"], cluster_identifier="bench")
    for number in range(count):
        k8s.core.v1.ConfigMap(
            f"floor-{number}",
            metadata={"name": f"floor-{number}", "namespace": "default"},
            data={"a": "b"},
            opts=pulumi.ResourceOptions(provider=provider),
        )
