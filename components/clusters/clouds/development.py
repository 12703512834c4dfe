"""Clusters in memory: API servers and machines that Cluster API's own development provider pretends. No pod runs there."""

from __future__ import annotations

from typing import Any

from ...settings.cluster_api import ClusterApiCluster, Development
from .parts import BOOTSTRAP, CONTROL_PLANE, INFRASTRUCTURE, Parts, Pool, Template

VERSION = "v1beta2"


def parts(cluster: ClusterApiCluster, development: Development) -> Parts:
    """What the development provider needs: kubeadm's control plane, on machines of its own."""
    machine = Template(
        f"{INFRASTRUCTURE}/{VERSION}",
        "DevMachineTemplate",
        {
            "backend": {
                "inMemory": {
                    part: {"provisioning": {"startupDuration": f"{seconds}s"}}
                    for part, seconds in (
                        ("vm", development.machine_seconds),
                        ("node", 1),
                        ("apiServer", 1),
                        ("etcd", 1),
                    )
                }
            }
        },
    )
    joined: dict[str, Any] = {"nodeRegistration": {"criSocket": "unix:///var/run/containerd/containerd.sock"}}
    return Parts(
        Template(f"{INFRASTRUCTURE}/{VERSION}", "DevClusterTemplate", {"backend": {"inMemory": {}}}),
        Template(
            f"{CONTROL_PLANE}/{VERSION}",
            "KubeadmControlPlaneTemplate",
            {
                "kubeadmConfigSpec": {
                    "clusterConfiguration": {"apiServer": {"certSANs": ["localhost", "127.0.0.1"]}},
                    "initConfiguration": joined,
                    "joinConfiguration": joined,
                }
            },
        ),
        tuple(
            Pool(
                pool,
                Template(f"{BOOTSTRAP}/{VERSION}", "KubeadmConfigTemplate", {"joinConfiguration": joined}),
                machine,
            )
            for pool in cluster.workers
        ),
        machines=machine,
        replicas=development.control_plane_machines,
    )
