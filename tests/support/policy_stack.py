"""A stack that violates no rule of the policy pack."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policy.known import UNKNOWN
from policy.resource import Resource
from policy.rule import Rule
from policy.rules import RULES
from policy.stack import Stack

BY_NAME = {rule.name: rule for rule in RULES}
LABELS = {"app": "web"}
HASH = ["pod-template-hash"]


class Program:
    """Resources by their names in a program, as plain dicts."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}
        self.props: dict[str, Any] = {}
        self.ignored: dict[str, tuple[str, ...]] = {}

    def add(self, name: str, kind: str, spec: Any = None, **more: Any) -> Any:
        """Add an object under its name in Kubernetes, and return its spec, to be changed."""
        self.types[name] = f"kubernetes:{kind}"
        self.props[name] = {
            "metadata": {"name": name, "namespace": "shop"},
            **({} if spec is None else {"spec": spec}),
            **more,
        }
        return self.props[name].get("spec")

    def __getitem__(self, name: str) -> Any:
        return self.props[name]

    @property
    def pod(self) -> Any:
        """The pod spec of the Deployment ``web``."""
        return self.props["web"]["spec"]["template"]["spec"]

    @property
    def container(self) -> Any:
        """Its first container."""
        return self.pod["containers"][0]

    def resources(self) -> list[Resource]:
        """Return the resources as the policy pack sees them."""
        return [
            Resource(kind, name, f"urn:{name}", self.props[name], self.ignored.get(name, ()), {})
            for name, kind in self.types.items()
        ]

    def findings(self, config: Mapping[str, Any] | None = None, rules: Iterable[Rule] = RULES) -> dict[str, list[str]]:
        """Return the messages of each rule that has any."""
        resources = self.resources()
        stack = Stack(resources)
        messages = {
            rule.name: [
                message
                for resource in resources
                for message in rule.judge(resource, (config or {}).get(rule.name, {}), stack)
            ]
            for rule in rules
        }
        return {name: texts for name, texts in messages.items() if texts}

    def with_unknowns(self) -> Iterator[tuple[str, Program]]:
        """Yield the program with one value, at any depth, unknown; one after the other."""
        whole = self.props
        for name in whole:
            for path in list(paths(whole[name])):
                self.props = {**whole, name: copy.deepcopy(whole[name])}
                put(self.props[name], path, UNKNOWN)
                yield f"{name}: {'.'.join(map(str, path))}", self
        self.props = whole


def paths(value: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (key,)
        yield from ((key, *rest) for rest in paths(one))


def put(value: Any, path: tuple[Any, ...], to: Any) -> None:
    """Set the value at a path."""
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = to


def good() -> Program:
    """Return a backend without violations: an autoscaler owns its replicas, with a load balancer and a budget."""
    program = Program()
    program.add(
        "web",
        "apps/v1:Deployment",
        {
            "replicas": 3,
            "selector": {"matchLabels": dict(LABELS)},
            "minReadySeconds": 5,
            "progressDeadlineSeconds": 300,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": {"metadata": {"labels": {**LABELS, "version": "7"}}, "spec": pod_spec()},
        },
    )
    program.ignored["web"] = ("spec.replicas",)
    program.add(
        "front",
        "core/v1:Service",
        {"type": "LoadBalancer", "selector": dict(LABELS), "ports": [{"port": 80, "targetPort": "http"}]},
    )
    program.add(
        "guard",
        "policy/v1:PodDisruptionBudget",
        {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": {"matchLabels": dict(LABELS)}},
    )
    program.add(
        "scaler",
        "autoscaling/v2:HorizontalPodAutoscaler",
        {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 3,
            "maxReplicas": 9,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
                }
            ],
            "behavior": {"scaleDown": {"policies": [{"type": "Percent", "value": 10, "periodSeconds": 60}]}},
        },
    )
    program.add("settings", "core/v1:ConfigMap", data={"A": "1"})
    program["settings"]["metadata"]["annotations"] = {"pulumi.com/autonamed": "true"}
    return program


def pod_spec() -> dict[str, Any]:
    """Return a pod spec without violations."""
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 40,
        "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
        "tolerations": [
            {"key": f"node.kubernetes.io/{state}", "effect": "NoExecute", "tolerationSeconds": 30}
            for state in ("not-ready", "unreachable")
        ],
        "topologySpreadConstraints": [spread("topology.kubernetes.io/zone"), spread("kubernetes.io/hostname")],
        "containers": [
            {
                "name": "app",
                "image": "registry:5000/shop/web:1.2@sha256:" + 64 * "a",
                "ports": [{"name": "http", "containerPort": 8080}],
                "envFrom": [{"configMapRef": {"name": "settings"}}],
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "64Mi"}},
                "startupProbe": {"httpGet": {"path": "/", "port": "http"}, "failureThreshold": 30, "periodSeconds": 1},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5},
                "livenessProbe": {"httpGet": {"path": "/alive", "port": 8080}, "periodSeconds": 10},
                "lifecycle": {"preStop": {"sleep": {"seconds": 10}}},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
    }


def spread(domain: str) -> dict[str, Any]:
    """Return a topology spread constraint over a domain."""
    return {
        "topologyKey": domain,
        "maxSkew": 1,
        "whenUnsatisfiable": "ScheduleAnyway",
        "matchLabelKeys": list(HASH),
        "labelSelector": {"matchLabels": dict(LABELS)},
    }
