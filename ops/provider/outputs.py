"""What the components give back, as the schema tells it."""

from __future__ import annotations

from typing import Any

from ops.provider.tokens import type_token

Spec = dict[str, Any]

OPTIONAL = {"endpoint"}
"""Not there while it is unknown."""


def _text(description: str, **more: Any) -> Spec:
    return {"type": "string", **more, "description": description}


def _texts(description: str) -> Spec:
    return {"type": "array", "items": {"type": "string"}, "description": description}


def _number(description: str) -> Spec:
    return {"type": "integer", "description": description}


CLUSTER: dict[str, Spec] = {
    "kubeconfig": _text("Access to the cluster: the content of a kubeconfig.", secret=True),
    "identifier": _text(
        "What tells it from another cluster. Give it to a Kubernetes provider of your own as "
        "`clusterIdentifier`: everything on it is then replaced when this changes, and only then."
    ),
    "zones": _texts("The zones that the settings name, those of an embedded cluster included."),
}

BACKEND: dict[str, Spec] = {
    "endpoint": _text("The backend's URL from outside, as soon as its load balancer has an address."),
    "namespaceName": _text("The namespace that everything is in."),
    "deploymentName": _text("Name of the Deployment."),
    "serviceName": _text(
        "Name of the Service; inside the cluster the backend answers under `<service>.<namespace>.svc`."
    ),
    "selector": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Labels that select the backend's pods, for policies and monitors.",
    },
    "promise": {
        "type": "object",
        "additionalProperties": {"$ref": f"#/types/{type_token('Survival')}"},
        "description": "What is survived, by the failure: pod, hang, node, zone, drain, rollout, release.",
    },
    "verified": {
        "type": "boolean",
        "description": "True once the running backend was found to keep the promise; false where "
        "nobody asked: in a preview, or without a `cluster` and a `kubeconfig`.",
    },
}

_SURVIVAL: dict[str, Spec] = {
    "survived": {"type": "boolean", "description": "Whether ready pods remain throughout."},
    "recoverySeconds": _number(
        "Seconds until there is full capacity again, at the most; left out where it is back only with "
        "what was lost (`edge`)."
    ),
    "errorWindowSeconds": _number(
        "Seconds for which requests from outside may fail, at the most: only the share of them that "
        "is sent to what is lost."
    ),
    "capacityLeftPercent": _number("Percent of the pods that are left meanwhile, at the least."),
    "why": _text("Why it is survived, or why not."),
    "sources": _texts(
        "The terms of `recoverySeconds`, each with the setting or the default of Kubernetes it comes from."
    ),
    "errorWindowSources": _texts("The terms of `errorWindowSeconds`."),
}

TYPES: dict[str, Spec] = {
    type_token("Survival"): {
        "type": "object",
        "description": "What the loss of one thing costs.",
        "properties": _SURVIVAL,
        "required": sorted(_SURVIVAL.keys() - {"recoverySeconds"}),
    }
}
"""The types that the outputs refer to, by token."""
