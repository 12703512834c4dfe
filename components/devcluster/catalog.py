"""Which programs the embedded cluster consists of, and where each officially comes from.

Versions are written once, in the ``go.mod`` of a Go module: the same pin serves the download and the build. ``tools`` pins
the whole cluster with the default version of Kubernetes; ``tools/kubernetes-*`` control plane and nodes of another version;
``tools/lint`` what only ``make lint`` wants; ``tools/drills`` what the drills load and break, with sources of our own;
``tools/bench`` what ``make bench`` measures beside us; ``tools/capi`` the managers of Cluster API, for tests.
"""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import LocalError

TOOLS_MODULE = Path(__file__).parent / "tools"
LINT_MODULE = TOOLS_MODULE / "lint"
DRILLS_MODULE = TOOLS_MODULE / "drills"
BENCH_MODULE = TOOLS_MODULE / "bench"
CAPI_MODULE = TOOLS_MODULE / "capi"
RECIPE = "3"  # raise it when the way of building changes, so that old caches are left alone
VERSIONS = ("1.35", "1.36", "1.37")  # of Kubernetes
DEFAULT_VERSION = "1.36"
OWN_VERSION = "v1.0.0"  # of the programs whose sources are in DRILLS_MODULE


@dataclass(frozen=True)
class Program:
    """One executable: its Go package, the module that pins its version, its official release file.

    ``url`` may use ``{version}``, ``{number}`` (the version without its v), ``{os}`` and ``{arch}``; it is empty where no
    executable is published, which leaves only the build. ``member`` names the file inside an archive; ``checksums`` is the
    release's own file of SHA-256 sums, absent where the project publishes none. ``pins`` is the folder of the ``go.mod``
    that requires ``module``; a program of our own has no ``module``, its sources are in ``pins``. ``sums`` names a file
    beside the ``go.sum`` with what this program's build needs in addition; it is apart so that the other programs of the
    same ``go.mod`` keep their place in the cache.
    """

    name: str
    package: str
    module: str
    url: str = ""
    checksums: str | None = None
    member: str | None = None
    stamp: str = ""
    sums: str = ""
    pins: Path = TOOLS_MODULE

    @property
    def version(self) -> str:
        """The pinned version, with its leading v."""
        return pinned_version(self.module, self.pins) if self.module else OWN_VERSION


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

# Smallest first, so that a first-time build shows progress early.
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
# Published as images only.
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
NODE_PROGRAMS = tuple(program.name for program in _NODE)  # what a real node runs, besides the distribution's containerd
DRILL_PROGRAMS = tuple(program.name for program in _DRILLS)
CAPI_PROGRAMS = tuple(program.name for program in _CAPI)
CONTROL_PLANE = ("kube-scheduler", "kube-controller-manager", "kube-apiserver")
VERSIONED = CONTROL_PLANE + NODE_PROGRAMS  # what differs from version to version


def program(name: str, kubernetes: str = DEFAULT_VERSION) -> Program:
    """A program by its name, for a cluster of that version. Raises LocalError where the version is not known."""
    return replace(PROGRAMS[name], pins=_pins(kubernetes)) if name in VERSIONED else PROGRAMS[name]


def kubernetes_version(kubernetes: str) -> str:
    """The whole of a version, e.g. ``v1.36.3`` for ``1.36``. Raises LocalError where it is not known."""
    return pinned_version("k8s.io/kubernetes", _pins(kubernetes))


def pinned_version(module: str, pins: Path = TOOLS_MODULE) -> str:
    """The version that the ``go.mod`` in a folder requires of a module, e.g. ``v1.36.3``."""
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", (pins / "go.mod").read_text(), re.M)
    if not found:
        raise KeyError(f"{module} is not required in {pins / 'go.mod'}")
    return found.group(1)


def _pins(kubernetes: str) -> Path:
    if kubernetes not in VERSIONS:
        raise LocalError(f"Kubernetes {kubernetes} is not known; right would be one of: {', '.join(VERSIONS)}")
    return TOOLS_MODULE if kubernetes == DEFAULT_VERSION else TOOLS_MODULE / f"kubernetes-{kubernetes}"


def target() -> tuple[str, str]:
    """This machine as Go names it: operating system and architecture, e.g. ``('linux', 'amd64')``."""
    machine = platform.machine().lower()
    return platform.system().lower(), {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def cache_key(pins: Path = TOOLS_MODULE) -> str:
    """Names the programs of one ``go.mod``: another pin, recipe or machine type is another folder of the cache.

    For the drills an edit of our own sources is another folder too; no other module has any.
    """
    digest = hashlib.sha256(RECIPE.encode())
    for file in (pins / "go.mod", pins / "go.sum", *(sorted(pins.rglob("*.go")) if pins == DRILLS_MODULE else ())):
        digest.update(file.read_bytes())
    alone = {LINT_MODULE: "lint", DRILLS_MODULE: "drills", BENCH_MODULE: "bench", CAPI_MODULE: "capi"}
    name = alone.get(pins) or f"kubernetes-{pinned_version('k8s.io/kubernetes', pins)}"
    return "-".join((name, *target(), digest.hexdigest()[:10]))
