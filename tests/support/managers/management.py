"""A management cluster: an embedded cluster with Cluster API's managers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from components.devcluster import binaries, ports
from components.devcluster.catalog import CAPI_PROGRAMS
from components.devcluster.cluster import EmbeddedCluster
from tests.support.crd_waits import wait_established
from tests.support.managers import manifests

GATES = "ClusterTopology=true,MachinePool=true"
_SECONDS = 600  # on a machine that is busy with much else
_PROMPT_SECONDS = 5


@dataclass
class ManagementCluster:
    """A management cluster in its own folder. ``gates``: the managers' feature gates."""

    folder: Path
    gates: str = GATES
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def cluster(self) -> EmbeddedCluster:
        """Return the embedded cluster."""
        return EmbeddedCluster(self.folder / "management", ["zone-a"])

    @property
    def kubeconfig(self) -> Path:
        """Return the kubeconfig of the embedded cluster."""
        return self.cluster.kubeconfig

    @property
    def context(self) -> str:
        """Return the only context of the kubeconfig."""
        return self.cluster.context

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        """Run kubectl, and return its output."""
        program = binaries.ensure(print, ["kubectl"])["kubectl"]
        done = subprocess.run(
            [str(program), "--kubeconfig", str(self.kubeconfig), *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Start the API server, apply Cluster API's definitions, and start its managers."""
        programs = binaries.ensure(lambda text: print(text, flush=True), CAPI_PROGRAMS)
        self.cluster.start()
        certificates = self._certificates()
        free = ports.free_ports(3 * len(manifests.MODULES))
        authority = (certificates / "ca.crt").read_bytes()
        commands: dict[str, list[str]] = {}
        defined: list[dict[str, Any]] = []
        for number, manager in enumerate(manifests.MODULES):
            webhook, health, diagnostics = free[3 * number : 3 * number + 3]
            defined += manifests.of(manager, f"https://127.0.0.1:{webhook}", authority)
            commands[manager] = [
                str(programs[f"capi-{manager}"]),
                f"--kubeconfig={self.kubeconfig}",
                f"--webhook-port={webhook}",
                f"--webhook-cert-dir={certificates}",
                f"--health-addr=127.0.0.1:{health}",
                f"--diagnostics-address=127.0.0.1:{diagnostics}",
                "--insecure-diagnostics=true",
                f"--feature-gates={self.gates}",
            ]
        self.kubectl(
            "apply",
            "--server-side",
            "--validate=false",
            "-f",
            "-",
            stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": defined}),
        )
        # A manager gives up where it finds a kind undefined.
        wait_established(self.kubectl, "crd", "--all", seconds=_SECONDS)
        for manager, command in commands.items():
            environment = {
                **os.environ,
                "POD_IP": "127.0.0.1",
                "POD_NAMESPACE": "default",
                "POD_NAME": manager,
                "POD_UID": manager,
            }
            with (self.folder / f"{manager}.log").open("wb") as log:
                self.running.append(
                    subprocess.Popen(
                        command,
                        stdout=log,
                        stderr=log,
                        stdin=subprocess.DEVNULL,
                        env=environment,
                        start_new_session=True,
                    )
                )
        self._await()
        self._await_schema()

    def _await_schema(self) -> None:
        """Wait until the API server serves its schema at once: rebuilding it for new definitions takes up to a minute.

        The engine's provider requests it at the beginning of each run, and gives up after 32 s.
        """
        began = time.monotonic()
        while True:
            asked = time.monotonic()
            told = self.kubectl("get", "--raw", "/openapi/v2")
            if "DevMachineTemplate" in told and time.monotonic() - asked < _PROMPT_SECONDS:
                return
            assert asked - began < _SECONDS, "the API server does not say what it takes"

    def _await(self) -> None:
        """Wait until every webhook answers: before that, the API server rejects the objects that they admit."""
        deadline = time.monotonic() + _SECONDS
        for manager, process in zip(manifests.MODULES, self.running, strict=True):
            words = [str(word) for word in cast(list[str], process.args)]
            port = next(int(word.partition("=")[2]) for word in words if word.startswith("--webhook-port="))
            while socket.socket().connect_ex(("127.0.0.1", port)):
                text = (self.folder / f"{manager}.log").read_text()[-3000:]
                assert process.poll() is None, f"{manager} exited:\n{text}"
                assert time.monotonic() < deadline, f"{manager} does not serve its webhooks:\n{text}"
                time.sleep(0.2)

    def delete(self) -> None:
        """Stop the managers, and delete the cluster."""
        for process in self.running:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.cluster.delete()

    def _certificates(self) -> Path:
        """Create a certificate authority, and a certificate for loopback."""
        made = self.folder / "certificates"
        made.mkdir(parents=True)
        (made / "names").write_text("subjectAltName=IP:127.0.0.1")
        key = ("-newkey", "rsa:2048", "-nodes")
        for words in (
            ("-x509", "-days", "2", "-subj", "/CN=test", "-keyout", "ca.key", "-out", "ca.crt"),
            ("-subj", "/CN=127.0.0.1", "-keyout", "tls.key", "-out", "tls.csr"),
        ):
            subprocess.run(["openssl", "req", *key, *words], cwd=made, check=True, capture_output=True)
        subprocess.run(
            [
                "openssl",
                "x509",
                "-req",
                "-in",
                "tls.csr",
                "-CA",
                "ca.crt",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                "names",
                "-out",
                "tls.crt",
            ],
            cwd=made,
            check=True,
            capture_output=True,
        )
        return made
