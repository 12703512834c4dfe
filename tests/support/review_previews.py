"""Previews as the engine writes them, for tests of the review."""

from __future__ import annotations

import copy
import json
from typing import Any

from ops.review import markdown
from ops.review.effect import Effect
from ops.review.judge import Assessment, judge
from ops.review.preview import SECRET, read
from ops.review.promise import COMPONENT, rows

CONTAINER = {
    "name": "backend",
    "image": "web:1",
    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    "resources": {"requests": {"cpu": "500m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}},
    "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
    "lifecycle": {"preStop": {"sleep": {"seconds": 35}}},
    "ports": [{"name": "http", "containerPort": 8080}],
}
SIDECAR = {
    "name": "proxy",
    "image": "proxy:1",
    "restartPolicy": "Always",
    "ports": [{"name": "admin", "containerPort": 9001}],
    "resources": {"limits": {"cpu": "100m", "memory": "64Mi"}},
    "startupProbe": {"tcpSocket": {"port": 9001}},
    "livenessProbe": {"tcpSocket": {"port": 9001}, "periodSeconds": 5},
}
SPREAD = [{"topologyKey": "topology.kubernetes.io/zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}]
BEFORE: dict[str, dict[str, Any]] = {
    "apps/v1:Deployment": {
        "metadata": {"name": "web", "labels": {"team": "shop"}},
        "spec": {
            "replicas": 3,
            "minReadySeconds": 5,
            "progressDeadlineSeconds": 300,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "containers": [CONTAINER],
                    "initContainers": [SIDECAR],
                    "topologySpreadConstraints": SPREAD,
                    "terminationGracePeriodSeconds": 60,
                },
            },
        },
    },
    "core/v1:Service": {
        "spec": {
            "type": "LoadBalancer",
            "selector": {"app": "web"},
            "externalTrafficPolicy": "Local",
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        }
    },
    "autoscaling/v2:HorizontalPodAutoscaler": {
        "spec": {
            "minReplicas": 3,
            "maxReplicas": 10,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
                }
            ],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
        }
    },
    "policy/v1:PodDisruptionBudget": {"spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}},
    "networking.k8s.io/v1:NetworkPolicy": {
        "spec": {
            "podSelector": {"matchLabels": {"app": "web"}},
            "egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}, {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}],
        }
    },
    "core/v1:ResourceQuota": {"spec": {"hard": {"pods": "36"}}},
    "core/v1:ConfigMap": {"data": {"LEVEL": "info"}},
    "core/v1:Secret": {"stringData": {"KEY": SECRET}},
    "networking.k8s.io/v1:Ingress": {
        "spec": {"rules": [{"host": "a.example"}], "tls": [{"hosts": ["a.example"], "secretName": "a-tls"}]}
    },
    "gateway.networking.k8s.io/v1:HTTPRoute": {
        "spec": {
            "parentRefs": [{"name": "edge"}],
            "hostnames": ["a.example"],
            "rules": [{"timeouts": {"request": "30s"}, "backendRefs": [{"name": "web", "port": 80}]}],
        }
    },
    "core/v1:Namespace": {"metadata": {"name": "web"}},
    "core/v1:ServiceAccount": {"metadata": {"name": "web"}, "automountServiceAccountToken": False},
    "monitoring.coreos.com/v1:PrometheusRule": {"spec": {"groups": [{"name": "web"}]}},
    "monitoring.coreos.com/v1:PodMonitor": {"spec": {"selector": {}}},
    "example.com/v1:Widget": {"spec": {"size": 1}},
}
UNSET = object()
NEW_STACK = {"op": "create", "urn": "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", "newState": {"inputs": {}}}
POD, BACKEND = "spec.template.spec.", "spec.template.spec.containers.0."
SIDECAR_PATH = "spec.template.spec.initContainers.0."


def urn(kind: str, name: str = "web") -> str:
    """Return the URN of a Kubernetes object in the test stack."""
    return f"urn:pulumi:prod::shop::kubernetes:{kind}::{name}"


def changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    """Return the inputs with one field set, or removed if the value is UNSET."""
    inputs = copy.deepcopy(BEFORE[kind])
    *parents, last = path.split(".")
    at: Any = inputs
    for word in parents:
        at = at[int(word)] if isinstance(at, list) else at.setdefault(word, {})
    if value is UNSET:
        del at[int(last) if isinstance(at, list) else last]
    elif isinstance(at, list):
        at[int(last)] = value
    else:
        at[last] = value
    return inputs


def assess(*steps: dict[str, Any]) -> list[Assessment]:
    """Return what the review finds in a preview of these steps."""
    return judge(read(json.dumps({"steps": steps}), "here"))


def step(kind: str, op: str, old: Any = None, new: Any = None, **more: Any) -> dict[str, Any]:
    """Return one step of a preview, with its inputs before and after."""
    return {
        "op": op,
        "urn": urn(kind),
        **({"oldState": {"inputs": old, **more.pop("state", {})}} if old else {}),
        **({"newState": {"inputs": new}} if new else {}),
        **more,
    }


NONE, RESTART, LOWER, WEAKER, OUTAGE = Effect
DEPLOYMENT, SERVICE, SCALER, BUDGET, POLICY = list(BEFORE)[:5]
ROUTE, ALERTS = "gateway.networking.k8s.io/v1:HTTPRoute", "monitoring.coreos.com/v1:PrometheusRule"


PROMISE = {
    "zone": {
        "survived": True,
        "recoverySeconds": 145,
        "errorWindowSeconds": 31,
        "capacityLeftPercent": 66,
        "why": "x",
    },
    "pod": {"survived": True, "recoverySeconds": 65, "errorWindowSeconds": 33, "capacityLeftPercent": 66, "why": "x"},
}


def preview(*steps: dict[str, Any], **more: Any) -> str:
    """Return a preview as the engine prints it."""
    return json.dumps({"steps": steps, **more})


def updated(path: str = f"{BACKEND}image", value: Any = "web:2") -> dict[str, Any]:
    """Return the update of one field of the Deployment."""
    return step(DEPLOYMENT, "update", BEFORE[DEPLOYMENT], changed(DEPLOYMENT, path, value))


def component(**zone: Any) -> dict[str, Any]:
    """Return an update of the component that changes the promise for a zone."""
    new = {**PROMISE, "zone": {**PROMISE["zone"], **zone}}
    return {
        "op": "update",
        "urn": f"urn:pulumi:prod::shop::{COMPONENT}::web",
        "oldState": {"inputs": {"promise": PROMISE}},
        "newState": {"inputs": {"promise": new}},
    }


def written(text: str, longest: int = markdown.LONGEST) -> str:
    """Return the review of a preview as Markdown."""
    parsed = read(text, "here")
    return markdown.write(parsed, judge(parsed), rows(parsed), longest, closing="the last line")


# The preview of stack `dev` of this project, which scales its Deployment to zero.
SCALED_TO_ZERO: dict[str, Any] = {
    "steps": [
        {
            "op": "update",
            "urn": f"urn:pulumi:dev::ha-backend::kubernetes:{DEPLOYMENT}::web",
            "oldState": {"inputs": BEFORE[DEPLOYMENT]},
            "newState": {"inputs": changed(DEPLOYMENT, "spec.replicas", 0)},
        }
    ]
}
