"""The configuration of a kwok cluster: its processes with their arguments, and its simulated nodes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .catalog import kubernetes_version

ASSETS = Path(__file__).parent / "kwok"
UNRECORDED_VERSION = "1.36"  # version of a cluster from before the version was a setting

# Capacity for the reference workload at its largest after the loss of a zone: 4 CPUs a node hold 8 pods of 500m.
NODE_CPU = "4"
NODE_MEMORY = "8Gi"
NODE_DISK = "64Gi"
NODE_PODS = 110  # the kubelet's own default

SERVICES = "10.0.0.0/16"  # kube-apiserver's default, a /24, holds about 250 Services

# A losable node runs as long as it has this label. Without it, kwok stops renewing the node's lease, so that it becomes
# not ready as a real one does, and leaves its pods as they are.
POWER_LABEL, POWER_ON = "ha-backend.local/power", "on"

_NEXT = "\n---\n"
_Patch = Mapping[str, Mapping[str, str]]

# Flags that kwok sets itself: these are overridden, all others added (kwok drops an override of a flag that it does not
# set).
_SET_BY_KWOK = {
    ("metrics-server", "metric-resolution"),
    ("metrics-server", "kubelet-preferred-address-types"),
    ("kube-apiserver", "bind-address"),
    ("kwok-controller", "manage-all-nodes"),
}

# Differences from kwok's defaults, each with its reason.
_ARGUMENTS: _Patch = {
    # Listening on loopback only, the API server must not publish that address as an endpoint: it would refuse to start.
    "kube-apiserver": {"endpoint-reconciler-type": "none", "service-cluster-ip-range": SERVICES},
    # There is one instance of each. With leader election it would exit if the machine is busy for ten seconds, and
    # nothing would restart it.
    "kube-scheduler": {"leader-elect": "false"},
    "kube-controller-manager": {
        "leader-elect": "false",
        # Kubernetes' defaults are 15 s, 30 s and 300 s: right for real nodes, a long wait on a developer's machine.
        "horizontal-pod-autoscaler-sync-period": "3s",
        "horizontal-pod-autoscaler-initial-readiness-delay": "5s",
        "horizontal-pod-autoscaler-cpu-initialization-period": "20s",
    },
    # 10 s is the shortest resolution that metrics-server accepts. Simulated nodes respond by their host name, not by an
    # IP.
    "metrics-server": {
        "metric-resolution": "10s",
        "kubelet-request-timeout": "5s",
        "kubelet-preferred-address-types": "Hostname",
    },
}


@dataclass(frozen=True)
class ApiServerAddresses:
    """Addresses of the API server of a cluster with real nodes."""

    external: str
    """Address for clients on this machine."""
    internal: str
    """Address for the nodes."""


def cluster_config(
    programs: Mapping[str, Path],
    ports: Mapping[str, int],
    kubernetes: str,
    addresses: ApiServerAddresses | None = None,
    certificates: Path | None = None,
    *,
    losable: bool = False,
) -> str:
    """Return kwokctl's configuration file, as YAML documents.

    ``ports`` are those of ``ports.choose``; kwokctl chooses the others itself. With ``addresses`` the nodes are real,
    and kwok simulates none; ``certificates`` is then the directory of the cluster's certificates. With ``losable``, a
    simulated node runs only as long as it has POWER_LABEL.
    """
    options: dict[str, Any] = {
        "runtime": "binary",
        "kubeVersion": kubernetes_version(kubernetes),
        "bindAddress": "127.0.0.1",  # kwok's default is every interface, and its etcd has no authentication
        "kubeApiserverBinary": programs["kube-apiserver"],
        "kubeControllerManagerBinary": programs["kube-controller-manager"],
        "kubeSchedulerBinary": programs["kube-scheduler"],
        "kubectlBinary": programs["kubectl"],
        "etcdBinary": programs["etcd"],
        "kwokControllerBinary": programs["kwok"],
        "metricsServerBinary": programs["metrics-server"],
        "metricsServerManifests": [ASSETS / "metrics"],
        "enable": ["metrics-server"],
        "kubeAuthorization": True,
        # Node loss is detected as on a real cluster: Kubernetes' default since 1.32 is 50 s, kwok's 200 s.
        "heartbeatFactor": 1,
        "kubeControllerManagerNodeMonitorGracePeriodMilliseconds": 50_000,
        **ports,
    }
    arguments = {component: dict(flags) for component, flags in _ARGUMENTS.items()}
    if addresses:
        options["kubeApiserverCertSANs"] = [addresses.external, addresses.internal]
        arguments["kube-apiserver"] = {
            "service-cluster-ip-range": SERVICES,
            "bind-address": "0.0.0.0",  # noqa: S104 (in a network namespace that only its nodes and this machine reach)
            "advertise-address": addresses.internal,
            "kubelet-preferred-address-types": "InternalIP",  # no DNS resolves the nodes' names
            "kubelet-client-certificate": f"{certificates}/admin.crt",
            "kubelet-client-key": f"{certificates}/admin.key",
        }
        # Without simulated nodes kwok does nothing, but it must run, because metrics-server waits for it.
        arguments["kwok-controller"] = {
            "manage-all-nodes": "false",
            "manage-nodes-with-annotation-selector": "none=none",
        }
        arguments["metrics-server"]["kubelet-preferred-address-types"] = "InternalIP"
    elif losable:
        arguments["kwok-controller"] = {
            "manage-all-nodes": "false",
            "manage-nodes-with-label-selector": f"{POWER_LABEL}={POWER_ON}",
        }
    patches = [
        {
            "name": component,
            "extraArgs": [
                {"key": key, "value": value, "override": (component, key) in _SET_BY_KWOK}
                for key, value in args.items()
            ],
        }
        for component, args in arguments.items()
    ]
    document = {
        "kind": "KwokctlConfiguration",
        "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
        "options": options,
        "componentsPatches": patches,
    }
    stages = [] if addresses else ["stages.yaml", *(["stages-of-lost-nodes.yaml"] if losable else [])]
    return _NEXT.join([json.dumps(document, default=str, indent=1), *((ASSETS / file).read_text() for file in stages)])


def version_in(config: str) -> str:
    """Return the minor version of Kubernetes in a configuration file, such as ``1.36``."""
    version: str = _options(config).get("kubeVersion", UNRECORDED_VERSION)
    return ".".join(version.removeprefix("v").split(".")[:2])


def has_real_nodes(config: str) -> bool:
    """Return whether a configuration file is for a cluster with real nodes."""
    return "kubeApiserverCertSANs" in _options(config)


def _options(config: str) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(config.partition(_NEXT)[0])["options"]
    return options


def node_objects(zones: list[str], per_zone: int, kubernetes: str, losable: bool = False) -> list[dict[str, Any]]:
    """Return the simulated Node objects, ``per_zone`` in each zone, named ``<zone>-<number>``."""
    power = {POWER_LABEL: POWER_ON} if losable else {}
    nodes: list[dict[str, Any]] = []
    for zone in zones:
        for number in range(1, per_zone + 1):
            name = f"{zone}-{number}"
            pods = f"10.{128 + len(nodes) // 256}.{len(nodes) % 256}.0/24"
            capacity = {"cpu": NODE_CPU, "memory": NODE_MEMORY, "ephemeral-storage": NODE_DISK, "pods": str(NODE_PODS)}
            nodes.append(
                {
                    "apiVersion": "v1",
                    "kind": "Node",
                    "metadata": {
                        "name": name,
                        "labels": {
                            "kubernetes.io/hostname": name,
                            "kubernetes.io/os": "linux",
                            "kubernetes.io/arch": "amd64",
                            "topology.kubernetes.io/zone": zone,
                            "topology.kubernetes.io/region": "local",
                            **power,
                        },
                        "annotations": {
                            "kwok.x-k8s.io/node": "fake",
                            "metrics.k8s.io/resource-metrics-path": f"/metrics/nodes/{name}/metrics/resource",
                        },
                    },
                    "spec": {"podCIDR": pods, "podCIDRs": [pods]},
                    "status": {
                        "capacity": capacity,
                        "allocatable": capacity,
                        "addresses": [{"type": "Hostname", "address": "localhost"}],
                        "nodeInfo": {
                            "architecture": "amd64",
                            "operatingSystem": "linux",
                            "osImage": "simulated",
                            "kernelVersion": "simulated",
                            "containerRuntimeVersion": "kwok://simulated",
                            "kubeletVersion": kubernetes_version(kubernetes),
                            "kubeProxyVersion": "",
                            "bootID": "",
                            "machineID": "",
                            "systemUUID": "",
                        },
                    },
                }
            )
    return nodes
