"""`python -m components.devcluster.nodes.balancer FOLDER ...`: gives LoadBalancer Services their address, and keeps haproxy in front of them.

What a cloud's controller does: it watches Services and nodes, and writes a Service's status. A node that leaves the cluster, or
is about to, gets no new connection, and those it has are closed after a delay. Runs in the hub until it is ended.
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import haproxy
from .haproxy import Front

DEREGISTRATION_SECONDS = 10  # that established connections to a node that leaves may go on
_INTERVAL = 0.5
_LEAVING_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
_LEAVING_TAINT = "ToBeDeletedByClusterAutoscaler"


class Api:
    """The few questions that are asked of the API server."""

    def __init__(self, server: str, certificates: Path) -> None:
        self._server = server
        self._tls = ssl.create_default_context(cafile=str(certificates / "ca.crt"))
        self._tls.load_cert_chain(certificates / "admin.crt", certificates / "admin.key")

    def items(self, kind: str) -> list[dict[str, Any]]:
        """All objects of a kind of the core group."""
        found: list[dict[str, Any]] = self._ask(f"/api/v1/{kind}")["items"]
        return found

    def set_address(self, service: dict[str, Any], address: str) -> None:
        """Writes a Service's address into its status."""
        meta = service["metadata"]
        self._ask(
            f"/api/v1/namespaces/{meta['namespace']}/services/{meta['name']}/status",
            {"status": {"loadBalancer": {"ingress": [{"ip": address, "ipMode": "Proxy"}]}}},
        )

    def _ask(self, path: str, patch: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self._server + path,
            data=json.dumps(patch).encode() if patch else None,
            method="PATCH" if patch else "GET",
            headers={"Content-Type": "application/merge-patch+json"},
        )
        with urllib.request.urlopen(request, timeout=5, context=self._tls) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


class Balancer:
    """What is known, and the haproxy that was told of it."""

    def __init__(self, api: Api, folder: Path, addresses: list[str], nodes: dict[str, str]) -> None:
        self._api, self._folder, self._pool, self._nodes = api, folder, addresses, nodes
        self._program: subprocess.Popen[bytes] | None = None
        self._fronts: list[Front] = []
        self._leaving: dict[str, float] = {}

    def step(self) -> None:
        """Looks once, and does what follows from it."""
        services = [found for found in self._api.items("services") if _ours(found)]
        given = {self._given(service) for service in services}
        free = (address for address in self._pool if address not in given)
        # Where none is left it stays pending, as where a cloud's quota is used up.
        served = [(service, address) for service in services if (address := self._given(service) or next(free, None))]
        self._listen([front for service, address in served for front in _fronts(service, address)])
        for service, address in served:
            if not self._given(service):
                with suppress(urllib.error.HTTPError):  # deleted or changed meanwhile; the others are still to be told
                    self._api.set_address(service, address)
        self._follow_nodes({node["metadata"]["name"]: node for node in self._api.items("nodes")})

    def _given(self, service: dict[str, Any]) -> str | None:
        """The address that a Service has; one of another block, from before the machine's restart, is none any more."""
        address = (service.get("status", {}).get("loadBalancer", {}).get("ingress") or [{}])[0].get("ip")
        return address if address in self._pool else None

    def _listen(self, fronts: list[Front]) -> None:
        running = self._program is not None and self._program.poll() is None
        if fronts == self._fronts and (running or not fronts):
            return
        for address in {front.address for front in fronts}:
            subprocess.run(
                ["ip", "addr", "replace", f"{address}/32", "dev", "uplink"], check=False, capture_output=True
            )
        for address in {front.address for front in self._fronts} - {front.address for front in fronts}:
            subprocess.run(["ip", "addr", "del", f"{address}/32", "dev", "uplink"], check=False, capture_output=True)
        self._fronts = fronts
        file = self._folder / "haproxy.cfg"
        file.write_text(haproxy.configuration(fronts, self._nodes, self._folder))
        if self._program is not None and running:
            with suppress(OSError):  # what is known of the nodes' health outlives the reload
                (self._folder / "haproxy.state").write_text(haproxy.say(self._folder, "show servers state"))
            self._program.send_signal(signal.SIGUSR2)
        elif fronts:
            (self._folder / "haproxy.state").write_text("")
            self._program = subprocess.Popen(["haproxy", "-W", "-f", str(file)])

    def _follow_nodes(self, present: dict[str, dict[str, Any]]) -> None:
        now = time.monotonic()
        for name in self._nodes:
            if name not in present or _leaves(present[name]):
                since = self._leaving.setdefault(name, now)
                self._tell(name, "drain")
                if now - since > DEREGISTRATION_SECONDS:
                    self._tell(name, None)
            elif self._leaving.pop(name, None) is not None:
                self._tell(name, "ready")

    def _tell(self, node: str, state: str | None) -> None:
        for front in self._fronts:
            with suppress(OSError):
                haproxy.say(
                    self._folder,
                    f"set server {front.name}/{node} state {state}"
                    if state
                    else f"shutdown sessions server {front.name}/{node}",
                )

    def end(self) -> None:
        """Ends haproxy too."""
        if self._program is not None:
            self._program.terminate()


def _ours(service: dict[str, Any]) -> bool:
    """Whether it asks for a load balancer, and for no other one than the cluster's."""
    return service["spec"].get("type") == "LoadBalancer" and not service["spec"].get("loadBalancerClass")


def _fronts(service: dict[str, Any], address: str) -> list[Front]:
    name = f"{service['metadata']['namespace']}_{service['metadata']['name']}"
    # The node's port is part of the name: haproxy keeps what it knew of a name, its port too, and a Service may be made anew.
    return [
        Front(
            f"{name}_{port['port']}_{port['nodePort']}",
            address,
            port["port"],
            port["nodePort"],
            service["spec"].get("healthCheckNodePort") or None,
        )
        for port in service["spec"]["ports"]
        if port.get("nodePort") and port.get("protocol", "TCP") == "TCP"
    ]


def _leaves(node: dict[str, Any]) -> bool:
    return _LEAVING_LABEL in node["metadata"].get("labels", {}) or any(
        taint["key"] == _LEAVING_TAINT for taint in node["spec"].get("taints", ())
    )


def main() -> None:
    """Works until it is ended; what fails while the API server is away is tried again."""
    parser = argparse.ArgumentParser(prog="python -m components.devcluster.nodes.balancer", description=__doc__)
    parser.add_argument("folder", type=Path, help="where it keeps its files")
    parser.add_argument("--server", required=True, help="address of the API server")
    parser.add_argument("--certificates", type=Path, required=True, help="folder of the cluster's certificates")
    parser.add_argument("--addresses", required=True, help="that it may give to Services")
    parser.add_argument("--nodes", required=True, help="name=address, of every node")
    given = parser.parse_args()
    balancer = Balancer(
        Api(given.server, given.certificates),
        given.folder,
        given.addresses.split(","),
        dict(word.split("=", 1) for word in given.nodes.split(",")),
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while True:
            try:
                balancer.step()
            except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
                print(f"{time.strftime('%H:%M:%S')} {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            time.sleep(_INTERVAL)
    finally:
        balancer.end()


if __name__ == "__main__":
    main()
