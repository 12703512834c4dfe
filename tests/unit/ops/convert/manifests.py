"""Manifests of a service, whole or changed in one place, and their conversion."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from typing import Any

import yaml

from ops.convert.conversion import Conversion, convert
from ops.convert.documents import read

Object = dict[str, Any]
Change = Callable[[Object, Object], object]
DEPLOYMENT: Object = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {
                        "name": "server",
                        "image": "registry.example.com/web:1.2.3",
                        "ports": [{"name": "http", "containerPort": 8080}],
                        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
                        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
                    }
                ]
            },
        },
    },
}
SERVICE: Object = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
}


def service(change: Change = lambda deployment, service: None) -> list[Object]:
    """Return a Deployment and its Service, changed."""
    deployment, sibling = copy.deepcopy(DEPLOYMENT), copy.deepcopy(SERVICE)
    change(deployment, sibling)
    return [deployment, sibling]


def pod(deployment: Object) -> Object:
    """Return the spec of the pods."""
    result: Object = deployment["spec"]["template"]["spec"]
    return result


def container(deployment: Object) -> Object:
    """Return the first container."""
    result: Object = pod(deployment)["containers"][0]
    return result


def converted(*objects: Object, change: Change = lambda deployment, service: None) -> Conversion:
    """Return the conversion of a service with further objects, read from YAML."""
    text = yaml.safe_dump_all([*service(change), *objects])
    (conversion,) = convert(read(io.BytesIO(text.encode()), "web.yaml"), "web.yaml")
    return conversion


def settings(conversion: Conversion) -> Object:
    """Return the settings of a workload that can be converted."""
    reasons = [note.text for note in conversion.notes.notes]
    assert conversion.text and conversion.settings, reasons
    return conversion.settings


def named(kind: str, api: str, name: str = "web", **fields: Any) -> Object:
    """Return an object in the namespace of the service."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **fields}
