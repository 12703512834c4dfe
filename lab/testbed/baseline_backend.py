"""The same program as others would have deployed it: somebody else's packaging, applied with kubectl."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.drills.backend import Wish
from lab.drills.kube import DrillError
from lab.drills.model import Connections
from lab.drills.verdict import Limits
from lab.testbed.baselines import Rival, manifests

_MOST = 6
SOON_SECONDS = 30
# Where their nodes are chosen for them, at an edge site: given up after 30 s and not after the 300 s that Kubernetes adds by
# default, so that a cut of minutes shows what one of ten minutes does.
_SOON = [
    {
        "key": f"node.kubernetes.io/{state}",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": SOON_SECONDS,
    }
    for state in ("not-ready", "unreachable")
]


class RivalBackend:
    """The same program, deployed with somebody else's packaging, by kubectl as its users do."""

    ours = False
    connections: tuple[Connections, ...] = ("new",)

    def __init__(
        self,
        rival: Rival,
        images: tuple[str, str],
        environment: Mapping[str, str],
        *,
        kubectl: Callable[..., str],
        rate: int,
        cpu: str,
        nodes: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.title, self.rate = rival.name, rival.title, rate
        self.namespace, self.deployment, self.service = f"rival-{rival.name}", "backend-service", "backend-service"
        self.images, self.selector = images, ""
        self.wish = Wish(images[0], dict(environment), autoscaled=False)
        self.usual, self.most = self.wish.replicas, _MOST
        self.start_seconds_of_program = environment.get("START_SECONDS", "0")
        self._rival, self._kubectl, self._cpu, self._nodes = rival, kubectl, cpu, dict(nodes or {})

    @property
    def full(self) -> int:
        """What it is to have."""
        return self.wish.replicas

    @property
    def budget(self) -> int:
        """Nobody counts."""
        return self.wish.replicas

    def release(self) -> None:
        """The other of its images."""
        self.change(image=next(image for image in self.images if image != self.wish.image))

    def change(self, **changes: Any) -> None:
        """Applies its manifests again. A release that fails is its owner's to notice: nothing is raised for it."""
        self.wish = replace(self.wish, **changes)
        objects = manifests(
            self._rival,
            name=self.deployment,
            namespace=self.namespace,
            image=self.wish.image,
            environment={**self.wish.environment, "ROTATION": str(self.wish.rotation)},
            cpu=self._cpu,
        )
        if self.wish.autoscaled:
            objects.append(self._autoscaler())
        for found in objects:
            if found["kind"] == "Deployment":
                found["spec"].pop("replicas", None)
                if (
                    not self.wish.autoscaled
                ):  # with an autoscaler its users leave the number out, and Kubernetes puts 1 there
                    found["spec"]["replicas"] = self.wish.replicas
                if self._nodes:
                    found["spec"]["template"]["spec"].update(nodeSelector=self._nodes, tolerations=_SOON)
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        if not self.wish.autoscaled:
            self._kubectl(
                "-n", self.namespace, "delete", "horizontalpodautoscaler", self.deployment, "--ignore-not-found"
            )
        self._kubectl("apply", "-f", "-", stdin=text)
        self._kubectl(
            "-n", self.namespace, "rollout", "status", f"deployment/{self.deployment}", "--timeout=60s", check=False
        )

    def _autoscaler(self) -> dict[str, Any]:
        return {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": self.deployment, "namespace": self.namespace},
            "spec": {
                "minReplicas": self.wish.replicas,
                "maxReplicas": _MOST,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": self.deployment},
                "metrics": [
                    {
                        "type": "Resource",
                        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
                    }
                ],
            },
        }

    def promised(self, failure: str) -> Limits:
        """Nobody promises anything."""
        return Limits()


def kubectl_on(program: Path, kubeconfig: Path) -> Callable[..., str]:
    """kubectl on one cluster, as a function of its words; ``check=False`` lets it fail."""

    def call(*words: str, stdin: str | None = None, check: bool = True) -> str:
        done = subprocess.run(
            [str(program), "--kubeconfig", str(kubeconfig), *words],
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
        if check and done.returncode != 0:
            raise DrillError(f"kubectl {' '.join(words[:3])} failed: {done.stderr.strip()[-500:]}")
        return done.stdout

    return call
