"""The outputs of the components, for the schema."""

from __future__ import annotations

from typing import Any

from ops.provider.tokens import type_token

Spec = dict[str, Any]

OPTIONAL = {"endpoint"}
"""Outputs that are absent while they are unknown."""


def _string(description: str, **more: Any) -> Spec:
    return {"type": "string", **more, "description": description}


def _strings(description: str) -> Spec:
    return {"type": "array", "items": {"type": "string"}, "description": description}


def _integer(description: str) -> Spec:
    return {"type": "integer", "description": description}


CLUSTER: dict[str, Spec] = {
    "kubeconfig": _string("Access to the cluster: the content of a kubeconfig.", secret=True),
    "identifier": _string(
        "Identifies the cluster. Pass it to a Kubernetes provider of your own as `clusterIdentifier`: everything on "
        "the cluster is then replaced if this changes, and only then."
    ),
    "zones": _strings("The zones of the cluster's nodes."),
}

BACKEND: dict[str, Spec] = {
    "endpoint": _string("URL of the backend from outside the cluster, once its load balancer has an address."),
    "namespaceName": _string("Name of the namespace that holds every object of the backend."),
    "deploymentName": _string("Name of the Deployment."),
    "serviceName": _string(
        "Name of the Service. Inside the cluster, the backend's host name is `<service>.<namespace>.svc`."
    ),
    "selector": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Labels that select the backend's pods, for policies and monitors.",
    },
    "promise": {
        "type": "object",
        "additionalProperties": {"$ref": f"#/types/{type_token('Survival')}"},
        "description": "The availability promise by failure: pod, hang, node, zone, drain, rollout, release.",
    },
    "verified": {
        "type": "boolean",
        "description": "True once the running backend is verified to meet the promise. False if nothing was "
        "verified: in a preview, and without `cluster` and `kubeconfig`.",
    },
}

_SURVIVAL: dict[str, Spec] = {
    "survived": {"type": "boolean", "description": "Whether ready pods remain throughout."},
    "recoverySeconds": _integer(
        "Seconds until full capacity is restored, at most. Omitted if it returns only with what was lost (`edge`)."
    ),
    "errorWindowSeconds": _integer(
        "Seconds for which requests from outside may fail, at most. Only requests routed to what was lost are affected."
    ),
    "capacityLeftPercent": _integer("Percent of the pods that remain meanwhile, at least."),
    "why": _string("Why the failure is survived, or why not."),
    "sources": _strings(
        "The terms of `recoverySeconds`, each with the setting or the Kubernetes default that it comes from."
    ),
    "errorWindowSources": _strings("The terms of `errorWindowSeconds`."),
}

TYPES: dict[str, Spec] = {
    type_token("Survival"): {
        "type": "object",
        "description": "The effect of one failure.",
        "properties": _SURVIVAL,
        "required": sorted(_SURVIVAL.keys() - {"recoverySeconds"}),
    }
}
"""Types of the outputs, by token."""
