"""A rendered program applied to any cluster with kubectl, and waited for.

Server-side apply merges, an ApplySet prunes; there is no state of our own. Generated secrets live where they are used:
in the cluster, from which the next run takes them again.
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
from components.inspection import verification
from components.settings import Settings
from ops.render.evaluate import Rendered
from ops.render.recorder import GENERATED

Log = Callable[[str], None]
APPLY_SET = "ha-backend"


class ApplyError(Exception):
    """kubectl could not do what it was asked; the text says what it said."""


class Applied:
    """One rendered program on the cluster of one kubeconfig. A context that is left out is the kubeconfig's current one."""

    def __init__(self, kubeconfig: Path, settings: Settings, log: Log, context: str | None = None) -> None:
        self._kubeconfig, self._settings, self._log, self._context = kubeconfig, settings, log, context

    def apply(self, rendered: Rendered) -> None:
        """Applies what differs. Raises ApplyError."""
        manifests = self._with_live_values(rendered)
        space = next(manifest for manifest in manifests if manifest["kind"] == "Namespace")
        members = [manifest for manifest in manifests if manifest is not space]
        if self._differs(space, members):
            self._apply(space, members)
        else:
            self._log(f"trial: nothing to change in {len(manifests)} objects")

    def wait(self) -> None:
        """Returns once it is highly available. Raises ApplyError when it does not come up in time, or NotHighlyAvailable."""
        backend = self._settings.backend
        name, space = backend.name, backend.namespace_name
        self._log("trial: waiting for pods, load balancer, disruption budget and autoscaler")
        wanted = [("rollout", "status", f"deployment/{name}", f"--timeout={timing.rollout_timeout(backend)}s")]
        if backend.load_balancer.enabled:
            wanted.append(("wait", f"service/{name}", "--for=jsonpath={.status.loadBalancer.ingress}", "--timeout=1m"))
        if backend.autoscaling.enabled:
            wanted.append(
                (
                    "wait",
                    f"horizontalpodautoscaler/{name}",
                    "--for=condition=ScalingActive",
                    f"--timeout={timing.METRICS_WAIT}s",
                )
            )
        for words in wanted:
            self._kubectl(*words, "-n", space)
        verification.prove(self._kubeconfig.read_text(), self._context, backend, self._log)

    def remove(self) -> None:
        """Deletes the namespace with all that is in it, and waits; one without our ApplySet is somebody else's and stays."""
        backend = self._settings.backend
        if self._parent(backend.namespace_name):
            self._kubectl(
                "delete", "namespace", backend.namespace_name, f"--timeout={timing.deletion_timeout(backend)}s"
            )
            self._log(f"trial: the namespace {backend.namespace_name} is gone")

    def _parent(self, space: str) -> str:
        """The Secret that says what belongs to the ApplySet, as JSON; empty where nothing was applied."""
        return self._kubectl("get", "secret", APPLY_SET, "-n", space, "-o", "json", "--ignore-not-found").stdout.strip()

    def _differs(self, space: dict[str, Any], members: list[dict[str, Any]]) -> bool:
        parent = self._parent(space["metadata"]["name"])
        if not parent:
            return True  # never applied; a comparison inside a namespace would need the namespace
        # Applying marks every member as part of the set: without the mark each would differ.
        mark = {"applyset.kubernetes.io/part-of": json.loads(parent)["metadata"]["labels"]["applyset.kubernetes.io/id"]}
        marked = [{**m, "metadata": {**m["metadata"], "labels": {**m["metadata"]["labels"], **mark}}} for m in members]
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [space, *marked]})
        return self._kubectl("diff", "--server-side", "-f", "-", stdin=text, accept=(0, 1)).returncode == 1

    def _apply(self, space: dict[str, Any], manifests: list[dict[str, Any]]) -> None:
        # The namespace first: the ApplySet lives in it, so that it goes with everything else.
        self._kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(space))
        rest = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
        done = self._kubectl(
            "apply",
            "--server-side",
            "--force-conflicts",
            "--prune",
            f"--applyset={APPLY_SET}",
            "-n",
            space["metadata"]["name"],
            "-f",
            "-",
            stdin=rest,
        )
        for line in done.stdout.splitlines():
            self._log(f"trial: {line}")

    def _with_live_values(self, rendered: Rendered) -> list[dict[str, Any]]:
        manifests: list[dict[str, Any]] = copy.deepcopy(rendered.manifests)
        for manifest in manifests:
            if manifest["kind"] == "Secret":
                self._fill(manifest)
            elif manifest["kind"] == "Deployment" and self._settings.backend.autoscaling.enabled:
                live = self._live(manifest)
                if live:  # the autoscaler's number, once it is there, is not ours to set
                    manifest["spec"]["replicas"] = live["spec"]["replicas"]
        return manifests

    def _fill(self, secret: dict[str, Any]) -> None:
        live = self._live(secret)
        stored = {key: base64.b64decode(value).decode() for key, value in ((live or {}).get("data") or {}).items()}
        secret["stringData"] = {key: stored.get(key) or _generate(value) for key, value in secret["stringData"].items()}
        # Kept as the API server stores it, so that a comparison finds no difference.
        secret["data"] = {
            key: base64.b64encode(value.encode()).decode() for key, value in secret.pop("stringData").items()
        }

    def _live(self, manifest: dict[str, Any]) -> dict[str, Any] | None:
        meta = manifest["metadata"]
        done = self._kubectl(
            "get", manifest["kind"], meta["name"], "-n", meta.get("namespace", ""), "-o", "json", "--ignore-not-found"
        )
        found: dict[str, Any] | None = json.loads(done.stdout) if done.stdout.strip() else None
        return found

    def _kubectl(
        self, *words: str, stdin: str | None = None, accept: tuple[int, ...] = (0,)
    ) -> subprocess.CompletedProcess[str]:
        # ApplySet is still behind this switch (kubectl 1.36).
        environment = {**os.environ, "KUBECTL_APPLYSET": "true"}
        where = ["--kubeconfig", str(self._kubeconfig), *(["--context", self._context] if self._context else [])]
        done = subprocess.run(
            [str(binaries.ensure(self._log, ["kubectl"])["kubectl"]), *where, *words],
            input=stdin,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        if done.returncode not in accept:
            raise ApplyError(f"kubectl {' '.join(words[:2])} failed: {done.stderr.strip()[-800:]}")
        return done


def _generate(placeholder: str) -> str:
    length = int(placeholder.removeprefix(GENERATED).split(":", 1)[0])
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))
