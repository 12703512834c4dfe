"""Other Deployments in a backend's namespace that would share its pods, or give it theirs. The answers are judged purely."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..settings import BackendSettings, labels
from .client import Client
from .namespace_contents import KINDS, Object, labels_of_pods, name_of

_KEY = "ha-backend:backend"


def overlaps(client: Client, backend: BackendSettings) -> Iterator[str]:
    """What stands in the way, each with what would be right; nothing where the account may not look. Raises InspectionError."""
    group, plural = KINDS["Deployment"]
    answer = client.look(f"{group}/namespaces/{backend.namespace_name}/{plural}") or {}
    yield from shared(backend, answer.get("items") or ())


def shared(backend: BackendSettings, deployments: Iterable[Object]) -> Iterator[str]:
    """The same of Deployments that are known. The one of the backend's own name is the backend."""
    ours, selected = labels.pods(backend), labels.selector(backend)
    for one in deployments:
        name = name_of(one)
        if name == backend.name:
            continue
        where = f"Deployment {name!r} in namespace {backend.namespace_name!r}"
        if selected.items() <= labels_of_pods(one).items():
            yield (
                f"{_KEY}.name: the pods of {where} carry {labels.shown(selected)}, by which ours are selected: they would "
                "get its requests, and count in its budget: choose another name or namespace, or take the label off them"
            )
        elif matches(one["spec"]["selector"], ours):
            yield (
                f"{_KEY}.labels: {where} selects its pods by labels that ours carry too: choose other labels, or another "
                "namespace"
            )


def matches(selector: Mapping[str, Any], pod: Mapping[str, str]) -> bool:
    """Whether a selector chooses a pod with these labels."""
    equal: dict[str, str] = selector.get("matchLabels") or {}
    return equal.items() <= pod.items() and all(_holds(one, pod) for one in selector.get("matchExpressions") or ())


def _holds(requirement: Mapping[str, Any], pod: Mapping[str, str]) -> bool:
    key, operator, values = str(requirement["key"]), str(requirement["operator"]), requirement.get("values") or ()
    there = key in pod if operator in ("Exists", "DoesNotExist") else pod.get(key) in values
    return there == (operator in ("Exists", "In"))
