"""Other Deployments in the backend's namespace whose selector or pods match the backend's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..errors import tagged
from ..errors.verification import SELECTOR_OVERLAP
from ..settings import BackendSettings, labels
from .client import Client
from .namespace_contents import KINDS, Object, name_of, template_labels

_KEY = "ha-backend:backend"


def find_overlaps(client: Client, backend: BackendSettings) -> Iterator[str]:
    """Yield each overlap on a cluster; none if the account may not list Deployments. Raises InspectionError."""
    group, plural = KINDS["Deployment"]
    answer = client.get_if_permitted(f"{group}/namespaces/{backend.namespace_name}/{plural}") or {}
    yield from overlaps(backend, answer.get("items") or ())


def overlaps(backend: BackendSettings, deployments: Iterable[Object]) -> Iterator[str]:
    """Yield each overlap with one of the Deployments. The Deployment with the backend's name is the backend."""
    pods, selector = labels.pod_labels(backend), labels.selector(backend)
    for deployment in deployments:
        name = name_of(deployment)
        if name == backend.name:
            continue
        title = f"Deployment {name!r} in namespace {backend.namespace_name!r}"
        if selector.items() <= template_labels(deployment).items():
            yield tagged(
                f"{_KEY}.name: the pods of {title} carry {labels.shown(selector)}, which the backend selects its pods "
                "by, so they would get its requests and count in its disruption budget: use another name or "
                "namespace, or remove the label from them",
                SELECTOR_OVERLAP,
            )
        elif selector_matches(deployment["spec"]["selector"], pods):
            yield tagged(
                f"{_KEY}.labels: {title} selects its pods by labels that the backend's pods carry: use other labels, "
                "or another namespace",
                SELECTOR_OVERLAP,
            )


def selector_matches(selector: Mapping[str, Any], pod: Mapping[str, str]) -> bool:
    """Return whether a label selector matches a pod with these labels."""
    equal: dict[str, str] = selector.get("matchLabels") or {}
    return equal.items() <= pod.items() and all(_matches(one, pod) for one in selector.get("matchExpressions") or ())


def _matches(requirement: Mapping[str, Any], pod: Mapping[str, str]) -> bool:
    key, operator, values = str(requirement["key"]), str(requirement["operator"]), requirement.get("values") or ()
    present = key in pod if operator in ("Exists", "DoesNotExist") else pod.get(key) in values
    return present == (operator in ("Exists", "In"))
