"""Which programs the embedded cluster consists of, and where each officially comes from.

Versions are written once, in ``tools/go.mod``: the same pin serves the download and the build.
"""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass
from pathlib import Path

TOOLS_MODULE = Path(__file__).parent / "tools"
RECIPE = "3"  # raise it when the way of building changes, so that old caches are left alone


@dataclass(frozen=True)
class Program:
    """One executable: its Go package, the module that pins its version, its official release file.

    ``url`` may use ``{version}``, ``{os}`` and ``{arch}``; ``member`` names the file inside an archive;
    ``checksums`` is the release's own file of SHA-256 sums, absent where the project publishes none.
    """

    name: str
    package: str
    module: str
    url: str
    checksums: str | None = None
    member: str | None = None
    stamp: str = ""

    @property
    def version(self) -> str:
        """The pinned version, with its leading v."""
        return pinned_version(self.module)


def _kubernetes(name: str) -> Program:
    url = "https://dl.k8s.io/release/{version}/bin/{os}/{arch}/" + name
    stamp = "-X k8s.io/component-base/version.gitVersion={version} -X k8s.io/client-go/pkg/version.gitVersion={version}"
    return Program(name, f"k8s.io/kubernetes/cmd/{name}", "k8s.io/kubernetes", url, f"{url}.sha256", stamp=stamp)


def _kwok(name: str) -> Program:
    url = "https://github.com/kubernetes-sigs/kwok/releases/download/{version}/" + name + "-{os}-{arch}"
    return Program(name, f"sigs.k8s.io/kwok/cmd/{name}", "sigs.k8s.io/kwok", url,
                   stamp="-X sigs.k8s.io/kwok/pkg/consts.Version={version}")


_ETCD = "https://github.com/etcd-io/etcd/releases/download/{version}"
_METRICS = "https://github.com/kubernetes-sigs/metrics-server/releases/download/{version}"

# Smallest first, so that a first-time build shows progress early.
PROGRAMS: dict[str, Program] = {p.name: p for p in (
    Program("etcd", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/server/v3",
            _ETCD + "/etcd-{version}-{os}-{arch}.tar.gz", _ETCD + "/SHA256SUMS", member="etcd"),
    _kwok("kwok"),
    _kwok("kwokctl"),
    _kubernetes("kubectl"),
    _kubernetes("kube-scheduler"),
    _kubernetes("kube-controller-manager"),
    _kubernetes("kube-apiserver"),
    Program("metrics-server", "sigs.k8s.io/metrics-server/cmd/metrics-server", "sigs.k8s.io/metrics-server",
            _METRICS + "/metrics-server-{os}-{arch}"),
)}
CLUSTER_PROGRAMS = tuple(PROGRAMS)

# Wanted by `make lint` only.
KUBECONFORM = Program(
    "kubeconform", "github.com/yannh/kubeconform/cmd/kubeconform", "github.com/yannh/kubeconform",
    "https://github.com/yannh/kubeconform/releases/download/{version}/kubeconform-{os}-{arch}.tar.gz",
    "https://github.com/yannh/kubeconform/releases/download/{version}/CHECKSUMS", member="kubeconform")
PROGRAMS[KUBECONFORM.name] = KUBECONFORM


def pinned_version(module: str) -> str:
    """The version that ``tools/go.mod`` requires of a module, e.g. ``v1.36.3``."""
    found = re.search(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", (TOOLS_MODULE / "go.mod").read_text(), re.M)
    if not found:
        raise KeyError(f"{module} is not required in {TOOLS_MODULE / 'go.mod'}")
    return found.group(1)


def target() -> tuple[str, str]:
    """This machine as Go names it: operating system and architecture, e.g. ``('linux', 'amd64')``."""
    machine = platform.machine().lower()
    return platform.system().lower(), {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def cache_key() -> str:
    """Names one set of programs: another pin, recipe or machine type is another folder of the cache."""
    digest = hashlib.sha256(RECIPE.encode())
    for name in ("go.mod", "go.sum"):
        digest.update((TOOLS_MODULE / name).read_bytes())
    return "-".join(("kubernetes", pinned_version("k8s.io/kubernetes"), *target(), digest.hexdigest()[:10]))
