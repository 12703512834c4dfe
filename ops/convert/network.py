"""Convert NetworkPolicies: namespaces and address blocks. Without a policy, everything is allowed, as today."""

from __future__ import annotations

from typing import Any

from ops.convert.notes import Notes
from ops.convert.objects import entries, name, spec
from ops.convert.workload import Workload

_NAME = "kubernetes.io/metadata.name"
_EVERYWHERE = [{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}]


def network(workload: Workload, settings: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Return the setting `network`."""
    result: dict[str, Any] = {}
    inside = not settings["loadBalancer"]["enabled"]
    egress: list[dict[str, Any]] | None = None
    for policy in workload.policies:
        kinds = spec(policy).get("policyTypes") or ["Ingress"]
        if "Egress" in kinds:
            egress = [*(egress or []), *_destinations(policy, notes)]
        if "Ingress" in kinds:
            _sources(policy, inside, result, notes)
        notes.remaining.append(
            f"NetworkPolicy {name(policy)}. Delete it after the first `make up`: the stack has its own"
        )
    if egress is None:
        egress = _EVERYWHERE
        notes.ask(
            "network.egress",
            "The manifest lets the pods connect to every address. Name what they connect to, such as a database.",
        )
    result["egress"] = egress
    if settings.get("metricsPort") and settings["metricsPort"] != settings["port"]:
        notes.ask(
            "metricsPort", "Name the namespace of your Prometheus in network.allowMetricsFrom: no other may connect."
        )
    return {"network": result}


def _sources(policy: dict[str, Any], inside: bool, result: dict[str, Any], notes: Notes) -> None:
    names: list[str] = []
    for rule in entries(spec(policy).get("ingress")):
        peers = list(entries(rule.get("from")))
        stated = [_namespace(peer) for peer in peers]
        if peers and all(stated) and inside:
            names += [each for each in stated if each]
            continue
        if peers:
            notes.changed(
                "NetworkPolicy",
                "spec.ingress",
                f"{name(policy)} allows clients that `network.allowFrom` cannot name: every client may connect",
            )
            notes.ask("network", f"NetworkPolicy {name(policy)} restricts clients. Name their namespaces in allowFrom.")
        return
    if names:
        result["allowFrom"] = sorted(set(names))


def _destinations(policy: dict[str, Any], notes: Notes) -> list[dict[str, Any]]:
    found = []
    for rule in entries(spec(policy).get("egress")):
        ports = [each.get("port") for each in entries(rule.get("ports")) if each.get("protocol", "TCP") == "TCP"]
        ports = [each for each in ports if isinstance(each, int) and each != 53]
        peers = list(entries(rule.get("to")))
        if rule.get("ports") and not ports:
            continue  # DNS, which is always allowed
        for destination in [_destination(peer) for peer in peers] or [dict(each) for each in _EVERYWHERE]:
            if destination is None:
                notes.changed("NetworkPolicy", "spec.egress", f"{name(policy)} selects pods: their namespace is needed")
                notes.ask("network.egress", f"NetworkPolicy {name(policy)} allows pods by label. Add their namespaces.")
            else:
                found.append({**destination, **({"ports": ports} if ports else {})})
    return found


def _destination(peer: dict[str, Any]) -> dict[str, Any] | None:
    block = peer.get("ipBlock")
    if isinstance(block, dict):
        return {"cidr": block.get("cidr")}
    return {"namespace": title} if (title := _namespace(peer)) else None


def _namespace(peer: dict[str, Any]) -> str | None:
    """Return the namespace that a peer selects by its name."""
    if set(peer) != {"namespaceSelector"}:
        return None
    labels = (peer["namespaceSelector"] or {}).get("matchLabels") or {}
    return labels.get(_NAME) if set(labels) == {_NAME} else None
