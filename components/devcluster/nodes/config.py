"""Configuration files of one real node: containerd, its CNI plugin, kubelet and kube-proxy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .layout import PODS, Node

RUNTIME_TASKS = (
    Path("containerd") / "io.containerd.runtime.v2.task" / "k8s.io"
)  # holds a directory for each running container
RUNTIME = "containerd.toml"
KUBELET = "kubelet.json"
PROXY = "kube-proxy.json"


def write(node: Node, authority: Path, kubeconfig: Path, pause: str, plugins: Path) -> None:
    """Write all configuration files of a node.

    ``authority`` is the file of the cluster's CA certificate, ``pause`` the pause image, and ``plugins`` the directory
    of the machine's CNI plugins.
    """
    network = node.folder / "net.d"
    network.mkdir(parents=True, exist_ok=True)
    node.run.mkdir(parents=True, exist_ok=True)
    for file, text in (
        (network / "10-pods.conflist", json.dumps(_network(node), indent=1)),
        (node.folder / RUNTIME, _runtime(node, pause, plugins, network)),
        (node.folder / KUBELET, json.dumps(_kubelet(node, authority), indent=1)),
        (node.folder / PROXY, json.dumps(_proxy(node, kubeconfig), indent=1)),
    ):
        if not file.exists() or file.read_text() != text:  # kube-proxy exits when its file is written, even unchanged
            file.write_text(text)


def _network(node: Node) -> dict[str, Any]:
    # The plugins keep records of the pods under this name, in a directory of the machine.
    return {
        "cniVersion": "0.4.0",
        "name": node.namespace,
        "plugins": [
            {
                "type": "bridge",
                "bridge": "pods",
                "isGateway": True,
                "ipMasq": False,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "dataDir": str(node.folder / "addresses"),
                    "ranges": [[{"subnet": node.pods}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            }
        ],
    }


def _runtime(node: Node, pause: str, plugins: Path, network: Path) -> str:
    # In a sandbox the process may lack CAP_SYS_RESOURCE: runc then cannot lower OOM scores, and fails if it tries.
    return f"""version = 2
root = "{node.folder}/containerd"
state = "{node.run}/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing", "io.containerd.internal.v1.opt"]
[grpc]
  address = "{socket(node)}"
[ttrpc]
  address = "{socket(node)}.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = "{node.run}/runc"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "{network}"
"""


def socket(node: Node) -> Path:
    """Return the path of containerd's socket."""
    return node.run / "containerd.sock"


def _kubelet(node: Node, authority: Path) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node.address,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": False},
            "x509": {"clientCAFile": str(authority)},
        },
        "authorization": {"mode": "AlwaysAllow"},  # every certificate of this cluster is an administrator's
        "cgroupDriver": "cgroupfs",
        # Several nodes share this machine's control groups: none may change those of another.
        "cgroupsPerQOS": False,
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        "containerRuntimeEndpoint": f"unix://{socket(node)}",
        "clusterDNS": ["10.0.0.10"],
        "clusterDomain": "cluster.local",
        "resolvConf": "",  # the cluster runs no DNS
        "podLogsDir": str(node.folder / "logs" / "pods"),
        # The disk is the machine's: its usage is no reason to evict pods of this node.
        "evictionHard": {
            "memory.available": "0%",
            "nodefs.available": "0%",
            "nodefs.inodesFree": "0%",
            "imagefs.available": "0%",
            "imagefs.inodesFree": "0%",
        },
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "serializeImagePulls": False,
        "kubeAPIQPS": 50,
        "kubeAPIBurst": 100,
    }


def _proxy(node: Node, kubeconfig: Path) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "clusterCIDR": PODS,
        "detectLocalMode": "ClusterCIDR",
        "hostnameOverride": node.name,
        "bindAddress": node.address,
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "healthzBindAddress": f"{node.address}:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        # These belong to the machine's kernel, not to a namespace.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }
