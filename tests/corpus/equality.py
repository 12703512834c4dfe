"""Compare a manifest with the rendering of its stack file, independently of how the conversion compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ops.convert.conversion import Conversion
from ops.convert.notes import Note

_POD = "spec.template.spec"
_DEFAULTS = {
    "successThreshold": 1,
    "periodSeconds": 10,
    "timeoutSeconds": 1,
    "failureThreshold": 3,
    "initialDelaySeconds": 0,
    "scheme": "HTTP",
    "path": "/",
    "service": "",
}
Values = Mapping[str, Any]


def unexplained(conversion: Conversion) -> list[str]:
    """Return every difference of the Deployment and the Service that no note of the report states."""
    notes = conversion.notes.notes
    return [
        f"{kind} {path}: {before!r} and {after!r}"
        for kind, path, before, after in _compared(conversion)
        if before != after and not any(_states(note, kind, path) for note in notes)
    ]


def _states(note: Note, kind: str, path: str) -> bool:
    """Return whether a note is about a path, about a part of it, or about a group around it."""
    of, place = note.place
    return kind == of and any(
        not field or f"{path}.".startswith((f"{field}.", f"{field}[")) or field.startswith((f"{path}.", f"{path}["))
        for field in note.fields or (place,)
    )


def _compared(conversion: Conversion) -> Iterator[tuple[str, str, Any, Any]]:
    assert conversion.ports
    before = conversion.workload.deployment
    after = _object(conversion, "Deployment")
    own, other = _pod(before), _pod(after)
    yield "Deployment", "spec.replicas", before["spec"].get("replicas", 1), after["spec"]["replicas"]
    selector = before["spec"]["selector"].get("matchLabels", {})
    yield "Deployment", "spec.selector", selector, after["spec"]["selector"]["matchLabels"]
    labels = before["spec"]["template"]["metadata"]["labels"]
    rendered = after["spec"]["template"]["metadata"]["labels"]
    for key, value in labels.items():
        yield "Deployment", f"spec.template.metadata.labels[{key}]", value, rendered.get(key)
    yield from _containers(conversion, own, other)
    for volume in own.get("volumes") or []:
        path = f"{_POD}.volumes[{volume['name']}]"
        yield "Deployment", path, _source(volume), _volume(other, volume["name"])
    for field in ("nodeSelector", "imagePullSecrets", "hostAliases", "dnsConfig", "runtimeClassName"):
        yield "Deployment", f"{_POD}.{field}", own.get(field) or None, other.get(field) or None
    if conversion.ports.service:
        yield from _services(conversion, own, other)


def _containers(conversion: Conversion, own: Values, other: Values) -> Iterator[tuple[str, str, Any, Any]]:
    assert conversion.ports
    rendered = {each["name"]: each for each in [*(other.get("initContainers") or []), *other["containers"]]}
    for each in [*(own.get("initContainers") or []), *own["containers"]]:
        main = each is conversion.ports.container
        name = "backend" if main else "backend-2" if each["name"] == "backend" else each["name"]
        after = rendered.get(name, {})
        path = f"{_POD}.{'containers' if main else 'initContainers'}[{name}]"
        for field in ("image", "command", "args", "workingDir", "tty"):
            yield "Deployment", f"{path}.{field}", each.get(field) or None, after.get(field) or None
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            yield "Deployment", f"{path}.{probe}", _probe(each, probe), _probe(after, probe)
        known = _variables(after, conversion.rendered)
        for key, value in _variables(each, ()).items():
            yield "Deployment", f"{path}.env[{key}]", value, known.get(key)
        for kind in ("requests", "limits"):
            amounts, now = ((one.get("resources") or {}).get(kind) or {} for one in (each, after))
            for key, value in amounts.items():
                yield "Deployment", f"{path}.resources.{kind}.{key}", value, now.get(key)
        mounts = {mount["mountPath"]: mount for mount in after.get("volumeMounts") or []}
        for mount in each.get("volumeMounts") or []:
            place = mount["mountPath"]
            pair = (mount.get("subPath"), mounts.get(place, {}).get("subPath"))
            yield "Deployment", f"{path}.volumeMounts[{place}]", (place, pair[0]), (place, pair[1])
            assert place in mounts, f"{path} does not mount {place}"


def _services(conversion: Conversion, own: Values, other: Values) -> Iterator[tuple[str, str, Any, Any]]:
    assert conversion.ports and conversion.ports.service
    before, after = conversion.ports.service["spec"], _object(conversion, "Service")["spec"]
    if (name := conversion.ports.service["metadata"]["name"]) != conversion.workload.name:
        further = [one for one in conversion.rendered if one["kind"] == "Service" and one["metadata"]["name"] == name]
        assert further, f"clients of Service {name} would find nothing"
    yield "Service", "spec.type", before.get("type", "ClusterIP"), after["type"]
    now = {(port["port"], port.get("protocol", "TCP")): port for port in after["ports"]}
    for port in before["ports"]:
        key = (port["port"], port.get("protocol", "TCP"))
        path = f"spec.ports[{key[0]}/{key[1]}]"
        assert key in now, f"port {key} of the Service is gone"
        target = _number(port.get("targetPort", port["port"]), own)
        yield "Service", f"{path}.targetPort", target, _number(now[key].get("targetPort", port["port"]), other)
        for field in ("appProtocol", "nodePort", "name"):
            if field in port:
                yield "Service", f"{path}.{field}", port[field], now[key].get(field)


def _object(conversion: Conversion, kind: str) -> dict[str, Any]:
    return next(
        one
        for one in conversion.rendered
        if one["kind"] == kind and one["metadata"]["name"] == conversion.workload.name
    )


def _pod(deployment: Values) -> Values:
    pod: Values = deployment["spec"]["template"]["spec"]
    return pod


def _source(volume: Values) -> Any:
    source = {key: value for key, value in volume.items() if key != "name"} or {"emptyDir": {}}
    return {"emptyDir": {}} if "emptyDir" in source else source


def _volume(pod: Values, name: str) -> Any:
    return next((_source(one) for one in pod.get("volumes") or [] if one["name"] == name), None)


def _numbers(container: Values) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in container.get("ports") or [] if port.get("name")}


def _number(target: Any, pod: Values) -> Any:
    for container in [*pod["containers"], *(pod.get("initContainers") or [])]:
        target = _numbers(container).get(target, target)
    return target


def _probe(container: Values, kind: str) -> Any:
    probe = container.get(kind)
    if not probe:
        return None
    numbers, result = _numbers(container), {}
    for key, value in probe.items():
        if isinstance(value, dict):
            known = {name: numbers.get(each, each) if name == "port" else each for name, each in value.items()}
            result[key] = {name: each for name, each in known.items() if _DEFAULTS.get(name) != each}
        elif _DEFAULTS.get(key) != value:
            result[key] = value
    return result


def _variables(container: Values, rendered: Any) -> dict[str, Any]:
    maps = {one["metadata"]["name"]: one.get("data") or {} for one in rendered if one["kind"] == "ConfigMap"}
    result: dict[str, Any] = {}
    for source in container.get("envFrom") or []:
        result |= maps.get((source.get("configMapRef") or {}).get("name"), {})
    for variable in container.get("env") or []:
        value = dict(variable.get("valueFrom") or {"value": variable.get("value", "")})
        if "resourceFieldRef" in value:
            value["resourceFieldRef"] = {**value["resourceFieldRef"], "containerName": ""}
        result[variable["name"]] = value.get("value", value)
    return result
