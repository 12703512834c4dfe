"""The ConfigMaps and Secrets that the pods need and that the stack does not make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from . import reader

if TYPE_CHECKING:
    from ..backend import BackendSettings


class Reference(NamedTuple):
    """An object by its kind and name, and the key that refers to it."""

    key: str
    kind: str
    name: str


def references(backend: BackendSettings) -> list[Reference]:
    """Return what must exist before the pods start, each object once, without optional ones and `extraObjects`."""
    template = backend.pod_template
    own_key, own = reader.own_container(template)
    containers = [(own_key, own), *((one.key, one.spec) for one in reader.added_containers(template))]
    made = {(each["kind"], each["metadata"]["name"]) for each in backend.extra_objects}
    # Kinds that make a Secret of their own name, or of the one that they state.
    made |= {
        ("Secret", ((each.get("spec") or {}).get("target") or {}).get("name") or each["metadata"]["name"])
        for each in backend.extra_objects
        if each["kind"] in ("ExternalSecret", "SealedSecret", "Certificate")
    }
    found: dict[tuple[str, str], Reference] = {}
    for reference in (*_of_containers(containers), *_of_volumes(template), *_pull_secrets(backend)):
        if (reference.kind, reference.name) not in made:
            found.setdefault((reference.kind, reference.name), reference)
    return list(found.values())


def _of_containers(containers: list[tuple[str, Mapping[str, Any]]]) -> Iterator[Reference]:
    for key, spec in containers:
        for number, source in enumerate(spec.get("envFrom") or ()):
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                yield from _named(f"{key}.envFrom[{number}].{field}", kind, source.get(field), "name")
        for number, variable in enumerate(spec.get("env") or ()):
            value = variable.get("valueFrom") or {}
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                yield from _named(f"{key}.env[{number}].valueFrom.{field}", kind, value.get(field), "name")


def _of_volumes(template: reader.Template) -> Iterator[Reference]:
    for key, volume in reader.volumes(template):
        yield from _named(f"{key}.configMap", "ConfigMap", volume.get("configMap"), "name")
        yield from _named(f"{key}.secret", "Secret", volume.get("secret"), "secretName")
        for number, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            yield from _named(
                f"{key}.projected.sources[{number}].configMap", "ConfigMap", source.get("configMap"), "name"
            )
            yield from _named(f"{key}.projected.sources[{number}].secret", "Secret", source.get("secret"), "name")


def _pull_secrets(backend: BackendSettings) -> Iterator[Reference]:
    for key, listed in (
        ("podTemplate.spec", reader.pod_spec(backend.pod_template).get("imagePullSecrets")),
        ("overrides.serviceAccount", backend.overrides.service_account.get("imagePullSecrets")),
    ):
        for number, one in enumerate(listed or ()):
            yield from _named(f"{key}.imagePullSecrets[{number}]", "Secret", one, "name")


def _named(key: str, kind: str, source: Mapping[str, Any] | None, field: str) -> Iterator[Reference]:
    if source and source.get(field) and not source.get("optional"):
        yield Reference(f"{key}.{field}", kind, source[field])
