"""Convert the probes of the container that serves requests."""

from __future__ import annotations

from typing import Any

from ops.convert import errors
from ops.convert.notes import Notes
from ops.convert.ports import Ports

_KINDS = ("startupProbe", "readinessProbe", "livenessProbe")
_CONNECT = (
    "a rollout sends requests only to pods that accept connections; state a probe that knows more if there is one"
)


def probes(ports: Ports, path: str, notes: Notes) -> dict[str, Any]:
    """Return all three probes: those of the manifest, and null for those that it does not have."""
    result: dict[str, Any] = {}
    for kind in _KINDS:
        probe = ports.container.get(kind)
        if probe:
            result[kind] = _converted(probe, ports, f"{path}.{kind}", notes)
        elif kind != "readinessProbe":
            result[kind] = None
        elif ports.protocol != "udp":
            result[kind] = {"tcpSocket": {"port": ports.protocol}}
            notes.changed(
                "Deployment",
                f"{path}.readinessProbe",
                f"there is none: the pod is ready once port {ports.number} accepts connections",
                _CONNECT,
            )
        elif stream := next((one for one in ports.further if one.get("protocol", "TCP") == "TCP"), None):
            result[kind] = {"tcpSocket": {"port": stream["containerPort"]}}
            notes.changed(
                "Deployment",
                f"{path}.readinessProbe",
                f"there is none: the pod is ready once port {stream['containerPort']} accepts connections",
                _CONNECT,
            )
        elif ports.container.get("livenessProbe"):
            probe = ports.container["livenessProbe"]
            result[kind] = _converted(probe, ports, f"{path}.livenessProbe", notes)
            notes.changed(
                "Deployment",
                f"{path}.readinessProbe",
                "there is none, and the kubelet cannot connect to UDP: the liveness probe's question is asked",
                "a rollout sends requests only to pods that are up",
            )
        else:
            notes.impossible(
                "Deployment",
                f"{path}.readinessProbe",
                "there is none, and the kubelet cannot connect to a UDP port",
                errors.READINESS_UNKNOWN,
                "a rollout sends requests to ready pods only",
            )
    return result


def _converted(probe: dict[str, Any], ports: Ports, path: str, notes: Notes) -> dict[str, Any]:
    result = dict(probe)
    for action in ("httpGet", "tcpSocket", "grpc"):
        if not isinstance(body := probe.get(action), dict):
            continue
        result[action] = {**body, "port": ports.renamed(body.get("port"))}
        if "host" in body:
            result[action].pop("host")
            notes.changed(
                "Deployment",
                f"{path}.{action}.host",
                f"{body['host']} is omitted: the kubelet asks the pod itself",
                "a probe says something about its own pod (Pod Security restricted)",
            )
    return result
