"""Where the manifests of the corpus come from: public repositories at pinned commits. None is committed here."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.test import CORPUS

URL = "https://github.com/{}.git"
_FETCH_SECONDS = 120
# As git says it without a network. A repository that answers and lacks what is pinned here is a failure.
_UNREACHABLE = re.compile(r"[Cc]ould not resolve|[Ff]ailed to connect|[Tt]imed out|[Cc]onnection re(fused|set)|50[234]")


class Source(NamedTuple):
    """Manifests of one repository. Each path is a file, or a folder whose YAML files are one manifest."""

    repository: str
    commit: str
    paths: tuple[str, ...]

    def __str__(self) -> str:
        return self.repository

    @property
    def folder(self) -> str:
        """The name of the repository as the name of a folder."""
        return self.repository.replace("/", "+")


SOURCES = (
    Source("Azure-Samples/aks-store-demo", "7ce10c5110d6a52d3517dfb6d7a7b7b2edf2e5a5", ("aks-store-all-in-one.yaml",)),
    Source("BuoyantIO/emojivoto", "e490d5789086e75933a474b22f9723fbfa0b29ba", ("kustomize/deployment",)),
    Source("GoogleCloudPlatform/bank-of-anthos", "d0af04743a6d951665169ca6370d15725ec51252", ("kubernetes-manifests",)),
    Source(
        "GoogleCloudPlatform/microservices-demo",
        "34ffea9175946982c3088ed84994fe6019ad6e92",
        ("release/kubernetes-manifests.yaml",),
    ),
    Source("argoproj/argo-cd", "37ee0097cf851bc2dd7665fc081bbce61a7e836e", ("manifests/install.yaml",)),
    Source(
        "argoproj/argo-events", "6478ece495f951dde9f183ae58fde134c52f41a5", ("manifests/extensions/validating-webhook",)
    ),
    Source(
        "argoproj/argo-rollouts",
        "9f8d111d8f8e3e88b6d7f8bbdf62fd3cd863ef9d",
        (
            "manifests/install.yaml",
            "manifests/dashboard-install.yaml",
        ),
    ),
    Source(
        "argoproj/argo-workflows",
        "f016ad89eb269d282aec06dc491c29f396a38df4",
        (
            "manifests/base/argo-server",
            "manifests/quick-start/base/httpbin",
            "manifests/quick-start/base/prometheus",
        ),
    ),
    Source("cloudnative-pg/cloudnative-pg", "a95a534dbe0854495b863bbc1b7651f74d310916", ("releases/cnpg-1.30.0.yaml",)),
    Source(
        "digitalocean/kubernetes-sample-apps",
        "6d8ffb91dc2644c277b82af403c9f9bb0f1d1353",
        (
            "doks-example",
            "game-2048-example/kustomize/resources",
        ),
    ),
    Source("dockersamples/example-voting-app", "63e9150ca17af4ed05880d4245e486481f73fcb4", ("k8s-specifications",)),
    Source(
        "envoyproxy/gateway",
        "d32f28294245e454d20f81d323d626a90e660c1e",
        (
            "examples/kubernetes/ext-auth-grpc-service.yaml",
            "examples/kubernetes/http-routing.yaml",
            "examples/kubernetes/udp-routing-example-backend.yaml",
        ),
    ),
    Source("fluxcd/flagger", "15bd6ad555e6c935da55f0ab95977be74c149bd6", ("kustomize/base/prometheus",)),
    Source("fluxcd/source-controller", "39b711b111fa906c3db0a424e252a5d12e48646d", ("config/manager",)),
    Source(
        "istio/istio",
        "86c9f01fd735fb01d8192f5bcaf0d424afb7f14c",
        (
            "samples/bookinfo/platform/kube/bookinfo.yaml",
            "samples/helloworld/helloworld.yaml",
            "samples/httpbin/httpbin.yaml",
            "samples/addons/kiali.yaml",
            "samples/addons/prometheus.yaml",
        ),
    ),
    Source(
        "kedacore/http-add-on",
        "59b2f6a115ad735a108d830f4d525f8462497c7d",
        (
            "config/interceptor",
            "config/operator",
            "config/scaler",
        ),
    ),
    Source(
        "kedacore/keda",
        "8b4f083ca8c8c2baf8477e322bd4d16ac4dfa09a",
        (
            "config/metrics-server",
            "config/webhooks",
        ),
    ),
    Source("keycloak/keycloak-quickstarts", "c93be9993a3029bae551d2daced1e6c386c56e27", ("kubernetes/keycloak.yaml",)),
    Source("knative/eventing", "8cf4c4b673034020f5ecab731fb6a2a7f9350244", ("config/core/deployments",)),
    Source(
        "knative/serving",
        "98e5ef90aa7033797aa0a61ef97f3ff7e49a3944",
        (
            "config/core/deployments",
            "third_party/kourier-latest/kourier.yaml",
        ),
    ),
    Source(
        "kubernetes/examples",
        "279e8e4fe314f6cb7bc55fa3fbc21bbeaa48c0ea",
        ("web/guestbook/all-in-one/guestbook-all-in-one.yaml",),
    ),
    Source(
        "kubernetes/ingress-nginx",
        "dbb11b92ddb77bee9c35e462479129354c84f939",
        ("deploy/static/provider/cloud/deploy.yaml",),
    ),
    Source("kubernetes/kube-state-metrics", "c92fe0c5ce02d3b52abf54490e00db6c706f2ba5", ("examples/standard",)),
    Source(
        "kubernetes-sigs/aws-load-balancer-controller",
        "225f44568848eb25f13e304a5f1cc68c0cd9415d",
        (
            "docs/examples/grpc",
            "docs/examples/echoservice",
        ),
    ),
    Source("kubernetes-sigs/kueue", "ff69552e79ad21652c36caa97038382e55625cf7", ("config/components/kueueviz",)),
    Source(
        "kubeflow/manifests",
        "009c88084074904c7743384ff50d3bd70012ef55",
        (
            "common/dex/base",
            "common/oauth2-proxy/base",
        ),
    ),
    Source("longhorn/longhorn", "bb2f2223a6f7b5d97a98b7e765937fe48a1b96f7", ("deploy/longhorn.yaml",)),
    Source("metallb/metallb", "7938d3f89b8bd808dae2e42d97d6ae7e18e9ed54", ("config/manifests/metallb-native.yaml",)),
    Source(
        "microservices-demo/microservices-demo",
        "9dff06fae4981921caec6a62393a6ebfce4b3e3f",
        ("deploy/kubernetes/complete-demo.yaml",),
    ),
    Source("minio/operator", "0ee2c254677e2173e630b07bf93b90517d8d09b9", ("resources/base",)),
    Source(
        "nginx/kubernetes-ingress",
        "0eb3072d14f04931824bb74c99a6566d8c108f3c",
        ("examples/ingress-resources/complete-example/cafe.yaml",),
    ),
    Source("open-policy-agent/gatekeeper", "dd8507eb97f5ca24dbee34c95d8e6ffa053cb8a0", ("deploy/gatekeeper.yaml",)),
    Source(
        "projectcontour/contour",
        "31c4bb38e0a52cef4d8273dd5641a70e39f1d693",
        (
            "examples/render/contour-deployment.yaml",
            "site/content/examples/kuard.yaml",
        ),
    ),
    Source("prometheus-operator/kube-prometheus", "4d719f1dea8853540b3823ab1fbe6be74a9953b3", ("manifests",)),
    Source(
        "prometheus-operator/prometheus-operator",
        "6adcebc5076c34f4f55f8f5f7b1e528929373ac7",
        (
            "example/rbac/prometheus-operator",
            "example/admission-webhook",
        ),
    ),
    Source("rook/rook", "d0c3b9ce6d64ff0c47074437aab7314b7adf7f2c", ("deploy/examples/wordpress.yaml",)),
    Source(
        "stefanprodan/podinfo",
        "eec06d1ea459af4cb4e10e806f8be7c7bd58b361",
        (
            "kustomize",
            "deploy/bases/backend",
            "deploy/bases/frontend",
            "deploy/bases/cache",
        ),
    ),
    Source("tektoncd/dashboard", "dc7a3ebc969c14baa11b4f73bce7cf1f8628aa5f", ("config",)),
    Source(
        "tektoncd/pipeline",
        "3ee1745ae5b2d9175b11917d7c1935eaad44910c",
        (
            "config/controller.yaml",
            "config/webhook.yaml",
            "config/events.yaml",
        ),
    ),
    Source(
        "vmware-tanzu/pinniped",
        "4c134a410d632339a6f477ba3089b4a9865cce68",
        ("deploy/local-user-authenticator/deployment.yaml",),
    ),
)


class UnavailableError(Exception):
    """The manifests of a repository cannot be obtained; the text says what is missing."""


def manifests(source: Source, clones: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each manifest of a source. Raises UnavailableError.

    They come from the folder in HA_BACKEND_CORPUS, which has a folder OWNER+NAME for each repository, or else from a
    clone of the pinned commit below ``clones``.
    """
    root = os.environ.get(CORPUS)
    if not root:
        if missing := _missing(source, clones / source.folder):
            raise UnavailableError(missing)
        yield from texts(source, clones / source.folder)
        return
    folder = Path(root, source.folder)
    if not folder.is_dir():
        raise UnavailableError(f"{CORPUS} has no folder {source.folder}")
    for file in sorted(folder.glob("*.yaml")):
        yield file.stem, file.read_text(encoding="utf-8")


def texts(source: Source, checkout: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each manifest in a checkout."""
    for path in source.paths:
        place = checkout / path
        files = [place] if place.is_file() else sorted([*place.glob("*.yaml"), *place.glob("*.yml")])
        documents = [text for file in files if "\nkind:" in (text := "\n" + file.read_text(encoding="utf-8"))]
        yield path.removesuffix(".yaml").replace("/", "_"), "\n---\n".join(documents)


@functools.cache
def _missing(source: Source, clone: Path) -> str | None:
    """Fetch the pinned commit with the paths of a source only.

    Return what is missing if there is no git or no network. Whatever else git rejects is a failure.
    """
    url = URL.format(source.repository)
    steps = (
        ["init", "--quiet", str(clone)],
        ["-C", str(clone), "sparse-checkout", "set", "--no-cone", *source.paths],
        ["-C", str(clone), "fetch", "--quiet", "--depth", "1", "--filter=blob:none", url, source.commit],
        ["-C", str(clone), "checkout", "--quiet", "FETCH_HEAD"],
    )
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    if shutil.which("git") is None:
        return "git is not on PATH"
    for step in steps:
        try:
            done = subprocess.run(
                ["git", *step], capture_output=True, text=True, check=False, timeout=_FETCH_SECONDS, env=environment
            )
        except subprocess.TimeoutExpired:
            return f"{url} does not answer within {_FETCH_SECONDS} s"
        said = " ".join(done.stderr.split())[-300:]
        if done.returncode and _UNREACHABLE.search(said):
            return said
        assert done.returncode == 0, f"git {' '.join(step)}: {said}"
    return None
