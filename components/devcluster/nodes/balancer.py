"""`python -m components.devcluster.nodes.balancer FOLDER ...`: the cloud controller for Services of type LoadBalancer.

It assigns their addresses, writes their status and configures haproxy in front of them. A node that leaves the cluster,
or is about to, gets no new connections, and its established ones are closed after a delay. Runs in the hub until
SIGTERM.
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
from .haproxy import Frontend

DEREGISTRATION_SECONDS = 10  # how long established connections to a leaving node stay open
_INTERVAL = 0.5
_LEAVING_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
_LEAVING_TAINT = "ToBeDeletedByClusterAutoscaler"


class ApiServer:
    """The few requests that the controller sends to the API server."""

    def __init__(self, server: str, certificates: Path) -> None:
        self._server = server
        self._tls = ssl.create_default_context(cafile=str(certificates / "ca.crt"))
        self._tls.load_cert_chain(certificates / "admin.crt", certificates / "admin.key")

    def items(self, kind: str) -> list[dict[str, Any]]:
        """Return all objects of a resource type in the core group, such as ``services``."""
        items: list[dict[str, Any]] = self._request(f"/api/v1/{kind}")["items"]
        return items

    def set_address(self, service: dict[str, Any], address: str) -> None:
        """Write a Service's address into its status."""
        meta = service["metadata"]
        self._request(
            f"/api/v1/namespaces/{meta['namespace']}/services/{meta['name']}/status",
            {"status": {"loadBalancer": {"ingress": [{"ip": address, "ipMode": "Proxy"}]}}},
        )

    def _request(self, path: str, patch: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self._server + path,
            data=json.dumps(patch).encode() if patch else None,
            method="PATCH" if patch else "GET",
            headers={"Content-Type": "application/merge-patch+json"},
        )
        with urllib.request.urlopen(request, timeout=5, context=self._tls) as response:
            result: dict[str, Any] = json.load(response)
        return result


class Balancer:
    """The controller's state and its haproxy."""

    def __init__(self, api: ApiServer, folder: Path, addresses: list[str], nodes: dict[str, str]) -> None:
        self._api, self._folder, self._pool, self._nodes = api, folder, addresses, nodes
        self._program: subprocess.Popen[bytes] | None = None
        self._frontends: list[Frontend] = []
        self._leaving: dict[str, float] = {}

    def step(self) -> None:
        """Read Services and nodes once, and update haproxy and the status of Services."""
        services = [service for service in self._api.items("services") if _is_handled(service)]
        assigned = {self._address(service) for service in services}
        free = (address for address in self._pool if address not in assigned)
        # Without a free address a Service stays pending, as in a cloud whose quota is used up.
        served = [(service, address) for service in services if (address := self._address(service) or next(free, None))]
        self._listen([frontend for service, address in served for frontend in _frontends(service, address)])
        for service, address in served:
            if not self._address(service):
                with suppress(urllib.error.HTTPError):  # deleted or changed meanwhile; the others still need theirs
                    self._api.set_address(service, address)
        self._follow_nodes({node["metadata"]["name"]: node for node in self._api.items("nodes")})

    def _address(self, service: dict[str, Any]) -> str | None:
        """Return a Service's address; None if it is of another block, from before a restart of the machine."""
        address = (service.get("status", {}).get("loadBalancer", {}).get("ingress") or [{}])[0].get("ip")
        return address if address in self._pool else None

    def _listen(self, frontends: list[Frontend]) -> None:
        running = self._program is not None and self._program.poll() is None
        if frontends == self._frontends and (running or not frontends):
            return
        for address in {frontend.address for frontend in frontends}:
            subprocess.run(
                ["ip", "addr", "replace", f"{address}/32", "dev", "uplink"], check=False, capture_output=True
            )
        for address in {one.address for one in self._frontends} - {one.address for one in frontends}:
            subprocess.run(["ip", "addr", "del", f"{address}/32", "dev", "uplink"], check=False, capture_output=True)
        self._frontends = frontends
        file = self._folder / "haproxy.cfg"
        file.write_text(haproxy.configuration(frontends, self._nodes, self._folder))
        if self._program is not None and running:
            with suppress(OSError):  # the reload keeps the health of the nodes
                (self._folder / "haproxy.state").write_text(haproxy.send_command(self._folder, "show servers state"))
            self._program.send_signal(signal.SIGUSR2)
        elif frontends:
            (self._folder / "haproxy.state").write_text("")
            self._program = subprocess.Popen(["haproxy", "-W", "-f", str(file)])

    def _follow_nodes(self, present: dict[str, dict[str, Any]]) -> None:
        now = time.monotonic()
        for name in self._nodes:
            if name not in present or _is_leaving(present[name]):
                since = self._leaving.setdefault(name, now)
                self._set_state(name, "drain")
                if now - since > DEREGISTRATION_SECONDS:
                    self._close_sessions(name)
            elif self._leaving.pop(name, None) is not None:
                self._set_state(name, "ready")

    def _set_state(self, node: str, state: str) -> None:
        self._send("set server {server} state " + state, node)

    def _close_sessions(self, node: str) -> None:
        self._send("shutdown sessions server {server}", node)

    def _send(self, command: str, node: str) -> None:
        for frontend in self._frontends:
            with suppress(OSError):
                haproxy.send_command(self._folder, command.format(server=f"{frontend.name}/{node}"))

    def stop(self) -> None:
        """Stop haproxy."""
        if self._program is not None:
            self._program.terminate()


def _is_handled(service: dict[str, Any]) -> bool:
    """Return whether a Service requests a load balancer, and no other one than the cluster's."""
    return service["spec"].get("type") == "LoadBalancer" and not service["spec"].get("loadBalancerClass")


def _frontends(service: dict[str, Any], address: str) -> list[Frontend]:
    name = f"{service['metadata']['namespace']}_{service['metadata']['name']}"
    # The node port is part of the name: haproxy keeps the state of a name, its port included, and a Service may be
    # recreated.
    return [
        Frontend(
            f"{name}_{port['port']}_{port['nodePort']}",
            address,
            port["port"],
            port["nodePort"],
            service["spec"].get("healthCheckNodePort") or None,
        )
        for port in service["spec"]["ports"]
        if port.get("nodePort") and port.get("protocol", "TCP") == "TCP"
    ]


def _is_leaving(node: dict[str, Any]) -> bool:
    return _LEAVING_LABEL in node["metadata"].get("labels", {}) or any(
        taint["key"] == _LEAVING_TAINT for taint in node["spec"].get("taints", ())
    )


def main() -> None:
    """Run until SIGTERM. Retries whatever fails while the API server is unavailable."""
    parser = argparse.ArgumentParser(prog="python -m components.devcluster.nodes.balancer", description=__doc__)
    parser.add_argument("folder", type=Path, help="directory for its files")
    parser.add_argument("--server", required=True, help="URL of the API server")
    parser.add_argument("--certificates", type=Path, required=True, help="directory of the cluster's certificates")
    parser.add_argument("--addresses", required=True, help="addresses to assign to Services, separated by commas")
    parser.add_argument("--nodes", required=True, help="name=address of every node, separated by commas")
    options = parser.parse_args()
    balancer = Balancer(
        ApiServer(options.server, options.certificates),
        options.folder,
        options.addresses.split(","),
        dict(word.split("=", 1) for word in options.nodes.split(",")),
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
        balancer.stop()


if __name__ == "__main__":
    main()
