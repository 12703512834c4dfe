"""Bring objects into a form in which a manifest and the rendering of its stack file can be compared by path."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from ops.convert.objects import Object, cleaned, entries, kind, name

Paths = dict[str, Any]
# By what the entries of a list are told apart.
_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "imagePullSecrets": ("name",),
    "topologySpreadConstraints": ("topologyKey",),
    "hostAliases": ("ip",),
    "metrics": ("type",),
    "tolerations": ("key", "operator", "value", "effect"),
}
# Values that the API server fills in, by the end of their path.
_DEFAULTS: dict[str, Any] = {
    ".protocol": "TCP",
    ".scheme": "HTTP",
    ".successThreshold": 1,
    ".restartPolicy": "Always",
    ".dnsPolicy": "ClusterFirst",
    ".schedulerName": "default-scheduler",
    ".terminationMessagePath": "/dev/termination-log",
    ".terminationMessagePolicy": "File",
    ".imagePullPolicy": "IfNotPresent",
    ".sessionAffinity": "None",
    ".automountServiceAccountToken": True,
    ".hostNetwork": False,
    ".hostPID": False,
    ".hostIPC": False,
    ".shareProcessNamespace": False,
    ".selectPolicy": "Max",
    ".initialDelaySeconds": 0,
    ".type": "ClusterIP",
    ".internalTrafficPolicy": "Cluster",
}
_NONE, _MODE = object(), 0o644


def flattened(one: Object, main: str = "", values: dict[str, Object] | None = None) -> Paths:
    """Return every value of an object by its path. Lists are keyed by their entries' names, and ports are numbers.

    ``main``: the name of the container that is called backend; the others are compared as sidecars. ``values``: the
    values of ConfigMaps by name, which are variables of the containers that read them.
    """
    result: Paths = {}
    for path, value in _walk(_prepared(cleaned(one), main, values or {}), ""):
        default = next((default for end, default in _DEFAULTS.items() if path.endswith(end)), _NONE)
        if value != default and not (path.endswith(".defaultMode") and value == _MODE):
            result[path] = value
    return result


def port_numbers(deployment: Object) -> dict[str, int]:
    """Return the numbers of the named ports of a Deployment's containers."""
    pod = ((deployment.get("spec") or {}).get("template") or {}).get("spec") or {}
    containers = [*entries(pod.get("initContainers")), *entries(pod.get("containers"))]
    return {
        port["name"]: port["containerPort"]
        for each in containers
        for port in entries(each.get("ports"))
        if port.get("name")
    }


def with_numbers(service: Object, numbers: dict[str, int]) -> Object:
    """Return a Service whose target ports are numbers."""
    spec = service.get("spec") or {}
    ports = [
        {**each, "targetPort": numbers.get(str(target), target)}
        for each in entries(spec.get("ports"))
        for target in [each.get("targetPort", each.get("port"))]
    ]
    return {**service, "spec": {**spec, "ports": ports}}


def _prepared(one: Object, main: str, values: dict[str, Object]) -> Object:
    if kind(one) != "Deployment":
        return one
    spec = dict(one.get("spec") or {})
    template = dict(spec.get("template") or {})
    pod = dict(template.get("spec") or {})
    containers = [_container(each, values) for each in entries(pod.get("containers"))]
    earlier = [_container(each, values) for each in entries(pod.get("initContainers"))]
    if main:
        earlier += [{**each, "restartPolicy": "Always"} for each in containers if each.get("name") != main]
        containers = [{**each, "name": "backend"} for each in containers if each.get("name") == main]
    pod |= {"containers": containers, "initContainers": earlier}
    if pod.get("serviceAccount") == pod.get("serviceAccountName"):
        pod.pop("serviceAccount", None)
    metadata = {key: value for key, value in (template.get("metadata") or {}).items() if key != "creationTimestamp"}
    return {**one, "spec": {**spec, "template": {**template, "metadata": metadata, "spec": pod}}}


def _container(one: dict[str, Any], values: dict[str, Object]) -> dict[str, Any]:
    """Return a container with its ports as numbers, and with the variables of known ConfigMaps."""
    numbers = {port["name"]: port["containerPort"] for port in entries(one.get("ports")) if port.get("name")}
    result = dict(one)
    for key in ("startupProbe", "readinessProbe", "livenessProbe"):
        for action in ("httpGet", "tcpSocket", "grpc"):
            body = (one.get(key) or {}).get(action)
            if isinstance(body, dict) and body.get("port") in numbers:
                result[key] = {**one[key], action: {**body, "port": numbers[body["port"]]}}
    sources = list(entries(one.get("envFrom")))
    known = [source for source in sources if (source.get("configMapRef") or {}).get("name") in values]
    variables = [
        {"name": key, "value": value}
        for source in known
        for key, value in values[source["configMapRef"]["name"]].items()
    ]
    result["envFrom"] = [source for source in sources if source not in known]
    result["env"] = [{"name": "", "value": "", **each} for each in [*variables, *entries(one.get("env"))]]
    return {key: value for key, value in result.items() if value not in ([], None)}


def _walk(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            step = str(key) if re.fullmatch(r"[\w-]+", str(key)) else f"[{key}]"
            yield from _walk(each, f"{path}{step}" if step.startswith("[") or not path else f"{path}.{step}")
    elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        for number, each in enumerate(value):
            yield from _walk(each, f"{path}[{_key(path, each, number)}]")
    elif value is not None and value != []:
        yield path, value


def _key(path: str, entry: dict[str, Any], number: int) -> str:
    last = path.rpartition(".")[2]
    if last == "ports":
        port = entry.get("port", entry.get("containerPort"))
        return f"{port}/{entry.get('protocol', 'TCP')}"
    if last.startswith("preferred"):  # the component adds entries of its own
        return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()[:6]
    keys = _KEYS.get(last)
    return ",".join(str(entry.get(key, "")) for key in keys) if keys else str(number)


def config_maps(objects: list[Object]) -> dict[str, Object]:
    """Return the values of the ConfigMaps of a rendering, by name."""
    return {name(one): one.get("data") or {} for one in objects if kind(one) == "ConfigMap"}
