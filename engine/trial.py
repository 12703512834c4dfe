"""The trial: the same program without an engine, applied to the embedded cluster with kubectl.

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

from availability import timing
from inspection import proof
from local import binaries
from local.cluster import EmbeddedCluster
from program import folders
from render.evaluate import GENERATED, Rendered, evaluate
from settings import LocalCluster, Settings

Log = Callable[[str], None]
APPLY_SET = "ha-backend"


class TrialError(Exception):
    """The trial cannot go on; the text says why."""


class Trial:
    """One stack's trial on its embedded cluster."""

    def __init__(self, project: Path, stack: str, settings: Settings, log: Log) -> None:
        if not isinstance(settings.cluster, LocalCluster):
            raise TrialError(f"The stack {stack!r} runs on an existing cluster, and the trial is for embedded ones only: "
                             "install pulumi (https://www.pulumi.com/docs/install) and run this again.")
        self._project, self._stack, self._settings, self._log = project, stack, settings, log
        own = settings.cluster
        self._cluster = EmbeddedCluster(folders.cluster(project, stack), own.zones, own.nodes_per_zone, own.api_port,
                                        own.kubernetes, log)

    def up(self) -> None:
        """Starts the cluster, applies what differs, waits until it is true."""
        rendered = evaluate(self._project, self._stack)
        if other := self._cluster.other_version():
            self._log(f"trial: the cluster runs Kubernetes {other}: replacing it")
            self._cluster.delete()
        self._cluster.start()
        manifests = self._with_live_values(rendered)
        space = next(manifest for manifest in manifests if manifest["kind"] == "Namespace")
        members = [manifest for manifest in manifests if manifest is not space]
        if self._differs(space, members):
            self._apply(space, members)
        else:
            self._log(f"trial: nothing to change in {len(manifests)} objects")
        self._wait()

    def destroy(self) -> None:
        """Removes the cluster, and everything on it with it."""
        self._cluster.delete()
        self._log("trial: the embedded cluster is gone")

    def _differs(self, space: dict[str, Any], members: list[dict[str, Any]]) -> bool:
        parent = self._kubectl("get", "secret", APPLY_SET, "-n", space["metadata"]["name"], "-o", "json", "--ignore-not-found")
        if not parent.stdout.strip():
            return True  # never applied; a comparison inside a namespace would need the namespace
        # Applying marks every member as part of the set: without the mark each would differ.
        mark = {"applyset.kubernetes.io/part-of": json.loads(parent.stdout)["metadata"]["labels"]["applyset.kubernetes.io/id"]}
        marked = [{**m, "metadata": {**m["metadata"], "labels": {**m["metadata"]["labels"], **mark}}} for m in members]
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [space, *marked]})
        return self._kubectl("diff", "--server-side", "-f", "-", stdin=text, accept=(0, 1)).returncode == 1

    def _apply(self, space: dict[str, Any], manifests: list[dict[str, Any]]) -> None:
        # The namespace first: the ApplySet lives in it, so that it goes with everything else.
        self._kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(space))
        rest = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests})
        done = self._kubectl("apply", "--server-side", "--force-conflicts", "--prune", f"--applyset={APPLY_SET}", "-n",
                             space["metadata"]["name"], "-f", "-", stdin=rest)
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
        secret["data"] = {key: base64.b64encode(value.encode()).decode() for key, value in secret.pop("stringData").items()}

    def _live(self, manifest: dict[str, Any]) -> dict[str, Any] | None:
        meta = manifest["metadata"]
        done = self._kubectl("get", manifest["kind"], meta["name"], "-n", meta.get("namespace", ""), "-o", "json",
                             "--ignore-not-found")
        found: dict[str, Any] | None = json.loads(done.stdout) if done.stdout.strip() else None
        return found

    def _wait(self) -> None:
        backend = self._settings.backend
        name, space = backend.name, backend.namespace_name
        self._log("trial: waiting for pods, load balancer, disruption budget and autoscaler")
        wanted = [("rollout", "status", f"deployment/{name}", f"--timeout={timing.rollout_timeout(backend)}s"),
                  ("wait", f"service/{name}", "--for=jsonpath={.status.loadBalancer.ingress}", "--timeout=1m")]
        if backend.autoscaling.enabled:
            wanted.append(("wait", f"horizontalpodautoscaler/{name}", "--for=condition=ScalingActive",
                           f"--timeout={timing.METRICS_WAIT}s"))
        for words in wanted:
            self._kubectl(*words, "-n", space)
        proof.prove(self._cluster.kubeconfig.read_text(), None, backend, self._log)

    def _kubectl(self, *words: str, stdin: str | None = None,
                 accept: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        # ApplySet is still behind this switch (kubectl 1.36).
        environment = {**os.environ, "KUBECTL_APPLYSET": "true"}
        done = subprocess.run([str(self._kubectl_path()), "--kubeconfig", str(self._cluster.kubeconfig), *words],
                              input=stdin, capture_output=True, text=True, env=environment, check=False)
        if done.returncode not in accept:
            raise TrialError(f"kubectl {' '.join(words[:2])} failed: {done.stderr.strip()[-800:]}")
        return done

    def _kubectl_path(self) -> Path:
        return binaries.ensure(self._log, ["kubectl"])["kubectl"]


def _generate(placeholder: str) -> str:
    length = int(placeholder.removeprefix(GENERATED).split(":", 1)[0])
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))
