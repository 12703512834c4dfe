"""The configuration of one kwok cluster: which processes run, with which arguments, and which nodes exist."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .catalog import kubernetes_version

ASSETS = Path(__file__).parent / "kwok"
UNSTATED = "1.36"  # what a cluster runs that was made before its version could be chosen

# Room for the reference workload at its largest, with one zone lost: 4 CPUs a node hold 8 pods of 500m.
NODE_CPU = "4"
NODE_MEMORY = "8Gi"
NODE_DISK = "64Gi"
NODE_PODS = 110  # the kubelet's own default

SERVICES = "10.0.0.0/16"  # kube-apiserver's own default, a /24, is full at some 250 Services

# A node that can be lost is kept alive for as long as it carries this label. kwok then renews no lease of it any more, so that
# it is missed as a real one is, and leaves its pods as they are.
POWER_LABEL, POWER_ON = "ha-backend.local/power", "on"

_NEXT = "\n---\n"
_Patch = Mapping[str, Mapping[str, str]]

# Flags that kwok sets itself: these are replaced, all others added (kwok drops a replacement of what is not there).
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
    # Kubernetes' defaults are 15 s, 30 s and 300 s: right for real nodes, a long wait on one's own machine.
    # Each is the only one of its kind. One that must defend its lead ends itself where the machine is busy for ten seconds, and
    # nothing starts it again.
    "kube-scheduler": {"leader-elect": "false"},
    "kube-controller-manager": {
        "leader-elect": "false",
        "horizontal-pod-autoscaler-sync-period": "3s",
        "horizontal-pod-autoscaler-initial-readiness-delay": "5s",
        "horizontal-pod-autoscaler-cpu-initialization-period": "20s",
    },
    # 10 s is the shortest that metrics-server accepts; simulated nodes answer under the name they state, not under an IP.
    "metrics-server": {
        "metric-resolution": "10s",
        "kubelet-request-timeout": "5s",
        "kubelet-preferred-address-types": "Hostname",
    },
}


@dataclass(frozen=True)
class Outside:
    """Where the API server of a cluster with real nodes is reached: by everybody, and by the nodes."""

    address: str
    for_nodes: str


def cluster_config(
    programs: Mapping[str, Path],
    ports: Mapping[str, int],
    kubernetes: str,
    outside: Outside | None = None,
    certificates: Path | None = None,
    *,
    losable: bool = False,
) -> str:
    """kwokctl's configuration file, as YAML documents. With ``outside`` the nodes are real ones, and kwok has none.

    ``ports``: as ``ports.chosen`` gives them; kwokctl looks for the others itself.
    ``losable``: simulated nodes live only as long as they carry POWER_LABEL.
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
        # Node loss is noticed as on a real cluster: 50 s is Kubernetes' default since 1.32; kwok's own would be 200 s.
        "heartbeatFactor": 1,
        "kubeControllerManagerNodeMonitorGracePeriodMilliseconds": 50_000,
        **ports,
    }
    arguments = {component: dict(flags) for component, flags in _ARGUMENTS.items()}
    if outside:
        options["kubeApiserverCertSANs"] = [outside.address, outside.for_nodes]
        arguments["kube-apiserver"] = {
            "service-cluster-ip-range": SERVICES,
            "bind-address": "0.0.0.0",  # noqa: S104 (in a namespace of its own, with its nodes and a cable to this machine)
            "advertise-address": outside.for_nodes,
            "kubelet-preferred-address-types": "InternalIP",  # there is no DNS that knows the nodes' names
            "kubelet-client-certificate": f"{certificates}/admin.crt",
            "kubelet-client-key": f"{certificates}/admin.key",
        }
        # Without nodes of its own kwok does nothing; it cannot be left out, because metrics-server waits for it.
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
    stages = [] if outside else ["stages.yaml", *(["stages-of-lost-nodes.yaml"] if losable else [])]
    return _NEXT.join([json.dumps(document, default=str, indent=1), *((ASSETS / file).read_text() for file in stages)])


def version_in(config: str) -> str:
    """The version of Kubernetes that a configuration file was made for, e.g. ``1.36``."""
    stated: str = _options(config).get("kubeVersion", UNSTATED)
    return ".".join(stated.removeprefix("v").split(".")[:2])


def has_real_nodes(config: str) -> bool:
    """Whether a configuration file was made for a cluster with real nodes."""
    return "kubeApiserverCertSANs" in _options(config)


def _options(config: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(config.partition(_NEXT)[0])["options"]
    return found


def nodes(zones: list[str], per_zone: int, kubernetes: str, losable: bool = False) -> list[dict[str, Any]]:
    """The simulated Node objects, ``per_zone`` in each zone, named ``<zone>-<number>``."""
    power = {POWER_LABEL: POWER_ON} if losable else {}
    made: list[dict[str, Any]] = []
    for zone in zones:
        for number in range(1, per_zone + 1):
            name = f"{zone}-{number}"
            pods = f"10.{128 + len(made) // 256}.{len(made) % 256}.0/24"
            room = {"cpu": NODE_CPU, "memory": NODE_MEMORY, "ephemeral-storage": NODE_DISK, "pods": str(NODE_PODS)}
            made.append(
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
                        "capacity": room,
                        "allocatable": room,
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
    return made
