"""The programs that this project obtains: their Go packages, the modules that pin them, and their official releases.

Each version is stated once, in the ``go.mod`` of a Go module, for both the download and the build. ``tools`` pins the
whole cluster with the default version of Kubernetes; ``tools/kubernetes-*`` the control plane and the nodes of another
version; ``tools/lint`` the linters; ``tools/drills`` what the drills load and break, with sources of our own;
``tools/bench`` what ``make bench`` compares with; ``tools/capi`` the controllers of Cluster API, for tests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TOOLS_MODULE = Path(__file__).parent / "tools"
LINT_MODULE = TOOLS_MODULE / "lint"
DRILLS_MODULE = TOOLS_MODULE / "drills"
BENCH_MODULE = TOOLS_MODULE / "bench"
CAPI_MODULE = TOOLS_MODULE / "capi"
OWN_VERSION = "v1.0.0"  # of the programs whose sources are in DRILLS_MODULE


@dataclass(frozen=True)
class Program:
    """One executable and where it comes from."""

    name: str
    package: str
    """Go package to build."""
    module: str
    """Go module that pins the version; empty for a program whose sources are in ``pins``."""
    url: str = ""
    """Release file, with ``{version}``, ``{number}`` (the version without its v), ``{os}`` and ``{arch}``.
    Empty if the project publishes no executable: it can only be built."""
    checksums: str | None = None
    """The release's file of SHA-256 sums; None if the project publishes none."""
    member: str | None = None
    """Name of the file in a release archive."""
    stamp: str = ""
    """Linker flags that set the version, with ``{version}``."""
    sums: str = ""
    """File next to ``go.sum`` with further sums for this build.
    It is separate, so that the cache key of the module's other programs does not depend on it."""
    pins: Path = TOOLS_MODULE
    """Directory of the ``go.mod`` that requires ``module``."""

    @property
    def version(self) -> str:
        """The pinned version, with a leading v."""
        return pinned_version(self.module, self.pins) if self.module else OWN_VERSION


def pinned_version(module: str, pins: Path = TOOLS_MODULE) -> str:
    """Return the version of a module that the ``go.mod`` in a directory requires, such as ``v1.36.3``."""
    match = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", (pins / "go.mod").read_text(), re.M)
    if not match:
        raise KeyError(f"{module} is not required in {pins / 'go.mod'}")
    return match.group(1)


def _kubernetes(name: str, sums: str = "") -> Program:
    url = "https://dl.k8s.io/release/{version}/bin/{os}/{arch}/" + name
    stamp = "-X k8s.io/component-base/version.gitVersion={version} -X k8s.io/client-go/pkg/version.gitVersion={version}"
    return Program(
        name, f"k8s.io/kubernetes/cmd/{name}", "k8s.io/kubernetes", url, f"{url}.sha256", stamp=stamp, sums=sums
    )


def _kwok(name: str) -> Program:
    url = "https://github.com/kubernetes-sigs/kwok/releases/download/{version}/" + name + "-{os}-{arch}"
    return Program(
        name,
        f"sigs.k8s.io/kwok/cmd/{name}",
        "sigs.k8s.io/kwok",
        url,
        stamp="-X sigs.k8s.io/kwok/pkg/consts.Version={version}",
    )


_ETCD = "https://github.com/etcd-io/etcd/releases/download/{version}"
_METRICS = "https://github.com/kubernetes-sigs/metrics-server/releases/download/{version}"
_KUBECONFORM = "https://github.com/yannh/kubeconform/releases/download/{version}"
_KUBE_SCORE = "https://github.com/zegl/kube-score/releases/download/{version}"
_ACTIONLINT = "https://github.com/rhysd/actionlint/releases/download/{version}"
_HELM = "https://get.helm.sh/helm-{version}-{os}-{arch}.tar.gz"
_VEGETA = "https://github.com/tsenart/vegeta/releases/download/{version}"

# The smallest first, so that a first build shows progress early.
_CLUSTER = (
    Program(
        "etcd",
        "go.etcd.io/etcd/server/v3",
        "go.etcd.io/etcd/server/v3",
        _ETCD + "/etcd-{version}-{os}-{arch}.tar.gz",
        _ETCD + "/SHA256SUMS",
        member="etcd",
    ),
    _kwok("kwok"),
    _kwok("kwokctl"),
    _kubernetes("kubectl"),
    _kubernetes("kube-scheduler"),
    _kubernetes("kube-controller-manager"),
    _kubernetes("kube-apiserver"),
    Program(
        "metrics-server",
        "sigs.k8s.io/metrics-server/cmd/metrics-server",
        "sigs.k8s.io/metrics-server",
        _METRICS + "/metrics-server-{os}-{arch}",
    ),
)
_LINT = (
    Program(
        "kubeconform",
        "github.com/yannh/kubeconform/cmd/kubeconform",
        "github.com/yannh/kubeconform",
        _KUBECONFORM + "/kubeconform-{os}-{arch}.tar.gz",
        _KUBECONFORM + "/CHECKSUMS",
        member="kubeconform",
        pins=LINT_MODULE,
    ),
    Program(
        "kube-score",
        "github.com/zegl/kube-score/cmd/kube-score",
        "github.com/zegl/kube-score",
        _KUBE_SCORE + "/kube-score_{number}_{os}_{arch}",
        _KUBE_SCORE + "/checksums.txt",
        pins=LINT_MODULE,
    ),
    Program(
        "actionlint",
        "github.com/rhysd/actionlint/cmd/actionlint",
        "github.com/rhysd/actionlint",
        _ACTIONLINT + "/actionlint_{number}_{os}_{arch}.tar.gz",
        _ACTIONLINT + "/actionlint_{number}_checksums.txt",
        member="actionlint",
        pins=LINT_MODULE,
    ),
)
_NODE = (_kubernetes("kube-proxy", "nodes.sum"), _kubernetes("kubelet", "nodes.sum"))
_DRILLS = (
    Program("pause", "./pause", "", pins=DRILLS_MODULE),
    Program("naive", "./naive", "", pins=DRILLS_MODULE),
    Program(
        "vegeta",
        "github.com/tsenart/vegeta/v12",
        "github.com/tsenart/vegeta/v12",
        _VEGETA + "/vegeta_{number}_{os}_{arch}.tar.gz",
        _VEGETA + "/vegeta_{number}_checksums.txt",
        member="vegeta",
        stamp="-X main.Version={version}",
        pins=DRILLS_MODULE,
    ),
    Program(
        "podinfo", "github.com/stefanprodan/podinfo/cmd/podinfo", "github.com/stefanprodan/podinfo", pins=DRILLS_MODULE
    ),
)
_BENCH = (
    Program(
        "helm",
        "helm.sh/helm/v4/cmd/helm",
        "helm.sh/helm/v4",
        _HELM,
        f"{_HELM}.sha256sum",
        member="helm",
        stamp="-X helm.sh/helm/v4/internal/version.version={version}",
        pins=BENCH_MODULE,
    ),
)
# The project publishes container images only.
_CAPI = tuple(
    Program(
        name,
        f"{module}/{folder}",
        module,
        pins=CAPI_MODULE,
        stamp="-X sigs.k8s.io/cluster-api/version.gitVersion={version} -X sigs.k8s.io/cluster-api/version.gitMajor=1 "
        "-X sigs.k8s.io/cluster-api/version.gitMinor=14",
    )
    for name, module, folder in (
        ("capi-core", "sigs.k8s.io/cluster-api", "core"),
        ("capi-bootstrap", "sigs.k8s.io/cluster-api", "bootstrap/kubeadm"),
        ("capi-control-plane", "sigs.k8s.io/cluster-api", "controlplane/kubeadm"),
        ("capi-development", "sigs.k8s.io/cluster-api/test", "infrastructure/docker"),
    )
)
PROGRAMS = {program.name: program for program in _CLUSTER + _LINT + _NODE + _DRILLS + _BENCH + _CAPI}
CLUSTER_PROGRAMS = tuple(program.name for program in _CLUSTER)
NODE_PROGRAMS = tuple(program.name for program in _NODE)  # of a real node, in addition to the distribution's containerd
DRILL_PROGRAMS = tuple(program.name for program in _DRILLS)
CAPI_PROGRAMS = tuple(program.name for program in _CAPI)
CONTROL_PLANE = ("kube-scheduler", "kube-controller-manager", "kube-apiserver")
VERSIONED = CONTROL_PLANE + NODE_PROGRAMS  # programs that differ between versions of Kubernetes
