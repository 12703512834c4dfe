"""Read fields of Kubernetes objects, and check objects against the models of the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from components.settings.pod_template import schema
from components.settings.problems import dotted

Object = dict[str, Any]

# The model of each kind that is converted. Other versions of an API are left out.
MODELS = {
    ("apps/v1", "Deployment"): "V1Deployment",
    ("v1", "Service"): "V1Service",
    ("v1", "ServiceAccount"): "V1ServiceAccount",
    ("autoscaling/v1", "HorizontalPodAutoscaler"): "V1HorizontalPodAutoscaler",
    ("autoscaling/v2", "HorizontalPodAutoscaler"): "V2HorizontalPodAutoscaler",
    ("policy/v1", "PodDisruptionBudget"): "V1PodDisruptionBudget",
    ("policy/v1beta1", "PodDisruptionBudget"): "V1PodDisruptionBudget",
    ("networking.k8s.io/v1", "Ingress"): "V1Ingress",
    ("networking.k8s.io/v1", "NetworkPolicy"): "V1NetworkPolicy",
    ("rbac.authorization.k8s.io/v1", "Role"): "V1Role",
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): "V1ClusterRole",
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): "V1RoleBinding",
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): "V1ClusterRoleBinding",
}
# What the cluster adds to an object, and what tools note on it.
_OF_THE_CLUSTER = {
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
}
_INTEGER_OR_STRING = {"maxSurge", "maxUnavailable", "minAvailable", "port", "targetPort"}
_NOTED = ("kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision")


def kind(one: Object) -> str:
    """Return the kind of an object."""
    return str(one.get("kind", ""))


def metadata(one: Object) -> dict[str, Any]:
    """Return the metadata of an object."""
    value = one.get("metadata")
    return value if isinstance(value, dict) else {}


def name(one: Object) -> str:
    """Return the name of an object."""
    return str(metadata(one).get("name") or metadata(one).get("generateName") or "")


def namespace(one: Object) -> str:
    """Return the namespace that an object names, or an empty string."""
    return str(metadata(one).get("namespace") or "")


def last_of_each(objects: Iterable[Object]) -> tuple[list[Object], list[str]]:
    """Return the objects, the last one where several have one kind and name, and the titles of those.

    `kubectl apply` ends with the last one, too.
    """
    found: dict[tuple[str, str, str], Object] = {}
    repeated: dict[str, None] = {}
    for one in objects:
        key = kind(one), namespace(one), name(one)
        if found.pop(key, one) is not one:
            repeated[title(one)] = None
        found[key] = one
    return list(found.values()), list(repeated)


def title(one: Object) -> str:
    """Return the kind and the name of an object, such as Service shop/web."""
    return f"{kind(one)} {namespace(one)}/{name(one)}".replace(" /", " ")


def spec(one: Object) -> dict[str, Any]:
    """Return the spec of an object."""
    value = one.get("spec")
    return value if isinstance(value, dict) else {}


def pod_template(deployment: Object) -> dict[str, Any]:
    """Return the pod template of a Deployment."""
    value = spec(deployment).get("template")
    return value if isinstance(value, dict) else {}


def pod_spec(deployment: Object) -> dict[str, Any]:
    """Return the spec of a Deployment's pods."""
    return spec(pod_template(deployment))


def pod_labels(deployment: Object) -> dict[str, str]:
    """Return the labels of a Deployment's pods."""
    labels = metadata(pod_template(deployment)).get("labels")
    return labels if isinstance(labels, dict) else {}


def selects(selector: object, labels: Mapping[str, str]) -> bool:
    """Return whether labels match all labels of a selector. An empty selector matches nothing here."""
    return isinstance(selector, dict) and bool(selector) and selector.items() <= labels.items()


def cleaned(one: Object) -> Object:
    """Return an object without its status and without what the cluster and kubectl note in its metadata."""
    kept = {key: value for key, value in metadata(one).items() if key not in _OF_THE_CLUSTER}
    annotations = kept.get("annotations")
    if isinstance(annotations, dict):
        kept["annotations"] = {key: value for key, value in annotations.items() if key not in _NOTED}
    return {**{key: value for key, value in one.items() if key not in ("status", "metadata")}, "metadata": kept}


def checked(one: Object) -> tuple[Object, list[str]]:
    """Return an object without null fields, and every field that the API does not accept."""
    one = cleaned(one)
    model = MODELS.get((str(one.get("apiVersion")), kind(one)))
    if model is None:
        return one, []
    try:
        result = schema.checked(one, model)
        return result, list(_mistyped(result, "")) if kind(one) in (
            "Deployment",
            "Service",
            "PodDisruptionBudget",
        ) else []
    except ValidationError as error:
        return one, [f"{dotted(each['loc'])}: {each['msg']}" for each in error.errors()]


def _mistyped(value: Any, path: str) -> Iterator[str]:
    """Yield the fields that may be an integer or a string, which the models of the API do not check."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key in _INTEGER_OR_STRING and (isinstance(each, bool) or not isinstance(each, (int, str))):
                yield f"{path}.{key}: {each!r:.40} is invalid: must be an integer or a string"
            elif key not in ("annotations", "labels"):
                yield from _mistyped(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _mistyped(each, f"{path}[{number}]")


def entries(value: object) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))
