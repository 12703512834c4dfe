"""Apply a rendered program to a cluster with kubectl, and wait for it.

Server-side apply merges, and an ApplySet prunes; there is no state. Generated secrets are stored where they are used:
in the cluster, from which the next run reads them.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import secrets
import string
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from components.availability import timing
from components.devcluster import binaries
from components.inspection import verifier
from components.settings import Settings
from ops.cli.errors import KUBECTL_FAILED
from ops.errors import UserError
from ops.render.evaluate import Rendered
from ops.render.recorder import GENERATED

Log = Callable[[str], None]
APPLY_SET = "ha-backend"


class ApplyError(UserError):
    """kubectl failed, or cannot deploy the stack; the text quotes it or gives the reason."""


class KubectlApply:
    """One rendered program on the cluster of one kubeconfig, in its current context unless another one is named."""

    def __init__(self, kubeconfig: Path, settings: Settings, log: Log, context: str | None = None) -> None:
        self._kubeconfig, self._settings, self._log, self._context = kubeconfig, settings, log, context

    def apply(self, rendered: Rendered) -> None:
        """Apply the objects if any of them differs. Raises ApplyError."""
        manifests = self._with_live_values(rendered)
        namespace = next(manifest for manifest in manifests if manifest["kind"] == "Namespace")
        members = [manifest for manifest in manifests if manifest is not namespace]
        if self._differs(namespace, members):
            self._apply(namespace, members)
        else:
            self._log(f"trial: nothing to change in {len(manifests)} objects")

    def wait(self) -> None:
        """Return once the backend is highly available. Raises ApplyError on a timeout, or NotHighlyAvailableError."""
        backend = self._settings.backend
        name, namespace = backend.name, backend.namespace_name
        self._log("trial: waiting for pods, load balancer, disruption budget and autoscaler")
        commands = [("rollout", "status", f"deployment/{name}", f"--timeout={timing.rollout_timeout(backend)}s")]
        if backend.load_balancer.enabled:
            commands.append(
                ("wait", f"service/{name}", "--for=jsonpath={.status.loadBalancer.ingress}", "--timeout=1m")
            )
        if backend.autoscaling.by_metrics:
            scaler = f"horizontalpodautoscaler/{backend.autoscaler_name}"
            commands.append(("wait", scaler, "--for=condition=ScalingActive", f"--timeout={timing.METRICS_WAIT}s"))
        for words in commands:
            self._kubectl(*words, "-n", namespace)
        verifier.verify(self._kubeconfig.read_text(), self._context, backend, self._log)

    def remove(self) -> None:
        """Delete the namespace with its contents, and wait. A namespace without our ApplySet is foreign and stays."""
        backend = self._settings.backend
        if self._apply_set(backend.namespace_name):
            self._kubectl(
                "delete", "namespace", backend.namespace_name, f"--timeout={timing.deletion_timeout(backend)}s"
            )
            self._log(f"trial: the namespace {backend.namespace_name} is deleted")

    def _apply_set(self, namespace: str) -> str:
        """Return the Secret that lists the ApplySet's members, as JSON; empty if nothing was applied yet."""
        command = ("get", "secret", APPLY_SET, "-n", namespace, "-o", "json", "--ignore-not-found")
        return self._kubectl(*command).stdout.strip()

    def _differs(self, namespace: dict[str, Any], members: list[dict[str, Any]]) -> bool:
        parent = self._apply_set(namespace["metadata"]["name"])
        if not parent:
            return True  # never applied; a comparison inside a namespace would need the namespace
        # Applying labels every member as part of the set: without the label each would differ.
        mark = {"applyset.kubernetes.io/part-of": json.loads(parent)["metadata"]["labels"]["applyset.kubernetes.io/id"]}
        marked = [{**m, "metadata": {**m["metadata"], "labels": {**m["metadata"]["labels"], **mark}}} for m in members]
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [namespace, *marked]})
        return self._kubectl("diff", "--server-side", "-f", "-", stdin=text, accept=(0, 1)).returncode == 1

    def _apply(self, namespace: dict[str, Any], members: list[dict[str, Any]]) -> None:
        # The namespace first: the ApplySet lives in it, so it is deleted together with everything else.
        self._kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(namespace))
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": members})
        pruning = ("--force-conflicts", "--prune", f"--applyset={APPLY_SET}", "-n", namespace["metadata"]["name"])
        for line in self._kubectl("apply", "--server-side", *pruning, "-f", "-", stdin=text).stdout.splitlines():
            self._log(f"trial: {line}")

    def _with_live_values(self, rendered: Rendered) -> list[dict[str, Any]]:
        manifests: list[dict[str, Any]] = copy.deepcopy(rendered.manifests)
        for manifest in manifests:
            if manifest["kind"] == "Secret":
                self._fill(manifest)
            elif manifest["kind"] == "Deployment" and self._settings.backend.autoscaling.enabled:
                live = self._live(manifest)
                if live:  # once the autoscaler owns the replica count, it stays as it is
                    manifest["spec"]["replicas"] = live["spec"]["replicas"]
        return manifests

    def _fill(self, secret: dict[str, Any]) -> None:
        live = self._live(secret)
        stored = {key: base64.b64decode(value).decode() for key, value in ((live or {}).get("data") or {}).items()}
        values = {key: stored.get(key) or _generate(value) for key, value in secret.pop("stringData").items()}
        # In the form that the API server stores, so that a comparison finds no difference.
        secret["data"] = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}

    def _live(self, manifest: dict[str, Any]) -> dict[str, Any] | None:
        meta = manifest["metadata"]
        result = self._kubectl(
            "get", manifest["kind"], meta["name"], "-n", meta.get("namespace", ""), "-o", "json", "--ignore-not-found"
        )
        live: dict[str, Any] | None = json.loads(result.stdout) if result.stdout.strip() else None
        return live

    def _kubectl(
        self, *words: str, stdin: str | None = None, accept: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        # ApplySet is still an alpha feature behind this switch (kubectl 1.36).
        environment = {**os.environ, "KUBECTL_APPLYSET": "true"}
        cluster = ["--kubeconfig", str(self._kubeconfig), *(["--context", self._context] if self._context else [])]
        result = subprocess.run(
            [str(binaries.ensure(self._log, ["kubectl"])["kubectl"]), *cluster, *words],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        if result.returncode not in accept:
            raise ApplyError(f"kubectl {' '.join(words[:2])} failed: {result.stderr.strip()[-800:]}", KUBECTL_FAILED)
        return result


def _generate(placeholder: str) -> str:
    length = int(placeholder.removeprefix(GENERATED).split(":", 1)[0])
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))
