"""For each rule of the policy pack, ways to break it, and what its message must say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.policy_stack import LABELS, Program, spread

Spoil = Callable[[Program], Any]
HOST = "kubernetes.io/hostname"


def job(program: Program, kind: str = "batch/v1:Job") -> None:
    template = {
        "metadata": {"labels": dict(LABELS)},
        "spec": {"containers": [{"name": "once", "image": "shop/once:1"}]},
    }
    spec = {"template": template}
    program.add("once", kind, spec if kind.endswith(":Job") else {"jobTemplate": {"spec": spec}})


def second(program: Program, name: str = "guard", other: str = "guard-two") -> None:
    program.add(other, program.types[name].removeprefix("kubernetes:"), program[name]["spec"])


def vertical(program: Program, **spec: Any) -> None:
    program.add(
        "vertical",
        "autoscaling.k8s.io/v1:VerticalPodAutoscaler",
        {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, **spec},
    )


def other(program: Program) -> None:
    """Another Deployment whose pods the first one's selector finds too."""
    program.add(
        "other",
        "apps/v1:Deployment",
        {
            "replicas": 1,
            "selector": {"matchLabels": {"part": "two"}},
            "template": {"metadata": {"labels": {**LABELS, "part": "two"}}, "spec": {"containers": []}},
        },
    )


def fixed(program: Program) -> None:
    """As many pods as its settings say, and no autoscaler."""
    del program.types["scaler"]


def apart(program: Program) -> None:
    program.pod["affinity"] = {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": HOST, "labelSelector": {"matchLabels": dict(LABELS)}}
            ]
        }
    }


def shell(program: Program, *words: str) -> None:
    program.container["lifecycle"] = {"preStop": {"exec": {"command": list(words)}}}


def named(program: Program, **more: Any) -> None:
    del program["settings"]["metadata"]["annotations"]
    program["settings"].update(more)


def at(*path: Any) -> Callable[[Any], Spoil]:
    """Sets what is at a path of the Deployment ``web``, or of the resource whose name comes first in it."""

    def to(value: Any) -> Spoil:
        def spoil(program: Program) -> None:
            name, keys = (path[0], path[1:]) if path[0] in program.props else ("web", path)
            target = program[name]["spec"]
            for key in keys[:-1]:
                target = target.setdefault(key, {}) if isinstance(target, dict) else target[key]
            if value is None:
                target.pop(keys[-1], None)
            else:
                target[keys[-1]] = value

        return spoil

    return to


def in_pod(*path: Any) -> Callable[[Any], Spoil]:
    return at("template", "spec", *path)


def in_container(*path: Any) -> Callable[[Any], Spoil]:
    return in_pod("containers", 0, *path)


def secure(key: str, value: Any) -> Spoil:
    return in_container("securityContext", key)(value)


def way(program: Program, name: str = "front", port: Any = 80) -> None:
    """An Ingress that leads to a port of a Service."""
    target = {"name": name, "port": {"number": port} if isinstance(port, int) else {"name": port}}
    rule = {
        "host": "shop.example",
        "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": target}}]},
    }
    program.add("way", "networking.k8s.io/v1:Ingress", {"rules": [rule]})


def gate(program: Program, name: str = "front", port: int = 80) -> None:
    """An HTTPRoute that does."""
    program.add(
        "gate",
        "gateway.networking.k8s.io/v1:HTTPRoute",
        {"parentRefs": [{"name": "edge"}], "rules": [{"backendRefs": [{"name": name, "port": port}]}]},
    )


def both(*spoils: Spoil) -> Spoil:
    return lambda program: [spoil(program) for spoil in spoils]


SPOILED: tuple[tuple[str, Spoil, str], ...] = (
    ("service-has-pods", at("front", "selector")({"app": "wbe"}), "{'app': 'wbe'}, and no pod of this stack"),
    (
        "service-has-port",
        at("front", "ports")([{"port": 80, "targetPort": "web"}]),
        "'web', and no container of the Deployment web",
    ),
    ("service-no-jobs", job, "also finds the pods of the Job once"),
    ("service-no-jobs", lambda program: job(program, "batch/v1:CronJob"), "also finds the pods of the CronJob once"),
    ("service-ready-only", at("front", "publishNotReadyAddresses")(True), "go to pods that cannot answer"),
    ("ingress-has-service", lambda program: way(program, "wbe"), "lead to the Service wbe, and this stack has none"),
    (
        "ingress-has-service",
        lambda program: way(program, port=8080),
        "port 8080 of the Service front, which has none such (there",
    ),
    ("ingress-has-service", lambda program: way(program, port="http"), "port http of the Service front"),
    ("route-has-service", lambda program: gate(program, "wbe"), "lead to the Service wbe, and this stack has none"),
    ("route-has-service", lambda program: gate(program, port=8080), "port 8080 of the Service front"),
    (
        "selector-own-pods",
        at("selector")({"matchLabels": {"app": "shop"}}),
        "{'app': 'shop'}}, which the labels of its own",
    ),
    (
        "selector-own-pods",
        at("selector")({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a"]}]}),
        "do not meet",
    ),
    ("selector-no-release", at("selector", "matchLabels", "version")("7"), "asks for the label version"),
    (
        "selector-few-labels",
        both(
            at("template", "metadata", "labels")({"app": "web", "tier": "a"}),
            at("selector", "matchLabels", "tier")("a"),
        ),
        "every label of the pods (app, tier)",
    ),
    ("selector-apart", other, "also finds the pods of the Deployment other"),
    ("budget-present", lambda program: program.types.pop("guard"), "3 pods and no disruption budget"),
    ("budget-has-pods", at("guard", "selector")({"matchLabels": {"app": "wbe"}}), "it guards none"),
    ("budget-has-pods", at("guard", "selector")(None), "spec.selector is left out"),
    ("budget-no-jobs", job, "cannot be computed then"),
    ("budget-one-each", second, "it and the budget guard-two both find"),
    ("budget-lets-go", at("guard", "maxUnavailable")(0), "maxUnavailable is 0"),
    ("budget-lets-go", at("guard", "maxUnavailable")("0%"), "maxUnavailable is 0%"),
    (
        "budget-lets-go",
        both(at("guard", "maxUnavailable")(None), at("guard", "minAvailable")("100%")),
        "minAvailable is 100%",
    ),
    (
        "budget-lets-go",
        both(at("guard", "maxUnavailable")(None), at("guard", "minAvailable")(3)),
        "no more than 3 pods",
    ),
    (
        "budget-lets-go",
        both(at("guard", "maxUnavailable")(None), at("guard", "minAvailable")("67%")),
        "minAvailable is 67%",
    ),
    ("budget-keeps", at("guard", "maxUnavailable")(3), "maxUnavailable is 3"),
    ("budget-keeps", at("guard", "maxUnavailable")("67%"), "maxUnavailable is 67%"),
    ("budget-keeps", both(at("guard", "maxUnavailable")(None), at("guard", "minAvailable")(0)), "minAvailable: 0"),
    ("budget-keeps", at("guard", "maxUnavailable")(None), "neither"),
    ("budget-of-many", at("scaler", "minReplicas")(1), "a single pod"),
    ("budget-unhealthy-pods", at("guard", "unhealthyPodEvictionPolicy")(None), "is left out"),
    ("budget-unhealthy-pods", at("guard", "unhealthyPodEvictionPolicy")("IfHealthyBudget"), "is IfHealthyBudget"),
    ("autoscaler-two-pods", at("scaler", "minReplicas")(1), "minReplicas is 1"),
    ("autoscaler-two-pods", at("scaler", "minReplicas")(None), "left out, which is 1"),
    ("autoscaler-room", at("scaler", "maxReplicas")(3), "both 3"),
    ("autoscaler-room", at("scaler", "maxReplicas")(2), "below spec.minReplicas, 3"),
    ("autoscaler-metric", at("scaler", "metrics")(None), "left out"),
    ("autoscaler-request", in_container("resources", "requests", "cpu")(None), "has none: it never scales"),
    (
        "autoscaler-request",
        at("scaler", "metrics")(
            [
                {
                    "type": "ContainerResource",
                    "containerResource": {"name": "cpu", "container": "main", "target": {"averageUtilization": 60}},
                }
            ]
        ),
        "container 'main'",
    ),
    ("autoscaler-spare", at("scaler", "metrics", 0, "resource", "target", "averageUtilization")(90), "to 90 %"),
    ("autoscaler-step", at("scaler", "behavior")(None), "go in one step"),
    ("autoscaler-target", at("scaler", "scaleTargetRef", "name")("wbe"), "'wbe', which this stack does not make"),
    ("autoscaler-alone", lambda program: second(program, "scaler", "scaler-two"), "it and scaler-two both scale"),
    ("autoscaler-no-vertical", vertical, "the VerticalPodAutoscaler vertical sets"),
    (
        "autoscaler-owns-number",
        lambda program: program.ignored.clear(),
        "spec.replicas is 3, and scaler owns the number",
    ),
    ("release-rolls", at("strategy")({"type": "Recreate"}), "Recreate"),
    ("release-keeps-some", at("strategy", "rollingUpdate", "maxUnavailable")("100%"), "is 100%"),
    ("release-keeps-some", at("strategy", "rollingUpdate", "maxUnavailable")(3), "is 3, of 3"),
    ("release-keeps-all", at("strategy")(None), "25%, by default"),
    ("release-keeps-all", at("strategy", "rollingUpdate", "maxUnavailable")(1), "is 1:"),
    ("release-can-move", at("strategy", "rollingUpdate", "maxSurge")(0), "both 0"),
    ("release-deadline", at("progressDeadlineSeconds")(5), "minReadySeconds is 5 and spec.progressDeadlineSeconds 5"),
    ("release-waits", at("minReadySeconds")(None), "is 0"),
    ("pods-several", both(fixed, at("replicas")(1)), "spec.replicas is 1 and"),
    ("pods-several", both(fixed, at("replicas")(None)), "left out, which is 1"),
    ("probe-readiness", in_container("readinessProbe")(None), "no container has a readinessProbe"),
    (
        "probe-liveness-apart",
        in_container("livenessProbe")({"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5}),
        "(15 s, readiness 15 s)",
    ),
    ("probe-startup", in_container("startupProbe")(None), "longer than 30 s"),
    ("probe-port", in_container("readinessProbe", "httpGet", "port")("web"), "'web'"),
    ("end-in-time", in_pod("terminationGracePeriodSeconds")(11), "preStop waits for 10 s of it"),
    ("end-in-time", lambda program: shell(program, "sh", "-c", "sleep 40"), "preStop waits for 40 s"),
    ("end-in-time", in_pod("terminationGracePeriodSeconds")(0), "is 0"),
    ("end-after-wait", in_container("lifecycle")(None), "no container has a preStop"),
    ("end-without-shell", lambda program: shell(program, "/bin/sleep", "10"), "preStop.sleep.seconds: 10"),
    ("end-without-shell", lambda program: shell(program, "/bin/sh", "-c", "sleep 10s"), "preStop.sleep.seconds: 10"),
    ("spread-zones", in_pod("topologySpreadConstraints")([spread(HOST)]), "over topology.kubernetes.io/zone"),
    ("spread-nodes", in_pod("topologySpreadConstraints")([spread("topology.kubernetes.io/zone")]), f"over {HOST}"),
    ("spread-own-pods", in_pod("topologySpreadConstraints", 0, "labelSelector")(None), "has no labelSelector"),
    (
        "spread-own-pods",
        in_pod("topologySpreadConstraints", 0, "labelSelector")({"matchLabels": {"app": "a"}}),
        "{'app': 'a'}",
    ),
    ("spread-releases-apart", in_pod("topologySpreadConstraints", 0, "matchLabelKeys")(None), "add matchLabelKeys"),
    ("spread-soft-nodes", apart, "requires a node for each pod"),
    (
        "spread-lost-zone",
        in_pod("topologySpreadConstraints", 0)(
            {**spread("topology.kubernetes.io/zone"), "minDomains": 3, "whenUnsatisfiable": "DoNotSchedule"}
        ),
        "minDomains is 3",
    ),
    ("spread-any-node", in_pod("nodeSelector")({HOST: "n1"}), "is n1"),
    ("spread-any-node", in_pod("nodeName")("n1"), "nodeName is n1"),
    ("node-loss-seconds", in_pod("tolerations")(None), "replaced after 300 s"),
    ("node-loss-seconds", in_pod("tolerations", 0, "tolerationSeconds")(600), "tolerationSeconds is 600"),
    ("node-loss-seconds", in_pod("tolerations")([{"operator": "Exists"}]), "never replaced elsewhere"),
    ("image-version", in_container("image")("shop/web"), "without a tag"),
    ("image-version", in_container("image")("registry:5000/shop/web:latest"), "a tag that is moved"),
    (
        "image-version",
        in_pod("initContainers")([{"name": "first", "image": "shop/first:main"}]),
        "initContainers[first]",
    ),
    ("image-digest", in_container("image")("shop/web:1.2"), "without a digest"),
    ("configuration-new-name", named, "metadata.name is settings, which the Deployment web reads"),
    ("configuration-new-name", lambda program: named(program, immutable=True), "metadata.name is settings"),
    (
        "api-served",
        lambda program: program.types.update(guard="kubernetes:policy/v1beta1:PodDisruptionBudget"),
        "use policy/v1",
    ),
    ("privilege-none", secure("privileged", True), "privileged is true"),
    ("privilege-fixed", secure("allowPrivilegeEscalation", True), "allowPrivilegeEscalation is true"),
    ("privilege-no-root", secure("runAsUser", 0), "user 0"),
    ("privilege-no-root", in_pod("securityContext", "runAsUser")(0), "user 0"),
    (
        "privilege-capabilities",
        secure("capabilities", {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "SYS_ADMIN"]}),
        "SYS_ADMIN",
    ),
    ("privilege-own-namespaces", in_pod("hostNetwork")(True), "hostNetwork is true"),
    ("privilege-own-namespaces", in_pod("hostPID")(True), "hostPID is true"),
    (
        "privilege-own-files",
        in_pod("volumes")([{"name": "logs", "hostPath": {"path": "/var/log"}}]),
        "logs is the node's own /var/log",
    ),
    ("privilege-own-ports", in_container("ports", 0, "hostPort")(80), "hostPort is 80"),
    (
        "privilege-hardened",
        in_container("securityContext")(None),
        "readOnlyRootFilesystem: true, capabilities.drop: [ALL]",
    ),
    ("privilege-no-token", in_pod("automountServiceAccountToken")(None), "use false"),
    ("resources-requested", in_container("resources")(None), "lacks cpu and memory"),
    ("resources-bounded", in_container("resources", "limits")(None), "lacks memory"),
)
