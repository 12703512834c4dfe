"""A baseline: the same program in another packaging, applied with kubectl."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.drills.backend import DesiredState
from lab.drills.kube import DrillError
from lab.drills.model import Connections
from lab.drills.verdict import Limits
from lab.testbed.baselines import Baseline, manifests

_MAX_REPLICAS = 6
SOON_SECONDS = 30
# For baselines that are pinned to an edge site: delete their pods after 30 s instead of the 300 s that Kubernetes adds
# by default, so that a cut of minutes shows what one of ten minutes would.
_SOON = [
    {
        "key": f"node.kubernetes.io/{state}",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": SOON_SECONDS,
    }
    for state in ("not-ready", "unreachable")
]


class BaselineBackend:
    """The same program in another packaging, deployed with kubectl as its users do."""

    under_test = False
    connections: tuple[Connections, ...] = ("new",)

    def __init__(
        self,
        baseline: Baseline,
        images: tuple[str, str],
        environment: Mapping[str, str],
        *,
        kubectl: Callable[..., str],
        rate: int,
        cpu: str,
        nodes: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.title, self.rate = baseline.name, baseline.title, rate
        self.namespace, self.deployment, self.service = (
            f"baseline-{baseline.name}",
            "backend-service",
            "backend-service",
        )
        self.images, self.selector = images, ""
        self.desired = DesiredState(images[0], dict(environment), autoscaled=False)
        self.default_replicas, self.max_replicas = self.desired.replicas, _MAX_REPLICAS
        self.program_start_seconds = environment.get("START_SECONDS", "0")
        self._baseline, self._kubectl, self._cpu, self._nodes = baseline, kubectl, cpu, dict(nodes or {})

    @property
    def full(self) -> int:
        """Return the desired replicas."""
        return self.desired.replicas

    @property
    def max_unavailable(self) -> int:
        """Return all replicas: a baseline has no disruption budget."""
        return self.desired.replicas

    def release(self) -> None:
        """Deploy the other image."""
        self.change(image=next(image for image in self.images if image != self.desired.image))

    def change(self, **changes: Any) -> None:
        """Apply the manifests again. A failed release is the owner's to notice and raises nothing."""
        self.desired = replace(self.desired, **changes)
        objects = manifests(
            self._baseline,
            name=self.deployment,
            namespace=self.namespace,
            image=self.desired.image,
            environment={**self.desired.environment, "ROTATION": str(self.desired.rotation)},
            cpu=self._cpu,
        )
        if self.desired.autoscaled:
            objects.append(self._autoscaler())
        for manifest in objects:
            if manifest["kind"] == "Deployment":
                manifest["spec"].pop("replicas", None)
                # With an autoscaler, its users omit replicas, and Kubernetes defaults them to 1.
                if not self.desired.autoscaled:
                    manifest["spec"]["replicas"] = self.desired.replicas
                if self._nodes:
                    manifest["spec"]["template"]["spec"].update(nodeSelector=self._nodes, tolerations=_SOON)
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        if not self.desired.autoscaled:
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
                "minReplicas": self.desired.replicas,
                "maxReplicas": _MAX_REPLICAS,
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
        """Return no limits: a baseline promises nothing."""
        return Limits()


def kubectl_on(program: Path, kubeconfig: Path) -> Callable[..., str]:
    """Return a function that runs kubectl on one cluster; ``check=False`` ignores a failure."""

    def call(*words: str, stdin: str | None = None, check: bool = True) -> str:
        process = subprocess.run(
            [str(program), "--kubeconfig", str(kubeconfig), *words],
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )
        if check and process.returncode != 0:
            raise DrillError(f"kubectl {' '.join(words[:3])} failed: {process.stderr.strip()[-500:]}")
        return process.stdout

    return call
