"""Convert Ingresses and routes. One that a setting cannot say becomes an object of its own in the stack."""

from __future__ import annotations

from typing import Any

from components.inspection.service_names import service_names
from ops.convert.notes import Notes
from ops.convert.objects import Object, entries, kind, metadata, name, spec
from ops.convert.ports import Ports
from ops.convert.workload import Workload, annotations_of

_MOST_HOSTS = 20


def entrances(workload: Workload, ports: Ports, notes: Notes) -> dict[str, Any]:
    """Return the settings `ingress` and `route`, and further objects."""
    result: dict[str, Any] = {}
    if ports.service is None:
        return result
    for one in workload.entering(name(ports.service)):
        if others := service_names(spec(one)) - {name(ports.service)}:
            notes.remaining.append(
                f"{kind(one)} {name(one)}, which also sends to {', '.join(sorted(others))}: it keeps sending here too"
            )
        elif kind(one) == "Ingress" and "ingress" not in result and (settings := _ingress(one, ports)):
            result["ingress"] = settings
            _named(workload, one, notes)
        elif kind(one) != "Ingress" and "route" not in result and (settings := _route(one, ports)):
            result["route"] = settings
            _named(workload, one, notes)
        else:
            notes.renamed(kind(one), "", f"{kind(one)} {name(one)} stays an object of its own (extraObjects)")
            result.setdefault("extraObjects", []).append(_own_object(one, workload, ports))
    return result


def _named(workload: Workload, one: Object, notes: Notes) -> None:
    if name(one) != workload.name:
        notes.changed(kind(one), "metadata.name", f"{name(one)} is named {workload.name}", "one object per route")
        notes.remaining.append(f"{kind(one)} {name(one)}. Delete it after the first `make up`: the stack has its own")


def _own_object(one: Object, workload: Workload, ports: Ports) -> Object:
    kept = {key: value for key, value in metadata(one).items() if key in ("name", "labels", "annotations")}
    if kept["name"] == workload.name:
        kept["name"] = f"{workload.name}-{kind(one).lower()}"
    return {key: one[key] for key in ("apiVersion", "kind")} | {"metadata": kept, "spec": spec(one)}


def _ingress(one: Object, ports: Ports) -> dict[str, Any] | None:
    """Return an Ingress as a setting; None if its hosts differ, or if it has none."""
    body = spec(one)
    rules = list(entries(body.get("rules")))
    paths = [list(entries((rule.get("http") or {}).get("paths"))) for rule in rules]
    hosts = [rule.get("host") for rule in rules]
    tls = list(entries(body.get("tls")))
    same_hosts = not tls or (
        len(tls) == 1 and set(tls[0].get("hosts") or ()) == set(hosts) and tls[0].get("secretName")
    )
    if not rules or not all(hosts) or "defaultBackend" in body or len(hosts) > _MOST_HOSTS or not same_hosts:
        return None
    if any(each != paths[0] for each in paths) or not paths[0]:
        return None
    if any("path" not in each or "service" not in (each.get("backend") or {}) for each in paths[0]):
        return None
    settings: dict[str, Any] = {"hosts": hosts}
    noted = annotations_of(one)
    class_name = body.get("ingressClassName") or noted.pop("kubernetes.io/ingress.class", None)
    if class_name:
        settings["className"] = class_name
    listed = [_path(each, ports) for each in paths[0]]
    if listed != [{"path": "/", "pathType": "Prefix"}]:
        settings["paths"] = listed
    if tls:
        settings["tlsSecretName"] = tls[0]["secretName"]
    if noted:
        settings["annotations"] = noted
    return settings


def _path(each: dict[str, Any], ports: Ports) -> dict[str, Any]:
    result = {"path": each["path"], "pathType": each.get("pathType", "Prefix")}
    port = each["backend"]["service"].get("port") or {}
    main = ports.service_entry
    if port.get("number") == main["port"] or (port.get("name") and port.get("name") == main.get("name")):
        return result
    listed = entries(spec(ports.service or {}).get("ports"))
    named = port.get("name") or next((one.get("name") for one in listed if one["port"] == port.get("number")), None)
    return {**result, "port": named} if named else result


def _route(one: Object, ports: Ports) -> dict[str, Any] | None:
    body = spec(one)
    parents = list(entries(body.get("parentRefs")))
    if not parents or any(set(parent) - {"name", "namespace", "sectionName", "group", "kind"} for parent in parents):
        return None
    settings: dict[str, Any] = {
        "parentRefs": [
            {key: parent[key] for key in ("name", "namespace", "sectionName") if key in parent} for parent in parents
        ]
    }
    if kind(one) != "HTTPRoute":
        settings["kind"] = kind(one)
    if body.get("hostnames"):
        settings["hostnames"] = body["hostnames"]
    if rules := [_rule(rule, ports) for rule in entries(body.get("rules"))]:
        settings["rules"] = rules
    return settings


def _rule(rule: dict[str, Any], ports: Ports) -> dict[str, Any]:
    """Return a rule, without its backend if that is the main port of the Service."""
    backends = list(entries(rule.get("backendRefs")))
    main = len(backends) == 1 and backends[0].get("port") in (None, ports.service_port) and "filters" not in backends[0]
    return {key: value for key, value in rule.items() if key != "backendRefs" or not main}
