"""Violations of rules about objects: Services, selectors, budgets, autoscalers and rollouts."""

from __future__ import annotations

from tests.support.policy_violations import (
    Violation,
    add_ingress,
    add_job,
    add_overlapping_deployment,
    add_route,
    add_second,
    add_vertical_autoscaler,
    at,
    both,
    in_container,
    without_autoscaler,
)

# Rule, a change that violates it, and a part of the message.
OBJECT_VIOLATIONS: tuple[tuple[str, Violation, str], ...] = (
    ("service-has-pods", at("front", "selector")({"app": "wbe"}), "{'app': 'wbe'}, and no pod of this stack"),
    (
        "service-has-port",
        at("front", "ports")([{"port": 80, "targetPort": "web"}]),
        "'web', and no container of the Deployment web",
    ),
    ("service-no-jobs", add_job, "also matches the pods of the Job once"),
    (
        "service-no-jobs",
        lambda program: add_job(program, "batch/v1:CronJob"),
        "also matches the pods of the CronJob once",
    ),
    ("service-ready-only", at("front", "publishNotReadyAddresses")(True), "reach pods that cannot answer"),
    (
        "ingress-has-service",
        lambda program: add_ingress(program, "wbe"),
        "route to the Service wbe, and this stack has none",
    ),
    (
        "ingress-has-service",
        lambda program: add_ingress(program, port=8080),
        "port 8080 of the Service front, which does not have it (it has",
    ),
    ("ingress-has-service", lambda program: add_ingress(program, port="http"), "port http of the Service front"),
    (
        "route-has-service",
        lambda program: add_route(program, "wbe"),
        "route to the Service wbe, and this stack has none",
    ),
    ("route-has-service", lambda program: add_route(program, port=8080), "port 8080 of the Service front"),
    (
        "selector-own-pods",
        at("selector")({"matchLabels": {"app": "shop"}}),
        "{'app': 'shop'}}, which the labels of its own",
    ),
    (
        "selector-own-pods",
        at("selector")({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a"]}]}),
        "do not match",
    ),
    ("selector-no-release", at("selector", "matchLabels", "version")("7"), "uses the label version"),
    (
        "selector-few-labels",
        both(
            at("template", "metadata", "labels")({"app": "web", "tier": "a"}),
            at("selector", "matchLabels", "tier")("a"),
        ),
        "every label of the pods (app, tier)",
    ),
    ("selector-apart", add_overlapping_deployment, "also matches the pods of the Deployment other"),
    ("budget-present", lambda program: program.types.pop("guard"), "3 pods and no disruption budget"),
    ("budget-has-pods", at("guard", "selector")({"matchLabels": {"app": "wbe"}}), "it protects none"),
    ("budget-has-pods", at("guard", "selector")(None), "spec.selector is unset"),
    ("budget-no-jobs", add_job, "cannot be computed then"),
    ("budget-one-each", add_second, "it and the budget guard-two both match"),
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
    ("budget-unhealthy-pods", at("guard", "unhealthyPodEvictionPolicy")(None), "is unset"),
    ("budget-unhealthy-pods", at("guard", "unhealthyPodEvictionPolicy")("IfHealthyBudget"), "is IfHealthyBudget"),
    ("autoscaler-two-pods", at("scaler", "minReplicas")(1), "minReplicas is 1"),
    ("autoscaler-two-pods", at("scaler", "minReplicas")(None), "unset, so 1"),
    ("autoscaler-room", at("scaler", "maxReplicas")(3), "both 3"),
    ("autoscaler-room", at("scaler", "maxReplicas")(2), "below spec.minReplicas, 3"),
    ("autoscaler-metric", at("scaler", "metrics")(None), "is unset"),
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
    (
        "autoscaler-spare",
        at("scaler", "metrics", 0, "resource", "target", "averageUtilization")(90),
        "targets 90 % of cpu",
    ),
    ("autoscaler-step", at("scaler", "behavior")(None), "stop in one step"),
    ("autoscaler-target", at("scaler", "scaleTargetRef", "name")("wbe"), "'wbe', which this stack does not create"),
    ("autoscaler-alone", lambda program: add_second(program, "scaler", "scaler-two"), "it and scaler-two both scale"),
    ("autoscaler-no-vertical", add_vertical_autoscaler, "the VerticalPodAutoscaler vertical sets"),
    (
        "autoscaler-owns-number",
        lambda program: program.ignored.clear(),
        "spec.replicas is 3, and scaler owns the replica count",
    ),
    ("release-rolls", at("strategy")({"type": "Recreate"}), "Recreate"),
    ("release-keeps-some", at("strategy", "rollingUpdate", "maxUnavailable")("100%"), "is 100%"),
    ("release-keeps-some", at("strategy", "rollingUpdate", "maxUnavailable")(3), "is 3, of 3"),
    ("release-keeps-all", at("strategy")(None), "25%, by default"),
    ("release-keeps-all", at("strategy", "rollingUpdate", "maxUnavailable")(1), "is 1:"),
    ("release-can-move", at("strategy", "rollingUpdate", "maxSurge")(0), "both 0"),
    ("release-deadline", at("progressDeadlineSeconds")(5), "minReadySeconds is 5 and spec.progressDeadlineSeconds 5"),
    ("release-waits", at("minReadySeconds")(None), "is 0"),
    ("pods-several", both(without_autoscaler, at("replicas")(1)), "spec.replicas is 1 and"),
    ("pods-several", both(without_autoscaler, at("replicas")(None)), "unset, so 1"),
)
