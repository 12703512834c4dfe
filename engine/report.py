"""What is printed after `make up`: the state of the four objects, read from the API server, and the promise."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Conditions:
    """The four things that make a backend highly available, as the API server reports them now."""

    deployment: str
    service: str
    budget: str
    autoscaler: str

    @classmethod
    def read(cls, kubectl: Path, kubeconfig: Path, name: str, namespace: str) -> Conditions:
        """Asks the API server."""
        def get(kind: str) -> dict[str, Any]:
            done = subprocess.run([str(kubectl), "--kubeconfig", str(kubeconfig), "-n", namespace, "get", kind, name, "-o",
                                   "json", "--ignore-not-found"], capture_output=True, text=True, check=False)
            found: dict[str, Any] = json.loads(done.stdout) if done.stdout.strip() else {}
            return found

        deployment, service, budget, scaler = (get(kind) for kind in ("deployment", "service", "pdb", "hpa"))
        pods = deployment.get("status", {})
        ingress = service.get("status", {}).get("loadBalancer", {}).get("ingress") or [{}]
        active = {c["type"]: c["status"] for c in scaler.get("status", {}).get("conditions", [])}
        return cls(
            f"{pods.get('readyReplicas', 0)}/{deployment.get('spec', {}).get('replicas', '?')} "
            + ("Available" if _condition(pods, "Available") else "not Available"),
            ingress[0].get("hostname") or ingress[0].get("ip") or "no address yet",
            f"disruptionsAllowed={budget.get('status', {}).get('disruptionsAllowed', 'unknown')}",
            f"ScalingActive={active.get('ScalingActive', 'unknown')}" if scaler else "none (autoscaling.enabled is false)")

    def lines(self) -> list[str]:
        """As a small table."""
        return [f"  Deployment               {self.deployment}", f"  Service                  {self.service}",
                f"  PodDisruptionBudget      {self.budget}", f"  HorizontalPodAutoscaler  {self.autoscaler}"]


def promise_lines(promise: dict[str, Any]) -> list[str]:
    """The promise as a small table."""
    lines = ["  failure  survived  recovers in  capacity left  because"]
    for failure, row in promise.items():
        recovery = f"{row['recoverySeconds']:.0f} s" if row["survived"] else "-"
        survived = "yes" if row["survived"] else "NO"
        lines.append(f"  {failure:<8} {survived:<8}  {recovery:>11}  {row['capacityLeftPercent']:>11.0f} %  {row['why']}")
    return lines


def _condition(status: dict[str, Any], kind: str) -> bool:
    return any(c["type"] == kind and c["status"] == "True" for c in status.get("conditions", []))
