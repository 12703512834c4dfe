"""Ways to break the rules of the policy pack, as changes of a program that violates none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.policy_stack import LABELS, Program

Violation = Callable[[Program], Any]
HOST = "kubernetes.io/hostname"


def add_job(program: Program, kind: str = "batch/v1:Job") -> None:
    """Add a Job or a CronJob whose pods have the labels of the serving pods."""
    template = {
        "metadata": {"labels": dict(LABELS)},
        "spec": {"containers": [{"name": "once", "image": "shop/once:1"}]},
    }
    spec = {"template": template}
    program.add("once", kind, spec if kind.endswith(":Job") else {"jobTemplate": {"spec": spec}})


def add_second(program: Program, name: str = "guard", other: str = "guard-two") -> None:
    """Add a copy of an object under another name."""
    program.add(other, program.types[name].removeprefix("kubernetes:"), program[name]["spec"])


def add_vertical_autoscaler(program: Program, **spec: Any) -> None:
    """Add a VerticalPodAutoscaler of the Deployment ``web``."""
    program.add(
        "vertical",
        "autoscaling.k8s.io/v1:VerticalPodAutoscaler",
        {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, **spec},
    )


def add_overlapping_deployment(program: Program) -> None:
    """Add another Deployment whose pods the first one's selector matches too."""
    program.add(
        "other",
        "apps/v1:Deployment",
        {
            "replicas": 1,
            "selector": {"matchLabels": {"part": "two"}},
            "template": {"metadata": {"labels": {**LABELS, "part": "two"}}, "spec": {"containers": []}},
        },
    )


def without_autoscaler(program: Program) -> None:
    """Remove the autoscaler: the replica count is fixed."""
    del program.types["scaler"]


def one_pod_per_node(program: Program) -> None:
    """Require a node for each pod."""
    program.pod["affinity"] = {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": HOST, "labelSelector": {"matchLabels": dict(LABELS)}}
            ]
        }
    }


def shell_sleep(program: Program, *words: str) -> None:
    """Wait in preStop with a command."""
    program.container["lifecycle"] = {"preStop": {"exec": {"command": list(words)}}}


def fixed_name(program: Program, **more: Any) -> None:
    """Give the ConfigMap a fixed name."""
    del program["settings"]["metadata"]["annotations"]
    program["settings"].update(more)


def at(*path: Any) -> Callable[[Any], Violation]:
    """Return a setter of a path in the spec of ``web``, or of the resource whose name comes first in the path.

    The value None removes the key.
    """

    def to(value: Any) -> Violation:
        def change(program: Program) -> None:
            name, keys = (path[0], path[1:]) if path[0] in program.props else ("web", path)
            target = program[name]["spec"]
            for key in keys[:-1]:
                target = target.setdefault(key, {}) if isinstance(target, dict) else target[key]
            if value is None:
                target.pop(keys[-1], None)
            else:
                target[keys[-1]] = value

        return change

    return to


def in_pod(*path: Any) -> Callable[[Any], Violation]:
    """Return a setter of a path in the pod spec."""
    return at("template", "spec", *path)


def in_container(*path: Any) -> Callable[[Any], Violation]:
    """Return a setter of a path in the container."""
    return in_pod("containers", 0, *path)


def secure(key: str, value: Any) -> Violation:
    """Set a field of the container's securityContext."""
    return in_container("securityContext", key)(value)


def add_ingress(program: Program, name: str = "front", port: Any = 80) -> None:
    """Add an Ingress that routes to a port of a Service."""
    target = {"name": name, "port": {"number": port} if isinstance(port, int) else {"name": port}}
    rule = {
        "host": "shop.example",
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": target}}]},
    }
    program.add("ingress", "networking.k8s.io/v1:Ingress", {"rules": [rule]})


def add_route(program: Program, name: str = "front", port: int = 80) -> None:
    """Add an HTTPRoute that routes to a port of a Service."""
    program.add(
        "route",
        "gateway.networking.k8s.io/v1:HTTPRoute",
        {"parentRefs": [{"name": "edge"}], "rules": [{"backendRefs": [{"name": name, "port": port}]}]},
    )


def both(*violations: Violation) -> Violation:
    """Return all violations in one."""
    return lambda program: [violation(program) for violation in violations]
